"""Words from templates: which one, in which language, with which values.

In: a prompt's name, a language, values. Out: text. Templates are Jinja files beside this module,
`name.language.jinja`; a missing variable is an error, never an empty place. Values are never
templates: what a document says, braces and all, is put in as it is.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, UndefinedError

from ingest.document import Language
from ingest.errors import PromptError


def render(name: str, language: Language, **values: object) -> str:
    """Fill in a prompt.

    Args:
        name: The prompt, such as `refusal`.
        language: The language to speak.
        values: What the template's variables stand for.

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
    # Plain text is written, not HTML: a page escapes what it shows itself.
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
