"""Templates filled in so that no text can mark anything up: the one place where HTML is made.

In: a template of a folder, the page's words, values. Out: HTML, or Markdown. All values are escaped
and made legible; only what another template made is HTML already. Knows nothing of what is shown.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chat.legible import legible
from chat.web.words import Words

PAGES: Final = Path(__file__).parent / "pages"

_MARKUP: Final = re.compile(r"[\\`*_\[\]<>#|~&!]|^[-+]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d{3})[.)]")


def fill(
    name: str,
    words: Words | None,
    *,
    folder: Path = PAGES,
    kind: str = "html",
    **values: Any,  # noqa: ANN401  (whatever a template shows)
) -> str:
    """Fill in a template.

    Args:
        name: Its name, without endings.
        words: The language of the page; None for a template that has no words of its own.
        folder: Where it lies.
        kind: `html` or `md`.
        values: What its variables stand for.
    """
    own = {"words": words, "say": words.say} if words else {}
    text: str = _environment(folder).get_template(f"{name}.{kind}.jinja").render(**own, **values)
    return text


def on_one_line(
    name: str,
    words: Words | None,
    *,
    folder: Path = PAGES,
    **values: Any,  # noqa: ANN401  (whatever a template shows)
) -> str:
    """Fill in a piece of a page that Gradio takes for Markdown, where a blank line ends HTML.

    A line break in a text becomes a character reference: it is shown as it was.
    """
    html = fill(name, words, folder=folder, **values)
    assert html.startswith("<")  # Else Markdown would take it for text, and look for markup in it.
    return html.replace("\r", "&#13;").replace("\n", "&#10;")


@cache
def _environment(folder: Path) -> Environment:
    found = Environment(
        loader=FileSystemLoader([folder, PAGES]),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and ".html." in str(name),
        finalize=lambda value: value if isinstance(value, Markup) else legible(str(value)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {"plain": _plain, "code": _code}
    return found


def _plain(text: str) -> str:
    """Return a text on one line in which Markdown finds nothing to do."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.split()))


def _code(text: str) -> str:
    """Return a text that can stand between backticks."""
    return " ".join(text.replace("`", "'").split())
