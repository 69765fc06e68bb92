"""Which language a text is in: Kazakh, English or Russian.

It works on texts of any length, questions too. Other languages are not known: French is called
English, since both have the Latin alphabet and nothing in the answers depends on the difference.

The majority of the letters decides the script. Then words are counted that are typical of a
language: by a letter, by a spelling that the other orthography forbids, by an ending, or because
they are common. So Kazakh is also recognised as it is typed on a Russian keyboard («Казакстаннын
астанасы кайсы») and in any of its Latin alphabets ("Qazaqstannyñ astanasy qaısy"); a long text in
Latin letters must also read as Kazakh does letter by letter, which tells Turkish and Uzbek from it.
Cyrillic text that could be either is called Kazakh. Text in Arabic script is, if it has the letters
of the Kazakh one.
"""

import re
import unicodedata
from typing import Final

from ingest.document import Language
from ingest.look_alikes import MIXED, in_one_script

_WORD = re.compile(r"[^\W\d_]+")

# The nine letters that Russian lacks (alphabet of 1940), and the Latin ones typed for them.
_KAZAKH_LETTER = re.compile(r"[әғқңөұүһіəɵ]|[а-я][ih]|[ih][а-я]")
# Russian writes no ы after к, г, х, ж, ш, and few of its words end in these suffixes.
_KAZAKH = re.compile(
    r"""[кгхжш]ы | нд[ае]й | шил[ае]р | [мд][иы]з$
    | (?: [иы]нд[ае] | [^м]анда | [ае]й?[дт][иы] | [лрйзнмгкжш]ди | [лрйзм]ды | г[аеиы]н? | ын
        | ып | еп | ин | лган | сы | син | ылы | [аеу]уы | [еуи]уи | уг[ае] | [лтш][еа]у
        | [лдт][ае]рд?[аеыи]? | [лдт][ыи]к | м[ае]н )$""",
    re.VERBOSE,
)
_KAZAKH_WORDS = frozenset(
    """ал бар бас бе бен биз бир бирак болу бул ек еки ел елдер емес енди ер жана жане жер жок
    жол жыл кай кайда калай кала кандай канша кашан керек ким кимдер коп кун ма ме мемлекет мен
    муны немесе неге неше ол олар осы оте па пе сен сиз соз сол сондай сурак туралы тек уш ушин уй
    халык шешим""".split()
)
# Kazakh has ё, щ, ъ, ь, э, ц, ч, в, ф and a soft consonant before я only in borrowed words, and -в
# in surnames. It spells Kazakhstan and Russia otherwise.
_RUSSIAN = re.compile(
    r"""[ёщъьэцч] | [вф]. | [бгдзклмнпрст][яю] | ^казах | ^росс
    | (?: [ое]го | [ое]му | [ыи]ми | [^р]их | ых | [ыи]й | ой | [ая]я | [оеыи]е | ю
        | [еа]ния | ост[иь] | [иоы]м | о )$""",
    re.VERBOSE,
)
# «не» is missing: it is the Kazakh "what".
_RUSSIAN_WORDS = frozenset(
    """а без бы был была были в все вы где года году дай для до его ее если есть за и из или их к
    как какая какие какой каков какова когда кого кто куда ли между мы на над нас нет но о об один
    она они от по под почему при про с сейчас сколько со стран так там то тоже у уже чей""".split()
)
# Two consonants at a word's start and о in a later syllable: borrowed words only, in Kazakh.
_RATHER_RUSSIAN = re.compile(r"^[бвгджзклмнпрстфхцчшщ]{2}|[аеиоуыэюя].*о")
_KAZAKH_LATIN = re.compile(
    r"""[äğıñşǵńöüūáóúý] | q(?!u|atar|$) | zh | kt | ii | iy | y[qkz] | yn[ady] | yl[ady] | [an]gy
    | shy. | [lr]d[yi] | lg[ae] | (?: i | [^eo]ak | [^e]ek | ik | .yn | yp | [^aeiou]sy | aly
        | ndy | [^e]ady | aidy | [gd][ae]n | [dt]e | tar | l[ae]r | men | [km]a )$""",
    re.VERBOSE,
)
_KAZAKH_LATIN_WORDS = frozenset(
    """alty ba bar bes bir birak biraq bul bolady boldy degen edi eki el elder emes jana jane
    jyl jyly kai kaida kalai kandai kansha kashan kerek kim kimder memleket ne nege nemese neshe
    ol olar osy pen qai qaida qalai qandai qansha qashan sol turaly ulken ushin ush zhane
    zhyl""".split()
)
# The alphabet of 2017 marks letters with apostrophes: "jetispey's'iliginen". English has them too,
# but before few endings, at the end after an s, or in names: "country's", "don't", "countries'",
# "O'Brien"; French in "c'est", which no Kazakh word begins like.
_ONE_APOSTROPHE = dict.fromkeys(map(ord, "’‘ʼʻ`´"), "'")
# From a word's start only: else the time would be quadratic in the length of a word without any.
_WITH_APOSTROPHE = re.compile(r"(?<![^\W\d_])[^\W\d_]++(?:'[^\W\d_]*+)++")
_ENGLISH_APOSTROPHE = re.compile(
    r"""[a-z]+ (?: '(?: s | t | re | ve | ll | d | m | clock ) | s' ) | [odcn]'.{3,}""",
    re.IGNORECASE | re.VERBOSE,
)
_MARKED = re.compile("[agscouniy]'", re.IGNORECASE)
_MARK = re.compile("[\u0300-\u036f'’‘ʼʻ`´]")
_ENGLISH_WORDS = frozenset(
    """a about an and are at be but by can did do does for from give had has have how if in is it
    its many me much not of or tell that the there these they this to was were what when where
    which who whom whose why will with you""".split()
)

MIN_JUDGED_LETTERS: Final = 80
"""Letters of a text in Latin script from which on it is judged by them; few may be all names."""
MIN_KAZAKH_LIKELIHOOD: Final = -3.0
"""How likely letters of Kazakh are on average, at least: a natural logarithm. Set by hand, between
texts of eval/training/passages.jsonl, and Turkish and Uzbek ones."""

ARABIC_LETTER: Final = re.compile("[\u0620-\u064a\u066e-\u06d3\u06d5]")
# ۇ ۋ ڭ ە ى ۆ and the high hamzas are letters of Kazakh and of few others; Uyghur, Kirghiz, Kurdish,
# Arabic and Persian have letters that Kazakh lacks.
_KAZAKH_ARABIC = re.compile("[ۇۋڭەىۆ\u0621\u0674-\u0678]")
_NOT_KAZAKH_ARABIC = re.compile("[ئېۈۉۅخغژضظطصثذێڵڕةإأؤ]")
_MIN_ARABIC_SHARE, _MAX_OTHER_SHARE = 0.15, 0.01


# Addresses and markup are Latin letters in any language.
_NO_LANGUAGE = re.compile(
    r"""(?: https?:// | www\. ) [^\s<>"]+ | [\w.+-]{1,64} @ [\w-]+ (?: \. [\w-]+ )+
    | </? [a-zA-Z] [^<>]* > | & \#? \w{2,8} ;""",
    re.VERBOSE,
)


def detect(text: str) -> Language:
    """Return the language of most of the text, addresses and markup left aside.

    >>> detect("Қытаймен шарт қай жылы жасалды?"), detect("В каком году подписан договор?")
    ('kk', 'ru')
    >>> detect("When was the treaty signed?"), detect("Qazaqstan qashan täuelsizdik aldy?")
    ('en', 'kk')
    >>> detect("قازاقستاننىڭ استاناسى قايسى؟")
    'kk'
    """
    # The first part of a long text is enough: few texts change their language.
    beginning = unicodedata.normalize("NFC", text[:20_000])
    if MIXED.search(beginning):
        beginning = in_one_script(beginning)
    beginning = _NO_LANGUAGE.sub(" ", beginning.translate(_ONE_APOSTROPHE))
    words = _WORD.findall(_WITH_APOSTROPHE.sub(_mark, beginning))
    letters = "".join(words).lower()
    cyrillic = sum("Ѐ" <= letter <= "ӿ" for letter in letters)
    if 2 * cyrillic >= len(letters) and cyrillic:
        return _kazakh_or_russian(words)
    if 2 * len(ARABIC_LETTER.findall(letters)) > len(letters):
        return "kk" if _is_kazakh_arabic(letters) else "en"
    language = _kazakh_or_english([word.lower() for word in words])
    return "en" if language == "kk" and not reads_as_kazakh_latin(beginning) else language


def reads_as_kazakh_latin(text: str) -> bool:
    """Say whether a text in Latin letters may be Kazakh by its letters; a short one always may.

    >>> reads_as_kazakh_latin("Kütüphane hafta içi her gün açıktır.")
    True
    >>> reads_as_kazakh_latin("Kütüphane hafta içi her gün sabah dokuzdan akşam yediye kadar "
    ...     "açıktır. Kitaplar on beş gün süreyle ödünç verilir.")
    False
    """
    words = _WORD.findall(without_marks(text))
    if sum(map(len, words)) < MIN_JUDGED_LETTERS:
        return True
    from ingest.letter_model import read_letter_model

    model = read_letter_model("ingest", "kazakh_in_latin.tsv")
    return model.per_letter(words) >= MIN_KAZAKH_LIKELIHOOD


def without_marks(text: str) -> str:
    """Return a text case-folded, Latin letters without what the alphabets mark them with.

    >>> without_marks("Qazaqstannyn' TÁÝELSİZDİGİ")
    'qazaqstannyn tayelsizdigi'
    """
    folded = unicodedata.normalize("NFD", text.casefold()).replace("ı", "i").replace("ə", "a")
    return _MARK.sub("", folded)


def _is_kazakh_arabic(letters: str) -> bool:
    kazakh = len(_KAZAKH_ARABIC.findall(letters))
    other = len(_NOT_KAZAKH_ARABIC.findall(letters))
    return kazakh >= _MIN_ARABIC_SHARE * len(letters) and other <= _MAX_OTHER_SHARE * len(letters)


def _mark(word: re.Match[str]) -> str:
    """Replace each letter that an apostrophe marks with ñ; leave English words as they are."""
    return word[0] if _ENGLISH_APOSTROPHE.fullmatch(word[0]) else _MARKED.sub("ñ", word[0])


def _kazakh_or_russian(words: list[str]) -> Language:
    kazakh = russian = 0.0
    for place, written in enumerate(words):
        word = written.lower()
        if _KAZAKH_LETTER.search(word):
            # A name says little about the sentence around it: «Кто такой Мұхтар Әуезов?»
            kazakh += 0.5 if place and written.istitle() else 1.5
        elif word in _RUSSIAN_WORDS:
            russian += 1
        elif word in _KAZAKH_WORDS or _KAZAKH.search(word):
            kazakh += 1
        elif _RUSSIAN.search(word):
            russian += 1
    if kazakh or russian:
        return "kk" if kazakh >= russian else "ru"
    return "ru" if any(_RATHER_RUSSIAN.search(word.lower()) for word in words) else "kk"


def _kazakh_or_english(words: list[str]) -> Language:
    kazakh = sum(word in _KAZAKH_LATIN_WORDS or bool(_KAZAKH_LATIN.search(word)) for word in words)
    english = sum(word in _ENGLISH_WORDS for word in words)
    # One Kazakh name in three words is not evidence enough.
    return "kk" if kazakh > 2 * english and 3 * kazakh >= len(words) + 2 else "en"
