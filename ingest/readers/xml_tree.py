"""XML of documents: parsed without entities, without fetching anything.

In: the bytes of an XML file. Out: a tree of lxml's elements.
"""

from typing import Any

from ingest.errors import CorpusError

Element = Any
"""An element of lxml, which has no types."""


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def parse_xml(data: bytes, name: str) -> Element:
    """Return the root element of an XML file. No entity is expanded and nothing is fetched.

    Args:
        data: The file.
        name: Its name, for people.

    Raises:
        CorpusError: It is no XML.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(data, parser=parser)
    except etree.XMLSyntaxError as error:
        raise CorpusError(f"{name!r} in it is no XML ({error.msg})", hint="save it anew") from None
