"""Addresses: whatever in a text a browser or a mail program could open.

Nobody may be sent where no source does, so anything that looks like a host is an address: with a
scheme or without, with a port, by number, in punycode, its dots in brackets or of another alphabet.
Abbreviations («т.б.», U.S.), initials («Н.Ә.Назарбаев») and a full stop without its space are none.
"""

import re
from collections.abc import Sequence
from typing import Final

from index.analysis.lexicon import stopwords

_DOTS: Final = re.compile(r"[。｡․]|\s?[\[({<]\s?(?:\.|dot|точка|нүкте)\s?[\])}>]\s?", re.IGNORECASE)
_AT: Final = re.compile(r"\s?[\[({<]\s?(?:@|at)\s?[\])}>]\s?", re.IGNORECASE)

_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_CYRILLIC_TOP_LEVELS: Final = "рф|қаз|рус|бел|укр|срб|мкд|мон|ею|бг|онлайн|сайт|орг|ком|дети|москва"
_END: Final = r"(?![a-z\d_]|-[a-z\d])"
"""Behind a Latin name; a Kazakh or Russian ending may follow: «example.kz-ке», «example.kzте»."""
_TAIL: Final = r"[^\s<>\"'«»“”]*"
_ADDRESS: Final = re.compile(
    rf"""
      \b\w[\w+.-]*:/+{_TAIL}                                            # scheme://…
    | (?<![\w:/])//\w{_TAIL}                                            # //host
    | \bwww\.{_TAIL}
    | [\w.+-]+@[\w.-]*\w | (?<!\w)@\w{{2,}}                             # mail, @name
    | (?<![\d.])\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\d.]*\d)(?:[:/]{_TAIL})?  # 192.0.2.1
    | \[?(?<![\w:])(?:[0-9a-f]{{0,4}}:){{2,7}}:?[0-9a-f]{{0,4}}(?![\w:])\]?  # IPv6
    | \bxn--[\w.-]+{_TAIL}                                              # punycode
    | (?<![\w@.-])(?:{_LABEL}\.)+(?:
          (?:[a-z]{{2,24}}{_END} | xn--[\w-]+ | (?-i:{_CYRILLIC_TOP_LEVELS})\b)
          (?::\d+)? (?:[/?\#]{_TAIL})?
        | [^\W\d_]{{2,24}} (?::\d+)? /{_TAIL}                           # host/path, host:port/path
      )
    | (?<![\w@.-])[a-z][a-z0-9-]*:\d{{2,5}}\b                           # host:port
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TITLES: Final = frozenset("mr mrs ms dr st sir prof gen col no vs vol fig jr sr".split())
_START: Final = re.compile(r"(?:\w[\w+.-]*:)?/{2,}|www\.", re.IGNORECASE)


def addresses(text: str) -> list[str]:
    """Return the addresses of a normalised text, as they are written there, without scheme.

    >>> addresses("т.б. Н.Ә.Назарбаев, U.S. 1.5 млн: evil[.]example/login, t.me/x, 12:30")
    ['evil.example/login', 't.me/x']
    """
    return [_bare(match[0]) for match in _ADDRESS.finditer(_plain(text)) if _is_address(match[0])]


def missing_addresses(claim: str, sources: Sequence[str]) -> list[str]:
    """Return the addresses of a normalised text that stand in none of some others."""
    held = "\n".join(map(_plain, sources)).casefold()
    return [
        address
        for address in addresses(claim)
        if not re.search(rf"(?:(?<=www\.)|(?<![\w@.-])){_spelt(address)}{_END}(?!\.\w)", held)
    ]


def _plain(text: str) -> str:
    """Return a text with the dots and signs of its addresses as they are meant: x [at] y[.]kz."""
    return _AT.sub("@", _DOTS.sub(".", text))


def _spelt(address: str) -> str:
    """Return a pattern of an address in small letters; a full stop may have lost its space.

    That shows by the capital behind it: "St.Petersburg", but not "dalel.kz".
    """
    first, *labels = address.split(".")
    return re.escape(first.casefold()) + "".join(
        (r"\.\s*" if label.istitle() else r"\.") + re.escape(label.casefold()) for label in labels
    )


def _bare(address: str) -> str:
    return _START.sub("", address, count=1).lstrip("[").rstrip(".,;:!?)]}/")


def _is_address(found: str) -> bool:
    """Say whether what looks like an address is one, no abbreviation and no time of day."""
    if re.fullmatch(r"\[?[0-9a-f:]+\]?", found, re.IGNORECASE) and ":" in found:
        return "::" in found or found.count(":") > 3
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", found):
        return bool(_bare(found))
    *labels, last = found.split(".")
    if labels[0].casefold() in _TITLES and len(labels) == 1:
        return False
    if not last.istitle():
        return True
    is_joined = last.casefold() in stopwords("en") or labels[-1].isdigit()
    return not is_joined and not all(len(label) == 1 for label in labels)
