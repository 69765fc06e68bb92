"""The README's figures, written from the results that are committed: nothing is typed by hand.

`make readme` puts the Markdown into README.md and README.kk.md, and `make check` fails when they no
longer agree with eval/results/*.json.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from chat import confidence
from eval.baselines import OFF_TOPIC, OWN, RESULTS, TYPED, VERIFICATION
from eval.metrics.unanswerable import KINDS, name_at_refusal, name_of
from eval.scale import SCALE
from eval.sizing import SIZING

_DIRECTIONS: Final = ("kk->kk", "en->en", "en->kk", "kk->en")
_OWN_FIGURES: Final = ("right_sentence@all", "answer_in_citation@all", "ndcg@10")
_READ_FIGURES: Final = (
    "sentence_precision",
    "parts_cited",
    "all_parts_cited",
    "short_answer_exact",
    "short_answer_f1",
    "short_answer_stem_f1",
)
_SURE_FIGURES: Final = (
    "answered_near_miss@10%refused",
    "answered_withheld@10%refused",
    "auroc_near_miss",
    "ece",
    "risk@50%coverage",
)
_FIGURES: Final = ("ndcg@10", "right", "answer_in_citation@all", "error", "hallucination")

_WORDS: Final = {
    "en": {
        "own": "Over the two documents that ship, {n} answerable hand-written questions that no"
        " setting was chosen on (`eval/sets/foreign_policy.test.jsonl`; question → document):",
        "all": "All sets, the public ones in their development halves; in those, “unanswerable” is"
        " the same question with what answers it taken out (near misses):",
        "direction": "direction",
        "set": "set",
        "n": "n",
        "everything": "all",
        "right_sentence@all": "right sentence cited",
        "answer_in_citation@all": "short answer in citations",
        "ndcg@10": "nDCG@10",
        "right": "right",
        "error": "answerable, refused",
        "hallucination": "unanswerable, answered",
        OFF_TOPIC: "{n} questions about other things asked of the two documents: {refused} are"
        " refused.",
        "read": "How much of what is shown answers, and the short answer held against the known"
        " ones, as SQuAD does:",
        "sentence_precision": "cited sentences that answer",
        "parts_cited": "parts cited, where several are needed",
        "all_parts_cited": "… all of them",
        "short_answer_exact": "exact match",
        "short_answer_f1": "token F1",
        "short_answer_stem_f1": "F1 of stems",
        "sure": "How well confidence tells. Near misses are counted as answered at the threshold"
        " that refuses one in ten answerable questions of the same set:",
        "answered_near_miss@10%refused": "near misses answered",
        "answered_withheld@10%refused": "near misses by removal answered",
        "auroc_near_miss": "AUROC, near misses",
        "ece": "calibration error (ECE)",
        "risk@50%coverage": "wrong among the surest half",
        "kinds": "Unanswerable questions of `{name}` that are answered, at the threshold that is"
        " set and at that one:",
        "kind": "kind",
        "near-miss": "near miss",
        "withheld": "near miss by removal",
        "false-premise": "false premise",
        "underspecified": "underspecified",
        "off-topic": "off topic",
        "nonsense": "nonsense",
        "answered": "answered",
        "at": "at 10 % refused",
        "sentence": "A gold sentence ranked first where its passage is given: {figures}.",
        "languages": "Where a Kazakh and an English passage both answer (`{name}`), the Kazakh one"
        " is among the first ten for {kk}, the English one for {en}.",
        "valid": "Citations that are true to the letter: {valid}, of {n} answers.",
        "note": "In brackets: 95 % bootstrap intervals; n: answerable + unanswerable."
        " *Right* is a gold sentence cited (all, where all are needed), else a relevant document."
        " `eval/results/` has all figures, `eval/LOG.md` what was tried.",
    },
    "kk": {
        "own": "Жобамен бірге келетін екі құжат бойынша қолмен жазылған, бірде-бір баптау солар"
        " арқылы таңдалмаған, жауабы бар {n} сұрақ (`eval/sets/foreign_policy.test.jsonl`;"
        " сұрақ → құжат):",
        "all": "Барлық жиындар, ашық жиындардың әзірлеуге арналған бөліктері; оларда «жауабы жоқ» –"
        " сол сұрақтың өзі, бірақ жауабы бар үзінді алынып тасталған:",
        "direction": "бағыт",
        "set": "жиын",
        "n": "n",
        "everything": "барлығы",
        "right_sentence@all": "дұрыс сөйлем келтірілді",
        "answer_in_citation@all": "қысқа жауап дәйексөзде бар",
        "ndcg@10": "nDCG@10",
        "right": "дұрыс",
        "error": "жауабы бар, бас тартты",
        "hallucination": "жауабы жоқ, жауап берді",
        OFF_TOPIC: "Екі құжатқа қатысы жоқ {n} сұрақ қойылды, бас тартқаны: {refused}.",
        "read": "Көрсетілген сөйлемдердің қаншасы жауап береді және қысқа жауап белгілі жауаптарға"
        " қаншалықты сай (SQuAD бойынша):",
        "sentence_precision": "келтірілгендердің ішінде жауабы бар сөйлемдер",
        "parts_cited": "бірнеше сөйлем керек болғанда, келтірілген бөлігі",
        "all_parts_cited": "… бәрі келтірілді",
        "short_answer_exact": "дәл сәйкестік",
        "short_answer_f1": "сөздер бойынша F1",
        "short_answer_stem_f1": "түбірлер бойынша F1",
        "sure": "Сенімділік көрсеткіші қаншалықты дәл. Тақырыбы жақын, бірақ жауабы жоқ сұрақтарға"
        " жауап беру сол жиынның жауабы бар сұрақтарының оннан біріне жауап беруден бас"
        " тартылатын шекте есептелген:",
        "answered_near_miss@10%refused": "тақырыбы жақын, жауабы жоқ: жауап берді",
        "answered_withheld@10%refused": "жауабы алынып тасталған, жауап берді",
        "auroc_near_miss": "AUROC, жақын сұрақтар",
        "ece": "калибрлеу қатесі (ECE)",
        "risk@50%coverage": "ең сенімді жартысындағы қателер",
        "kinds": "`{name}` жиынындағы жауабы жоқ сұрақтарға жауап беру, әдепкі шекте және сол"
        " шекте:",
        "kind": "түрі",
        "near-miss": "тақырыбы жақын, жауабы жоқ",
        "withheld": "жауабы алынып тасталған",
        "false-premise": "жалған алғышартты",
        "underspecified": "не туралы екені айтылмаған",
        "off-topic": "тақырыптан тыс",
        "nonsense": "мағынасыз",
        "answered": "жауап берді",
        "at": "бас тарту 10 % болғанда",
        "sentence": "Үзіндісі берілгенде, жауабы бар сөйлемнің бірінші тұруы: {figures}.",
        "languages": "Қазақша да, ағылшынша да үзінді жауап беретін жерде (`{name}`) алғашқы онның"
        " ішінде қазақшасының болуы: {kk}, ағылшыншасының болуы: {en}.",
        "valid": "Дәлме-дәл дәйексөздер: {valid}, жауап саны: {n}.",
        "note": "Жақшада: 95 % бутстреп аралығы; n: жауабы бар + жауабы жоқ."
        " *Дұрыс* дегеніміз – жауабы бар сөйлемнің (бірнешеуі керек болса, бәрінің), ол болмаса,"
        " тиісті құжаттың келтірілуі. Барлық көрсеткіш `eval/results/`"
        " қалтасында, не байқап көрілгені `eval/LOG.md` файлында.",
    },
}

_CHECKS: Final = ("right", "number", "passage", "other", "false")
_CHECKED: Final = {
    "en": {
        "set": "sentences of",
        "right": "right ones that stand",
        "number": "wrong numbers found out",
        "passage": "wrong passages found out",
        "other": "other topics found out",
        "false": "false ones without a wrong number found out",
    },
    "kk": {
        "set": "қай жиынның сөйлемдері",
        "right": "дұрысы расталды",
        "number": "қате саны табылды",
        "passage": "қате үзінді табылды",
        "other": "бөтен тақырып табылды",
        "false": "саны дұрыс жалған сөйлем табылды",
    },
}

_LIES: Final = {
    "en": {
        "kind": "kind",
        "passed": "shown as supported",
        "control": "true sentences",
        "all": "lies of all kinds",
        "mechanical": "of these, told by their signs alone (the first five below)",
        "address": "an address that is not there",
        "digits_disguised": "wrong numbers in other digits (¹⁶⁰, ₁₉₀₀)",
        "invisible": "wrong numbers with invisible signs inside",
        "roman": "wrong Roman numerals",
        "unit": "another unit",
        "comparison": "more and less, before and after turned round",
        "false_tail": "a false clause at the end of a true sentence",
        "kk_quantity_suffix": "a wrong collective number in Kazakh (екеуі, алтауын)",
        "names_lowercase": "a wrong name in lower case or in one word",
        "names_swapped": "two names swapped",
        "negation": "negation",
        "number_in_words": "a wrong number in words",
        "other_person": "another person's deed",
        "percent_for_share": "percent for a share",
        "quantifier": "all, only, none",
        "relation": "who did what to whom, turned round",
    },
    "kk": {
        "kind": "түрі",
        "passed": "расталды деп көрсетілді",
        "control": "рас сөйлемдер",
        "all": "барлық түрдегі жалған сөйлем",
        "mechanical": "оның ішінде таңбасынан-ақ білінетіні (төмендегі алғашқы бесеуі)",
        "address": "құжатта жоқ мекенжай",
        "digits_disguised": "басқаша жазылған қате сан (¹⁶⁰, ₁₉₀₀)",
        "invisible": "ішінде көрінбейтін таңба бар қате сан",
        "roman": "қате рим цифры",
        "unit": "басқа өлшем бірлігі",
        "comparison": "артық пен кемнің, бұрын мен кейіннің ауысуы",
        "false_tail": "рас сөйлемнің соңындағы жалған бөлік",
        "kk_quantity_suffix": "жинақтық сан есіммен айтылған қате сан (екеуі, алтауын)",
        "names_lowercase": "кіші әріппен не бірге жазылған бөтен есім",
        "names_swapped": "ауысып кеткен екі есім",
        "negation": "болымсыз етіп айтылғаны",
        "number_in_words": "сөзбен жазылған қате сан",
        "other_person": "басқа адамға телінген іс",
        "percent_for_share": "үлестің орнына пайыз",
        "quantifier": "«бәрі», «тек», «ешқайсысы» деп асыру",
        "relation": "кім кімге не істегені керісінше",
    },
}

_RISKS: Final = ("answerable_refused", "near_miss_answered", "off_topic_answered")
_RISK: Final = {
    "en": {
        "threshold": "threshold",
        "answerable_refused": "answerable, refused",
        "near_miss_answered": "near misses, answered",
        "off_topic_answered": "off topic, answered",
    },
    "kk": {
        "threshold": "шек",
        "answerable_refused": "жауабы бар, бас тартты",
        "near_miss_answered": "жауабы алынып тасталған, жауап берді",
        "off_topic_answered": "тақырыптан тыс, жауап берді",
    },
}
_TYPING: Final = {
    "en": {
        "typed": "typed",
        "clean": "as written",
        "latin-2017": "Latin of 2017 (Qazaqstannyn')",
        "latin-2018": "Latin of 2018 (Qazaqstannyń)",
        "latin-2021": "Latin of 2021 (Qazaqstannyñ)",
        "latin": "Latin as people type (Qazaqstannyn)",
        "russian": "on a Russian keyboard (Казакстаннын)",
        "slip": "one wrong letter",
    },
    "kk": {
        "typed": "қалай терілген",
        "clean": "жазылған күйінде",
        "latin-2017": "2017 жылғы латын әліпбиі (Qazaqstannyn')",
        "latin-2018": "2018 жылғы латын әліпбиі (Qazaqstannyń)",
        "latin-2021": "2021 жылғы латын әліпбиі (Qazaqstannyñ)",
        "latin": "жұрттың өзінше латынша теруі (Qazaqstannyn)",
        "russian": "орыс пернетақтасымен (Казакстаннын)",
        "slip": "бір әрпі қате",
    },
}


_MANY: Final = {
    "en": "{passages} passages ({characters} million characters) take {minutes} minutes of"
    " processor time, {memory} MB of memory and {size} MB on the disk to index; again, with"
    " {changed} of them changed, {again} minutes, {share} % of that (`python -m eval.scale`).\n",
    "kk": "{passages} үзіндіні ({characters} млн таңба) индекстеуге процессордың {minutes} минуты,"
    " {memory} МБ жад пен {size} МБ диск кетеді; {changed} үзіндісі өзгергенде қайта индекстеуге"
    " {again} минут, яғни соның {share} пайызы кетеді (`python -m eval.scale`).\n",
}


def measured(language: Literal["en", "kk"]) -> str:
    """Return the tables of the README in a language."""
    words = _WORDS[language]
    own, off_topic = _read(OWN[0]), _read(OFF_TOPIC)
    refused = off_topic["tags"]["off-topic"]
    valid = own["figures"]["citation_validity"]
    rows = [(name.replace("->", " → "), own["directions"][name]) for name in _DIRECTIONS]
    sets = [_read(path.stem) for path in sorted(RESULTS.glob("*.json")) if _is_set(path.stem)]
    lines = [
        words["own"].format(n=own["figures"]["error"]["n"]),
        "",
        *_table([words["direction"], words["n"], *(words[name] for name in _OWN_FIGURES)]),
        *(_row(f"{name} | {_n(figures)}", figures, _OWN_FIGURES) for name, figures in rows),
        _row(f"**{words['everything']}** | {_n(own['figures'])}", own["figures"], _OWN_FIGURES),
        "",
        words["valid"].format(valid=_format_figure(valid), n=valid["n"]),
        words[OFF_TOPIC].format(n=refused["n"], refused=_format_figure(refused)),
        "",
        words["all"],
        "",
        *_table([words["set"], words["n"], *(words[name] for name in _FIGURES)]),
        *(_row(f"{run['set']} | {run['n']}", run["figures"], _FIGURES) for run in sets),
        *_table_of(words, "read", sets, _READ_FIGURES),
        *_table_of(words, "sure", sets, _SURE_FIGURES),
        *_kinds(words, own),
        "",
        _sentence(words["sentence"], sets),
        *_languages(words["languages"], sets),
        "",
        words["note"],
    ]
    return "\n".join(lines) + "\n"


def _table_of(
    words: Mapping[str, str], name: str, sets: Sequence[dict[str, Any]], figures: Sequence[str]
) -> Iterator[str]:
    """Return a table of some figures, of the sets that were measured by them; perhaps none."""
    columns = [one for one in figures if any(one in run["figures"] for run in sets)]
    rows = [run for run in sets if any(one in run["figures"] for one in columns)]
    if rows:
        yield from ("", words[name], "")
        yield from _table([words["set"], *(words[column] for column in columns)])
        yield from (_row(run["set"], run["figures"], columns) for run in rows)


def _kinds(words: Mapping[str, str], run: dict[str, Any]) -> Iterator[str]:
    """Return a table of how often each kind of unanswerable question is answered, if known."""
    figures = run["figures"]
    kinds = [kind for kind in KINDS if name_of(kind) in figures]
    if kinds:
        yield from ("", words["kinds"].format(name=run["set"]), "")
        yield from _table([words["kind"], "n", words["answered"], words["at"]])
    for kind in kinds:
        n = figures[name_of(kind)]["n"]
        yield _row(f"{words[kind]} | {n}", figures, (name_of(kind), name_at_refusal(kind)))


def _sentence(words: str, sets: Sequence[dict[str, Any]]) -> str:
    name = "sentence_in_passage@1"
    figures = ((run["set"], run["figures"][name]) for run in sets if name in run["figures"])
    return words.format(
        figures=", ".join(
            f"{name} {_format_figure(figure)}, n {figure['n']}" for name, figure in figures
        )
    )


def _languages(words: str, sets: Sequence[dict[str, Any]]) -> Iterator[str]:
    for run in sets:
        recalls = [run["figures"].get(f"recall_{language}@10") for language in ("kk", "en")]
        if all(recalls):
            kk, en = map(_format_figure, recalls)
            yield words.format(name=run["set"], kk=kk, en=en)


def risk(language: Literal["en", "kk"]) -> str:
    """Return the table of what a threshold risks."""
    trained = json.loads(confidence.TRAINED.read_text("utf-8"))
    columns = [_RISK[language][name] for name in ("threshold", *_RISKS)]
    chosen = f"{trained['threshold']:.2f}"
    rows = (
        f"| {f'**{step}**' if step == chosen else step}"
        f" | {' | '.join(f'{shares[name]:.2f}' for name in _RISKS)} |"
        for step, shares in trained["record"]["risk"]["by_threshold"].items()
    )
    return "\n".join([*_table(columns), *rows]) + "\n"


def checked(language: Literal["en", "kk"]) -> str:
    """Return the table of what the check of a model's sentences is worth."""
    words, sets = _CHECKED[language], _read(VERIFICATION)["sets"]
    rows = (
        f"| {name} | {' | '.join(_with_n(figures.get(check)) for check in _CHECKS)} |"
        for name, figures in sets.items()
    )
    return "\n".join([*_table([words["set"], *(words[check] for check in _CHECKS)]), *rows]) + "\n"


def lies(language: Literal["en", "kk"]) -> str:
    """Return the table of how many lies are shown as supported, by kind."""
    words, figures = _LIES[language], _read(VERIFICATION)["lies"]
    rows = (f"| {words[kind]} | {_with_n(figures[kind])} |" for kind in words if kind in figures)
    return "\n".join([*_table([words["kind"], words["passed"]]), *rows]) + "\n"


def _with_n(figure: dict[str, Any] | None) -> str:
    return f"{_format_figure(figure)}, n {figure['n']}" if figure else "–"


def as_typed(language: Literal["en", "kk"]) -> str:
    """Return the table of what it costs to type Kazakh in other ways."""
    words, sets = _TYPING[language], _read(TYPED)
    ways = list(next(iter(sets.values()))["ways"])
    rows = (
        f"| {words[way]} | "
        + " | ".join(_format_change(costs["ways"][way]) for costs in sets.values())
        + " |"
        for way in ways
    )
    clean = (_format_figure(costs["clean"]) for costs in sets.values())
    heads = [words["typed"], *(f"{name} (n {costs['clean']['n']})" for name, costs in sets.items())]
    first = f"| {words['clean']} | {' | '.join(clean)} |"
    return "\n".join([*_table(heads), first, *rows]) + "\n"


def _format_change(figures: dict[str, Any]) -> str:
    low, high = figures["change"]["interval"]
    points = (100 * share for share in (figures["change"]["value"], low, high))
    change, low, high = points
    return f"{figures['recall']['value']:.3f}, {change:+.1f} ({low:+.1f} … {high:+.1f})"


def many(language: Literal["en", "kk"]) -> str:
    """Return the sentences on what it costs to index many passages, and some of them again."""
    costs = _read(SCALE)
    first, second = costs["first"], costs["second"]
    return _MANY[language].format(
        passages=_thousands(costs["passages"], language),
        characters=round(costs["characters"] / 1e6),
        minutes=round(first["processor_seconds"] / 60),
        memory=_thousands(max(first["memory_mb"], second["memory_mb"]), language),
        size=_thousands(costs["index_mb"], language),
        changed=_thousands(costs["changed"], language),
        again=round(second["processor_seconds"] / 60, 1),
        share=round(100 * costs["second_of_first"], 1),
    )


def _thousands(number: int, language: Literal["en", "kk"]) -> str:
    """Write a number as a language groups its figures; in Kazakh by a space that does not break."""
    return f"{number:,}" if language == "en" else f"{number:,}".replace(",", "\u00a0")


def _is_set(name: str) -> bool:
    return name not in ("bench", OFF_TOPIC, SCALE, SIZING, TYPED, VERIFICATION)


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return data


def _table(columns: Sequence[str]) -> list[str]:
    return [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]


def _row(first: str, figures: dict[str, Any], columns: Sequence[str]) -> str:
    cells = (_format_figure(figures[name]) if name in figures else "–" for name in columns)
    return f"| {first} | {' | '.join(cells)} |"


def _n(figures: dict[str, Any]) -> str:
    """Return how many questions are answerable and, if any are not, how many are not."""
    counts = [figures[name]["n"] for name in ("error", "hallucination") if name in figures]
    return " + ".join(map(str, counts))


def _format_figure(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({low:.2f}–{high:.2f})"
