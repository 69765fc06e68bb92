"""Which document a name means: its id, composed or decomposed, or a file that holds its text."""

from collections.abc import Mapping
from typing import Final
from unicodedata import normalize

from rapidfuzz import process

from ingest.document import Document
from ingest.errors import CorpusError

_MAX_NEAR: Final = 3
"""Documents that are proposed at most in the place of one that is not there."""

_MAX_NAME_CHARACTERS: Final = 200
"""How much is compared of a name that is not there."""

_NEAR_SCORE: Final = 60
"""How like a name must be to be proposed, 0 to 100, in rapidfuzz's weighted ratio."""


def indexed_id(name: str, documents: Mapping[str, Document]) -> str:
    """Return the id that is meant, composed (NFC) or decomposed, or by a copy's file.

    Args:
        name: The name.
        documents: The documents by id.

    Raises:
        CorpusError: It means none of them.
    """
    if name in documents:
        return name
    each = documents.values()
    ids = {normalize("NFC", file): one.id for one in each for file in one.other_sources}
    ids |= {normalize("NFC", one): one for one in documents}
    found = ids.get(normalize("NFC", name))
    if found is None:
        hint = _near_ids(name, documents)
        raise CorpusError(f"no document {name!r:.80} is indexed", hint=hint)
    return found


def _near_ids(name: str, documents: Mapping[str, Document]) -> str:
    """Say which ids are like one that is not there, by its letters or those of a title."""
    names = {one: one for one in documents}
    names = {one.title: one.id for one in documents.values() if one.title} | names
    near = process.extract(
        name[:_MAX_NAME_CHARACTERS],
        names,
        processor=str.casefold,
        limit=_MAX_NEAR,
        score_cutoff=_NEAR_SCORE,
    )
    ids = dict.fromkeys(names[text] for text in (found[2] for found in near))
    if not ids:
        return "`dalel documents` lists the ids"
    return f"did you mean {' or '.join(map(repr, ids))}? `dalel documents` lists the ids"
