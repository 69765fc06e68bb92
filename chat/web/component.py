"""The one Gradio component that shows our own HTML.

In: HTML of chat/web/view.py, in which all text is escaped. Out: a component.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradio import Component


def markdown(html: str = "", **options: Any) -> "Component":  # noqa: ANN401  (Gradio's own)
    """Return a component that shows HTML of chat/web/view.py.

    Gradio's own for HTML evaluates a template in the browser, which the page's policy forbids.
    """
    import gradio

    return gradio.Markdown(
        html, sanitize_html=False, latex_delimiters=[], container=False, **options
    )
