"""Kazakh as it is typed in other letters than its own, and texts that only look like it."""

import re
import unicodedata

from eval.robustness import transliterate

LOOK_ALIKE = str.maketrans("аеорсхуіһАЕОРСХКМТВН", "aeopcxyihAEOPCXKMTBH")
ARABIC = dict(
    zip("абвгғдежзийкқлмнңопрстуұфхһчшыіәөү", "ابۆگعدەجزييكقلمنڭوپرستۋۇفحھچشىىاوۇ", strict=True)
)
FOREIGN = {
    "turkish": "Kütüphane hafta içi her gün sabah dokuzdan akşam yediye kadar açıktır. Kitaplar on"
    " beş gün süreyle ödünç verilir, geciken her gün için ceza alınır.",
    "uzbek": "Kutubxona har kuni ertalab to'qqizdan kechki yettigacha ochiq bo'ladi. Kitoblar o'n"
    " besh kunga beriladi, kechikkan har bir kun uchun jarima olinadi.",
    "azerbaijani": "Kitabxana hər gün səhər saat doqquzdan axşam yeddiyə qədər açıqdır. Kitablar on"
    " beş günlüyə verilir, gecikən hər gün üçün cərimə alınır.",
    "english": "The library is open from nine to seven on working days, and books are lent for"
    " fifteen days; a fine is due for each day that one is late.",
    "german": "Die Bibliothek ist werktags von neun bis neunzehn Uhr geöffnet, Bücher werden für"
    " fünfzehn Tage verliehen, und für jeden Tag danach ist eine Gebühr fällig.",
    "uyghur": "كۇتۇپخانا ھەر كۈنى ئەتىگەن سائەت توققۇزدىن كەچ سائەت يەتتىگىچە ئوچۇق.",
    "persian": "کتابخانه هر روز از ساعت نه صبح باز است و خوانندگان می‌توانند پنج کتاب بگیرند.",
    "arabic": "المكتبة مفتوحة كل يوم من الساعة التاسعة صباحا ويستطيع القراء استعارة خمسة كتب.",
}


def keyboard(text):
    return transliterate(text, "russian")


def arabic(text):
    """Write a text in Arabic script: a hamza before front words without another sign."""

    def word(match):
        letters = match[0].lower()
        is_marked = set(letters) & set("әөүі") and not set(letters) & set("кге")
        return ("ء" if is_marked else "") + "".join(ARABIC[letter] for letter in letters)

    return re.sub(r"[а-яәғқңөұүһі]+", word, text, flags=re.IGNORECASE)


LATIN = ("latin-2017", "latin-2018", "latin-2021", "latin")
WAYS = {
    "look-alike": lambda text: text.translate(LOOK_ALIKE),
    "keyboard": keyboard,
    "capitals": lambda text: keyboard(text).upper(),
    "decomposed": lambda text: unicodedata.normalize("NFD", keyboard(text)),
    "latin-2017": lambda text: transliterate(text, "latin-2017"),
    "latin-2018": lambda text: transliterate(text, "latin-2018"),
    "latin-2021": lambda text: transliterate(text, "latin-2021"),
    "latin": lambda text: transliterate(text, "latin"),
    "arabic": arabic,
}
