"""Prompts from templates, filled in.

Templates are Jinja files beside this module, `name.language.jinja`. A missing variable is an error,
never an empty place. Values are not templates: a document's braces are inserted as they are.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, UndefinedError

from ingest.document import Language
from ingest.errors import PromptError


def render(name: str, language: Language, /, **values: object) -> str:
    """Fill in a prompt.

    Args:
        name: The prompt, such as `refusal`.
        language: The language of the text.
        values: The values of the template's variables.

    Returns:
        The text, without white space at its end.

    Raises:
        PromptError: There is no such prompt in that language, or a variable has no value.
    """
    file = f"{name}.{language}.jinja"
    try:
        return _environment().get_template(file).render(**values).rstrip()
    except TemplateNotFound:
        raise PromptError(f"no prompt {file!r}", hint="add it to prompts/") from None
    except UndefinedError as error:
        raise PromptError(f"prompt {file!r}: {error}", hint="give it a value") from None


@cache
def _environment() -> Environment:
    # The result is plain text, not HTML: the web page escapes what it shows.
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
