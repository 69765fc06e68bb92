"""Tests of eval/bench: every part runs, in small, and the page of it can be written."""

import json
import shutil
from xml.etree import ElementTree

import pytest
from campaign import only_at_length

from eval.bench import __main__ as bench
from eval.bench.limits import INNER, LAYERS, TRUNK_WEIGHTS, WIDTH, trunk_flops
from eval.bench.page_load import asked_by_sessions, crossed
from eval.bench.peer_process import DALEL
from eval.bench.performance import Machine, beside_limits, performance, read_results
from eval.bench.performance_plots import limits_plot, path_plot, peers_plot
from eval.bench.plan import SMALL
from eval.bench.spread import processes, spread
from eval.training.exported_weights import exported_weights
from index.embedders.embedded import MODEL


@pytest.fixture(scope="module")
def home(shipped_home, tmp_path_factory):
    """Return a home of our own with the index of the two documents that ship."""
    folder = tmp_path_factory.mktemp("өлшем")
    shutil.copytree(shipped_home / "index", folder / "index")
    return folder


def positive(spreads):
    """Say whether a spread, or each of a dictionary of them, is of times above 0, in order."""
    if "median" not in spreads:
        return bool(spreads) and all(map(positive, spreads.values()))
    return 0 < spreads["low"] <= spreads["median"] <= spreads["high"] and spreads["n"] >= 1


def start_up(part):
    assert all(positive(part[name]) for name in ("python", "help", "ask", "sentence_transformers"))
    seconds = {name: part[name]["seconds"]["median"] for name in ("python", "help", "ask")}
    assert seconds["python"] < seconds["help"] < seconds["ask"]
    assert part["flops"] > trunk_flops(100)
    assert part["vector_bytes"] > 0


def warm_answer(part):
    assert positive(part["seconds"])
    assert positive(part["stages_ms"])
    assert part["seconds"]["n"] == SMALL.questions
    assert part["seconds_p95"] >= part["seconds"]["median"]
    assert part["texts_embedded"]["median"] >= 1
    assert part["windows_read"]["median"] >= 1
    assert part["vector_bytes"]["median"] > 0


def bulk_embedding(part):
    assert positive(part[DALEL])
    assert positive(part["sentence_transformers"])
    assert part["passages"] == SMALL.passages
    assert part["cosine"] > 0.999, "both embed with the same model"


def indexing(part):
    assert positive(part["index"])
    assert part["texts_embedded"] > part["passages"] > 10
    assert part["flops"] > part["texts_embedded"] * trunk_flops(4)


def query_path(part):
    assert [size["passages"] for size in part["sizes"]] == [*SMALL.sizes]
    for size in part["sizes"]:
        assert positive(size["stages"])
        assert size["flat_bytes"] == 4 * WIDTH * size["vectors"] > 0
        assert size["vector_bytes"] > 0
    assert part["exponents"].keys() == part["sizes"][0]["stages"].keys()


def page(part):
    asked = SMALL.sessions * SMALL.each
    counts = {"different": asked, "echo": asked, "same": 2 * asked}
    counts["lasting"] = SMALL.lasting - 3 * asked
    for kind, questions in counts.items():
        assert part[kind]["questions"] == questions > 0
        assert part[kind]["per_second"] > 0
        assert part[kind]["errors"] == part[kind]["crossed"] == 0
    assert [*part["memory_mb"]] == ["start", "middle", "end"]
    assert all(one["resident"] > one["own"] > 50 for one in part["memory_mb"].values())
    assert part["browser"] is None or positive(part["browser"])


def peers(part):
    assert part["questions"] == SMALL.questions
    assert part["passages"] > SMALL.others
    asked = {name: took for name, took in part["peers"].items() if "ndcg@10" in took}
    assert asked.keys() >= {DALEL, "by_hand", "vectors"}, "what they need is installed with Dalel"
    for took in asked.values():
        assert positive(took["query_seconds"])
        assert 0 < took["ndcg@10"] <= 1
        assert took["memory_mb"] > 50
    for name in part["peers"].keys() - asked:
        assert part["peers"][name]["missing"], "what is there can be asked"


CHECKS = {
    check.__name__: check
    for check in (start_up, warm_answer, bulk_embedding, indexing, query_path, page, peers)
}


@pytest.fixture(scope="module")
def results():
    """What the parts below have measured."""
    return {}


@only_at_length
@pytest.mark.slow
@pytest.mark.model
@pytest.mark.parametrize("name", bench.PARTS)
def test_a_part_is_measured_beside_the_machine(name, home, results):
    results[name] = part = json.loads(json.dumps(bench.measured(name, SMALL, home)))
    for threads in ("one", "all"):
        assert part["limits"][threads]["bytes_per_second"] > 1e6
        assert part["limits"][threads]["flops_per_second"] > 1e6
    assert part["version"]
    CHECKS[name](part)


@only_at_length
@pytest.mark.slow
@pytest.mark.model
def test_the_page_can_be_written_of_what_was_measured(results):
    if results.keys() != bench.PARTS.keys():
        pytest.skip(
            "not all parts were measured: the tests before this one were not run, or failed"
        )
    text = performance(results)
    assert "| by hand |" in text
    assert "for lack of" in text or "LlamaIndex |" in text
    for plot in (limits_plot, path_plot, peers_plot):
        ElementTree.fromstring(plot(results))


@pytest.mark.slow
@pytest.mark.model
def test_one_part_is_measured_anew_and_the_others_stay(tmp_path, capsys):
    out = tmp_path / "өлшем.json"
    out.write_text('{"page": {"бұрынғы": 1}, "жоқ бөлім": {}}', "utf-8")
    assert bench.main(["--small", "--only", "warm_answer", "--out", str(out)]) == 0
    result = json.loads(out.read_text("utf-8"))
    assert [*result] == ["warm_answer", "page"], (
        "in the order of the parts; what is none is left out"
    )
    assert result["page"] == {"бұрынғы": 1}
    CHECKS["warm_answer"](result["warm_answer"])
    assert '"texts_embedded"' in capsys.readouterr().out


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(RuntimeError, match=r"ended with 3, expected 0: қате"):
        processes(
            {"fails": ["python3", "-c", "import sys; sys.stderr.write('қате'); sys.exit(3)"]}, 1
        )


def test_processes_take_turns(tmp_path):
    log = tmp_path / "кезек"
    say = f"open({str(log)!r}, 'a').write"
    took = processes({name: ["python3", "-c", f"{say}('{name}')"] for name in "ab"}, 2)
    assert log.read_text() == "ab" * 3, "and the first round does not count"
    assert took["a"]["seconds"]["n"] == 2
    assert spread([2.0])["low"] == 2.0


def test_the_trunk_has_as_many_weights_as_the_file_that_ships():
    matrices = [one for one in exported_weights(MODEL).values() if one.ndim == 2]
    assert sum(matrix.numel() for matrix in matrices) == TRUNK_WEIGHTS
    assert {size for matrix in matrices for size in matrix.shape} == {WIDTH, INNER}
    assert len(matrices) == 6 * LAYERS


def test_all_questions_of_all_sessions_differ():
    first, more = asked_by_sessions(50, 10), asked_by_sessions(50, 40, 1)
    asked = [question for session in first + more for question in session]
    assert len(asked) == len(set(asked)) == 50 * 10 + 50 * 40


def test_an_answer_under_another_question_is_crossed():
    def shown(past, last):
        return tuple(
            "".join(f'<h2 class="dalel-asked">{one}</h2>' for one in each) for each in (past, last)
        )

    asked = ["Ол қайда?", "A & B?"]
    assert crossed(asked, [shown([], ["Ол қайда?"]), shown(["Ол қайда?"], ["A &amp; B?"])]) == 0
    assert crossed(asked, [shown([], ["Ол қайда?"]), shown(["Кім?"], ["A &amp; B?"])]) == 1
    assert crossed(asked, [shown([], ["Кім?"]), None]) == 1


def test_a_limit_is_the_longer_of_products_and_bytes_at_the_best_of_its_machine():
    def part(machine, flops, size):
        rates = {"bytes_per_second": size, "flops_per_second": flops}
        return {"machine": machine, "limits": {"one": rates, "all": rates}}

    results = {"page": part("a", 100, 5), "peers": part("a", 200, 20), "indexing": part("b", 9, 90)}
    assert Machine.of(results, "page") == Machine.of(results, "peers") == Machine(200, 20)
    assert Machine.of(results, "indexing") == Machine(9, 90)
    assert Machine(200, 20).seconds(400, 20) == 2.0
    assert Machine(200, 20).seconds(100, 60) == 3.0


def test_the_committed_figures_have_limits():
    for one in beside_limits(read_results()):
        assert one.limit > 0, one.name
        assert one.low <= one.seconds <= one.high
