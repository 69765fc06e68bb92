"""Look-alike letters: words typed half in Latin and half in Cyrillic letters, in one script.

A Latin "o" in a Cyrillic word looks right and is never found. What a word is meant to be in, its
other letters tell: those that have no look-alike.
"""

import re
from typing import Final

_CYRILLIC: Final = "аеорсхуікмтвһәөАЕОРСХУІКМТВНӘӨёЁ"
_LATIN: Final = "aeopcxyikmtbhəɵAEOPCXYIKMTBHƏƟëË"
_TO_CYRILLIC: Final = str.maketrans(_LATIN, _CYRILLIC)
_TO_LATIN: Final = str.maketrans(_CYRILLIC, _LATIN)
_LATIN_LETTER: Final = "A-Za-zÀ-ÖØ-öø-ɏəɵƏƟ"
_CYRILLIC_LETTER: Final = "Ѐ-ӿ"
MIXED: Final = re.compile(
    f"[{_LATIN_LETTER}](?:(?=[{_CYRILLIC_LETTER}])|(?<=[{_CYRILLIC_LETTER}].))"
)
"""Where a word mixes both scripts. It begins with one class of letters, which re finds fast."""
_WORD = re.compile(rf"[{_LATIN_LETTER}{_CYRILLIC_LETTER}]+")
# An acronym with a Kazakh ending (TCPға), and Roman numerals in letters of either alphabet.
_ACRONYM_OR_NUMERAL = re.compile("[A-Z]{2,}[а-яәғқңөұүһі]+|[IVXLCDMІХСМ]+[а-яәғқңөұүһі]*")
# Letters that look the same even in a word of their own: «oл», «aca». In print, lower-case Latin
# k, m, t, b do not.
_ALIKE = re.compile("[ABCEHIKMOPTXYƏƟaceiopxyhəɵ][aceiopxyhəɵ]+")
_SHOUTED_ALIKE = re.compile("(?![IVXLCDM]+$)[ABCEHIKMOPTXYƏƟ]{2,}")
_NOTHING = re.compile(r"(?!)")
_MIN_MIXED: Final = 3
"""Mixed words of a text, for each of its words that are all look-alikes, from which on those are
taken for Cyrillic too: who types so mixes most words, and a slip or two say nothing of "copy"."""

Script = str
""""latin", "cyrillic", or "" where all letters have a look-alike."""


def in_one_script(text: str) -> str:
    """Return a text (NFC) with the words that mix both scripts in one; the same if there are none.

    Every letter becomes one letter, so that places in the text stay what they are.

    >>> latin_o, cyrillic_o = "oо"
    >>> in_one_script(f"т{latin_o}ғыз д{latin_o}мбыра") == "тоғыз домбыра"
    True
    >>> in_one_script(f"st{cyrillic_o}ne"), in_one_script("NATOға XXғ")
    ('stone', 'NATOға XXғ')
    """
    if not MIXED.search(text):
        return text
    words = _WORD.findall(text)
    mixed = sum(bool(MIXED.search(word)) and _script_of(word) == "cyrillic" for word in words)
    is_cyrillic = _count(_CYRILLIC, text) >= _count(_LATIN, text)
    alike = _SHOUTED_ALIKE if text.isupper() else _ALIKE
    if not is_cyrillic or mixed < _MIN_MIXED * max(sum(map(bool, map(alike.fullmatch, words))), 1):
        alike = _NOTHING
    return _WORD.sub(lambda match: _repaired(match[0], alike, is_cyrillic=is_cyrillic), text)


def _count(look_alikes: str, text: str) -> int:
    """Count the letters of a script that have no look-alike in the other."""
    is_cyrillic = look_alikes is _CYRILLIC
    return sum(
        ("Ѐ" <= letter <= "ӿ") is is_cyrillic and letter not in look_alikes
        for letter in text
        if letter.isalpha()
    )


def _repaired(word: str, alike: re.Pattern[str], *, is_cyrillic: bool) -> str:
    """Return a word in one script; one that is in one already only if it is all look-alikes."""
    if not MIXED.search(word):
        return word.translate(_TO_CYRILLIC) if alike.fullmatch(word) else word
    if _ACRONYM_OR_NUMERAL.fullmatch(word):
        return word
    script = _script_of(word)
    if script == "mixed" or (not script and len(word) == 2 and not word.islower()):
        return word  # pH
    meant_cyrillic = script == "cyrillic" or (not script and is_cyrillic)
    return word.translate(_TO_CYRILLIC if meant_cyrillic else _TO_LATIN)


def _script_of(word: str) -> Script:
    """Return the script that a word's other letters show; "mixed" where they show both."""
    shows_cyrillic = any("Ѐ" <= letter <= "ӿ" and letter not in _CYRILLIC for letter in word)
    shows_latin = any(not "Ѐ" <= letter <= "ӿ" and letter not in _LATIN for letter in word)
    if shows_cyrillic and shows_latin:
        return "mixed"
    if shows_cyrillic or shows_latin:
        return "cyrillic" if shows_cyrillic else "latin"
    return ""
