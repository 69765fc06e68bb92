"""The one place where HTML and Markdown are made: Jinja templates that escape every value.

Whatever a document, a title or a question holds, it is shown as it is and marks nothing up: values
are sanitised and escaped; only what another template made (`Markup`) is HTML already. How such HTML
is handed to Gradio, so that it shows it as it is, is in chat/web/gradio_adapter.py.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chat.sanitize import sanitize
from chat.web.i18n import Translations

PAGES: Final = Path(__file__).parent / "pages"

# What CommonMark, with tables and strikethrough, would read as markup in the middle of a line, and
# what begins a list at the start of one ("-", "+", "1.", "1)", up to three digits).
_MARKDOWN: Final = re.compile(
    r"[\\`*_\[\]<>#|~&!]|^[-+]|(?<=^\d)[.)]|(?<=^\d\d)[.)]|(?<=^\d{3})[.)]"
)


def render_template(
    name: str,
    i18n: Translations | None,
    *,
    folder: Path = PAGES,
    kind: str = "html",
    **values: Any,  # noqa: ANN401  (whatever a template shows)
) -> str:
    """Fill in a template.

    A template with texts of its own sees them as `i18n`, and `i18n.text` as `t`.

    Args:
        name: Its name, without endings.
        i18n: The language of the page; None for a template that has no texts of its own.
        folder: Where it lies; it may import the templates of the page, wherever it lies.
        kind: `html` or `md`; only `html` is escaped by itself.
        values: What its variables stand for.
    """
    texts = {"i18n": i18n, "t": i18n.text} if i18n else {}
    template = _environment(folder).get_template(f"{name}.{kind}.jinja")
    text: str = template.render(**texts, **values)
    return text


def render_on_one_line(
    name: str,
    i18n: Translations | None,
    *,
    folder: Path = PAGES,
    **values: Any,  # noqa: ANN401  (whatever a template shows)
) -> str:
    """Fill in a piece of a page that Gradio takes for Markdown, where a blank line ends HTML.

    A line break in a text becomes a character reference: it is shown as it was.
    """
    html = render_template(name, i18n, folder=folder, **values)
    assert html.startswith("<")  # Else Markdown would take it for text, and look for markup in it.
    return html.replace("\r", "&#13;").replace("\n", "&#10;")


@cache  # Of compiled templates, one environment a folder; no value that fills them in is kept.
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([folder, PAGES]),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and ".html." in str(name),
        finalize=lambda value: value if isinstance(value, Markup) else sanitize(str(value)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": _plain_markdown, "code": _code_markdown}
    return environment


def _plain_markdown(text: str) -> str:
    """Return a text on one line in which Markdown finds nothing to do."""
    return _MARKDOWN.sub(r"\\\g<0>", " ".join(text.split()))


def _code_markdown(text: str) -> str:
    """Return a text that can stand between backticks."""
    return " ".join(text.replace("`", "'").split())
