"""Which language a text is in: Kazakh, English or Russian.

In: a text of any length, a question too. Out: `Language`. Knows nothing of other languages: a
French text is called English, since both share the alphabet and nothing here reads French.

Kazakh is told from Russian by its nine own letters; where a short text has none of them, by words
and endings that only one of the two has (the Kazakh ones as people type them on a Russian keyboard:
spelt right, they would have shown their letters); in Latin script, by words only Kazakh has.
"""

import re
import unicodedata

from ingest.document import Language

# Letters of the Kazakh Cyrillic alphabet that Russian lacks (Kazakh alphabet, 1940). Schwa and
# barred o also exist as Latin look-alikes, which keyboards and scans produce.
_KAZAKH_LETTERS = frozenset("әғқңөұүһіəɵ")
# Letters that native Kazakh words do not use; in a text without Kazakh letters they mean Russian.
_RUSSIAN_LETTERS = frozenset("ёщъьэцч")

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")

_KAZAKH_WORDS = frozenset(
    """ал ба бар барлык бастап бе бен бойынша бойы болады болатын болды болып бул гана дейин
    деп дейди екен еди еки ел елдер елдин жане жок жыл жылы жылдын казак казакстан казир кай кайда
    кайсы калай кандай канша кашан керек ким кимдер кейин ма ме мемлекет мен менен не неге неден
    некше неше нешинши ол олар осы па пе сиякты сол сондай сурак туралы уш ушин шешим""".split()
)
_RUSSIAN_WORDS = frozenset(
    """а без был была были было быть в во вы где году года год для до его ее если же за и из или
    именно их к как какая какие какой каким каких какую когда кого кому который которая кто ли
    между мы на над не него нет но о об он она они от по под почему при с сколько со там
    то того тоже у чего чем что чья это этот эта каком""".split()
)
# Endings of three letters and more that Russian words have and Kazakh ones do not.
_RUSSIAN_ENDING = re.compile(
    r"(?:ого|его|ому|ему|ыми|ими|ться|ется|ются|ский|ская|ское|ские|ний|ая)$"
)
_KAZAKH_ENDING = re.compile(r"(?:дын|дин|тын|тин|нын|нин|лар|лер|дар|дер|тар|тер|мен|ылы|ады|еди)$")
_KAZAKH_LATIN_WORDS = frozenset(
    """qazaqstan qazaq qandai qanday qansha qashan qai qay qalai qaida qaıda kim kimder ne nege
    neshe jyl jyly jylǵy jili bul jane jäne men ben pen turaly týraly úshin üshin syrtqy saiasat
    saıasat syrtky el elder eldiñ memleket memlekettik qytai qytaı resei reseı boldy
    bolady""".split()
)
_LATIN_KAZAKH_LETTERS = frozenset("äğıñöşüǵáńóúý")


def detect(text: str) -> Language:
    """Return the language that most of the text is in.

    >>> detect("Қытаймен шарт қай жылы жасалды?"), detect("В каком году подписан договор?")
    ('kk', 'ru')
    >>> detect("When was the treaty signed?"), detect("Qazaqstan qashan täuelsizdik aldy?")
    ('en', 'kk')
    """
    # A long text is judged by its first part: language rarely turns, and this is called per file.
    lowered = unicodedata.normalize("NFC", text[:20_000]).lower()
    words = _WORD.findall(lowered)
    letters = "".join(words)
    cyrillic = sum("Ѐ" <= letter <= "ӿ" for letter in letters)
    if 2 * cyrillic >= len(letters) and cyrillic:
        return _kazakh_or_russian(words, letters)
    return _kazakh_or_english(words, letters)


def _kazakh_or_russian(words: list[str], letters: str) -> Language:
    own = sum(letter in _KAZAKH_LETTERS for letter in letters)
    if own >= 0.02 * len(letters):  # Kazakh prose has 15-20 %; a name or two in Russian under 2 %.
        return "kk"
    kazakh = own + sum(word in _KAZAKH_WORDS or bool(_KAZAKH_ENDING.search(word)) for word in words)
    russian = sum(word in _RUSSIAN_WORDS or bool(_RUSSIAN_ENDING.search(word)) for word in words)
    if kazakh != russian:
        return "kk" if kazakh > russian else "ru"
    return "ru" if any(letter in _RUSSIAN_LETTERS for letter in letters) else "kk"


def _kazakh_or_english(words: list[str], letters: str) -> Language:
    kazakh = sum(word in _KAZAKH_LATIN_WORDS for word in words)
    kazakh += sum(any(letter in _LATIN_KAZAKH_LETTERS for letter in word) for word in words)
    return "kk" if kazakh >= 2 and 4 * kazakh >= len(words) else "en"
