"""Many at once, and anything at all, at the handler that answers the page."""

import asyncio
import html
import random
import re
import string

import pytest
from campaign import at_length
from served import serving

from chat.settings import Settings
from chat.web.i18n import Translations
from chat.web.page import _ask_handler
from chat.web.site import ConcurrencyLimit, Site
from eval.load import ask_all
from index.indexer import Indexer, LiveIndex

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Of gradio's and its libraries' imports.
    pytest.mark.model,
]

SESSIONS, QUESTIONS = at_length((50, 10), (3, 2))
SEED = 20261122


@pytest.mark.slow
@pytest.mark.campaign
def test_sessions_get_their_own_answers_and_no_errors(shipped_home):
    asked = [
        [f"{session}-{number} сұрақ: Қытаймен шекара туралы шарт қай жылы жасалды?"
         for number in range(QUESTIONS)]
        for session in range(SESSIONS)
    ]  # fmt: skip
    with serving(shipped_home) as (url, _):
        came = asyncio.run(ask_all(f"{url}/kk", asked))
    for questions, shown in zip(asked, came, strict=True):
        for number, each in enumerate(shown):
            past, last = each
            assert _questions(past) == questions[:number]
            assert _questions(last) == [questions[number]]
            assert "1994" in last
            assert "dalel-trouble" not in last


def _questions(shown):
    return [html.unescape(each) for each in re.findall(r"dalel-asked\">(.*?)</h2>", shown)]


def test_over_the_limit_one_is_told_so_and_answered_later(shipped_home, tmp_path, few_windows):
    """All ask at once; those for whom there is no room are told, and can ask again at once."""
    site = _site(shipped_home, tmp_path, ConcurrencyLimit(max_running=1, max_waiting=4))
    handler = _ask_handler(Translations("kk"), site)

    async def everybody():
        first = await asyncio.gather(*(_last(handler, f"Қытай туралы {n}?") for n in range(30)))
        return first, await _last(handler, "Арал теңізі неге тартылды?")

    first, again = asyncio.run(everybody())
    busy = [shown for shown in first if "Қазір кезекте сұрақ көп." in shown]
    assert len(busy) == 30 - 5
    assert "Арал теңізі" in again
    assert "dalel-evidence" in again


@pytest.mark.campaign
def test_whatever_is_asked_the_handler_does_not_raise(shipped_home, tmp_path, few_windows):
    """10,000 questions under `make campaign`."""
    site = _site(shipped_home, tmp_path, ConcurrencyLimit())
    handler = _ask_handler(Translations("ru"), site)
    chance = random.Random(SEED)
    count = at_length(10_000, 30)

    async def everything():
        for _ in range(count):
            shown = await _last(handler, _anything(chance))
            assert shown.startswith("<article")
            assert "\n" not in shown
        return await _last(handler, "Арал теңізі неге тартылды?")

    assert "dalel-evidence" in asyncio.run(everything())


ALPHABETS = (
    "әғқңөұүһіӘҒҚҢӨҰҮҺІ аыоеу",
    string.printable,
    "\u0301\u0308\u200b\u202e\u2066\ufeff\x00\x1b\x7f\x85\u2028",
    "<>&\"'`*_[](){}!#|~\\$%=/",
    "\ud800\udfff\U0001f600\U000e0041\uffff",
    "中文字العربيةहिन्दी",
)  # fmt: skip
WORDS = ("Қытай", "шекара", "1994", "border", "<script>", "{{7*7}}", "![x](http://a)", "ше?", "and")


def _anything(chance):
    """Return what a client might send: mostly text, of letters, words and rubbish."""
    kind = chance.random()
    if kind < 0.06:
        return chance.choice([None, 7, -1.5, True, [], {}, ["a"], {"text": "a"}, b"x", object()])
    if kind < 0.4:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, 12)))
    letters = "".join(chance.choices(ALPHABETS, k=chance.randint(1, 3)))
    return "".join(chance.choices(letters, k=int(chance.paretovariate(0.6)) % 2_500))


def _site(home, folder, turnstile):
    library = Indexer(home)
    return Site(LiveIndex(library, library.open()), Settings(home=folder), concurrency=turnstile)


async def _last(handler, question):
    """Ask in a conversation of its own; return how the last turn is shown at the end."""
    shown = ""
    async for outputs in handler(question, ""):
        if isinstance(outputs[4], str):
            shown = outputs[4]
    return shown
