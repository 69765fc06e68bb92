"""The README's figures, written from the results that are committed: nothing is typed by hand.

In: eval/results/*.json. Out: Markdown. `make readme` puts it into README.md and README.kk.md, and
`make check` fails when they no longer agree.
"""

import json
from pathlib import Path
from typing import Any, Final, Literal

_RESULTS: Final = Path(__file__).parent / "results"
_DIRECTIONS: Final = ("kk->kk", "en->en", "en->kk", "kk->en")

_WORDS: Final = {
    "en": {
        "smoke": "A right sentence is among the one to three that are cited, on {n} hand-written"
        " questions over the two documents (`eval/sets/smoke.jsonl`, question → document;"
        " settings were chosen on other questions):",
        "beir": "Retrieval on public sets, nDCG@10 (development halves; how to run them:"
        " `eval/LOG.md`):",
        "all": "all",
        "direction": "direction",
        "share": "right sentence cited",
        "refused": "unanswerable, refused",
        "valid": "citations true to the letter",
        "set": "set",
        "dense": "dense leg alone",
        "both": "both legs",
        "note": "In brackets: 95 % bootstrap intervals.",
    },
    "kk": {
        "smoke": "Екі құжат бойынша қолмен жазылған {n} сұрақта дұрыс сөйлем келтірілген бір-үш"
        " сөйлемнің арасында тұр (`eval/sets/smoke.jsonl`, сұрақ → құжат; баптаулар басқа"
        " сұрақтар бойынша таңдалды):",
        "beir": "Ашық жиындардағы іздеу, nDCG@10 (әзірлеуге арналған бөліктері; қалай іске қосу"
        " керегі `eval/LOG.md` файлында):",
        "all": "барлығы",
        "direction": "бағыт",
        "share": "дұрыс сөйлем келтірілді",
        "refused": "жауабы жоқ сұрақтан бас тартты",
        "valid": "әрпіне дейін дәл дәйексөздер",
        "set": "жиын",
        "dense": "тек векторлық іздеу",
        "both": "екеуі бірге",
        "note": "Жақшада: 95 % бутстрап аралығы.",
    },
}


def measured(language: Literal["en", "kk"]) -> str:
    """Return the tables of the README in a language."""
    words = _WORDS[language]
    smoke = _read("smoke.json")
    overall = smoke["right_sentence_cited"]
    rows = [(name.replace("->", " → "), smoke["by_direction"][name]) for name in _DIRECTIONS]
    lines = [
        words["smoke"].format(n=overall["n"]),
        "",
        f"| {words['direction']} | {words['share']} | n |",
        "|---|---|---|",
        *(_row(name, figure) for name, figure in rows),
        _row(f"**{words['all']}**", overall),
        _row(words["refused"], smoke["unanswerable_refused"]),
        _row(words["valid"], smoke["citations_valid"]),
        "",
        words["beir"],
        "",
        f"| {words['set']} | {words['dense']} | {words['both']} | n |",
        "|---|---|---|---|",
        *(
            f"| {name} | {_beir(figures['dense'])} | {_beir(figures['both'])} |"
            f" {figures['both']['n']} |"
            for name, figures in _read("beir.json")["sets"].items()
        ),
        "",
        words["note"],
    ]
    return "\n".join(lines) + "\n"


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((_RESULTS / name).read_text("utf-8"))
    return data


def _row(name: str, figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"| {name} | {figure['rate']:.3f} ({low:.2f}-{high:.2f}) | {figure['n']} |"


def _beir(figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['ndcg@10']:.3f} ({low:.3f}-{high:.3f})"
