"""What hands text to Gradio: HTML of our own, and names to choose from.

In: HTML of chat/web/view.py, in which all text is escaped; or a name as it is. Out: what Gradio
shows as it is.
"""

from typing import TYPE_CHECKING, Any, Final

from chat.legible import legible

if TYPE_CHECKING:
    from gradio import Component


QUIET: Final[dict[str, Any]] = {"show_progress": "hidden", "api_visibility": "private"}
"""How events are set up: the page tells itself how things go, and clients use the API."""


def markdown(html: str = "", **options: Any) -> "Component":  # noqa: ANN401  (Gradio's own)
    """Return a component that shows HTML of chat/web/view.py.

    Gradio's own for HTML evaluates a template in the browser, which the page's policy forbids.
    """
    import gradio

    return gradio.Markdown(
        html, sanitize_html=False, latex_delimiters=[], container=False, **options
    )


def choice(name: str) -> str:
    """Return a name for a list of Gradio's, which would translate what looks like its own keys."""
    return legible(name).replace("__i18n__", "__i18n__\u2060")
