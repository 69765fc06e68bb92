"""Tests of ingest/sentence.py: tables of texts, both shipped documents, and any text at all.

SPACED lists sentences that are one text when joined by spaces, GLUED those joined by nothing.
"""

import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.sentence import Ending, ending_of, sentences, word_lists

CORPUS = Path(__file__).parents[1] / "ingest" / "corpus"


def split(text):
    return [text[start:end] for start, end in sentences(text)]


# --- one line -------------------------------------------------------------------------------------

SPACED_KAZAKH = [
    ["Ол келді.", "Біз қуандық."],
    ["Тәуелсіздік алды.", "Ғалымдар келді.", "Қала өсті.", "Өмір жаңарды.", "Ұлт бірікті."],
    ["Жүк келді.", "Үй салынды.", "Іс бітті.", "Һәм солай болды.", "Әлем өзгерді.", "Таң атты."],
    ["Мұның жарқын дәлелі – Қазақстан Республикасының БҰҰ мүшесі болуы."],
    ["Оның айғағы- ұлы Абайдың 150жылдық мерейтойы."],
    ["Н.Ә. Назарбаев пен Б.Н Ельцин ҚР сы мен Ресей арасында шартқа қол қойды."],
    ["Республикамыздың Президенті Н.Ә.Назарбаев Еуропаға барды.", "Ол қайтып келді."],
    ["Н. Ә. Назарбаев, Қ. К. Тоқаев және Ш.Ш. Уәлиханов туралы айтылды."],
    ["Ә. Бөкейхан, Ғ. Мүсірепов, Ө. Тұрманжанов, Ұ. Есназаров, Ү. Ахмет, І. Есенберлин, Һ. Хасан."],
    ["Ж.-Ж. Руссо мен Дж. Локк еңбектері."],
    ["Аймақтың экономикалық және т.б. бірлесе отыра шешетін мәселелері бар."],
    ["Мұнай, газ және т.б.", "Қазақстан бай ел."],
    ["Мұнай, газ және т. б.", "Қазақстан бай ел."],
    ["Мұнай, газ, т.с.с.", "Экономика өсіп келеді."],
    ["Мұнай, газ, т.т.", "Экономика өсіп келеді."],
    ["Мұнай, газ т.б. «Достық» құбырымен жеткізіледі."],
    ["Біз (мұнай, газ т.б.).", "Бұл аз емес."],
    ["1994 ж. Қазақстан мүше болды.", "Бұл маңызды қадам."],
    ["Ол 1994 ж.", "Бұл шарт күшіне енді."],
    ["Алматыда 1992 ж. 25 мамырда кездесті."],
    ["XV ғ. Қазақ хандығы құрылды.", "XVI ғ. басында ол күшейді."],
    ["б.з.б. V–III ғғ. Сақ тайпалары өмір сүрді."],
    ["б. з. б. V ғасырда сақтар өмір сүрді."],
    ["1949-1963 жж. Семейде жарылыстар болды.", "Онда 752 жарылыс жасалды."],
    ["Жыл сайын 200-210 млн.тонна мұнай сатып алмақ."],
    ["Көлемі 10 млн. АҚШ доллары.", "Халқы 19 млн.", "Бұл көп емес."],
    ["Қоры 5 млрд. тонна, 2 трлн. теңге.", "Алматы қ. Абай даң. 52-үй."],
    ["Алматы обл. Қарасай ауд. Қаскелең қ. әкімдігі."],
    ["т.ғ.д., проф. М. Қойгелдиев пен акад. Ә. Марғұлан, доц. Б. Ахметов келді."],
    ["ф.-м.ғ.к. А. Серіков баяндама жасады."],
    ["Мыс. Қазақстан, ред. Қ. Оразалин, 15 бет. Алматы баспасы."],
    ["Бұл 26-сы атмосферада, 78-і.", "Қалғаны жер астында."],
    ["25.05.1992 күні сағ. 10.30-да кездесті.", "Бағасы 3.14 не 1,5 теңге."],
    ["Кездесу 25. 05. 1992 күні өтті."],
    ["Ол 1991.", "16 ел қатысты."],
    ["Сайт www.akorda.kz ашылды.", "Пошта a.b@c.kz жұмыс істейді."],
    ["Толығырақ: https://a.kz/?Q=A.B&R=C!D сайтында.", "Рахмет."],
    ["«Қайда?» деп сұрады ол.", "Біз үндемедік."],
    ["«Қайда?» – деп сұрады ол."],
    ["— Қайда барасың? — деп сұрады Асан.", "— Үйге! — деді Үсен.", "— Жарайды."],
    ["Ол сұрады: «Қайда барасың?»", "Біз жауап бердік."],
    ["Ол: «Мен келемін», – деді.", "Біз күттік."],
    ["Ол «Мен келемін.» деді.", "Біз күттік."],
    ["Шарт жасалды.", "«Достық» келісімі күшіне енді."],
    ["Шарт жасалды.", "“Достық” келісімі күшіне енді.", "„Бірлік“ тобы келді."],
    ["«Егемен Қазақстан».", "Бұл газет."],
    ["(Бұл бірінші.)", "Екінші сөйлем."],
    ["(Бірінші.", "Екінші.)", "Үшінші."],
    ["Ол келді (кеше!) Назарбаевпен бірге."],
    ["Чернышевскийдің «Не істеу?» Қазақстанда аударылды."],
    ["Неге?..", "Себебі белгісіз.", "Түсініксіз!!!", "Бұл қалай?!", "Жарайды..."],
    [
        "Ол кім, Ахметов А.?",
        "Назарбаев па?",
        "Ол 1992 ж.!",
        "Қазақстан жас ел…",
        "Бағасы 5?",
        "6 ғой.",
    ],
    ["Бірақ… ол келмеді.", "Біз күттік…", "Таң атты."],
    ["Ол тең дәрежелі достық қатынас орнатпақ .", "Сонымен қатар басқа мәселелер бар."],
    ["Үлесі 25%.", "5 ел қатысты.", "$5 млрд. бөлінді.", "№ 5 қаулы шықты."],
    ["1. Кіріспе"],
    ["1. Кіріспе бөлімі осы.", "2. Екінші бөлім."],
    ["IV. Қорытынды жасалды.", "Ол қысқа."],
    ["а) бірінші тармақ.", "Ол қысқа."],
    ["Күн тәртібі: 1. Есеп.", "2. Сайлау."],
    ["… Иә, солай.", "Жоқ."],
    ["ҚР Үкіметі 2014 ж. 30 желтоқсанда қаулы шығарды.", "Оны бәрі қолдады."],
    ["«Бейбітшілік» (ағыл. Peace) бағдарламасы 1994 ж. басталды."],
    ["АСТАНА, 5 мамыр. /ҚазАқпарат/.", "Мемлекет басшысы Қ.К. Тоқаев АҚШ-қа барды."],
    ["«Біз – серіктеспіз.", "Ынтымақтастық тереңдейді», – деді Қ.Тоқаев.", "Айта кетейік."],
    [
        "Қазақ хандығы 1465 ж. құрылды[1].",
        "Оны Керей қалады.[2]",
        "Бұл туралы М. Х. Дулати жазған.",
    ],
    ["Абай (10.08.1845 ж. т. – 06.07.1904 ж.) – қазақтың ұлы ақыны.", "Ол Шыңғыста туған."],
]

SPACED_RUSSIAN = [
    ["В 1992 г. Назарбаев прибыл в Москву.", "Это важно."],
    ["Это было в 1992 г.", "В Алматы прошёл съезд."],
    ["В 1997–1998 гг. Казахстан ввёл пошлины.", "Однако их отменили."],
    ["Это было в XIX в.", "Однако никто не помнит."],
    ["В г. Алматы, на ул. Кабанбая, д. 5, кв. 10, живёт А. И. Иванов.", "Он врач."],
    ["Нефть, газ и др.", "Казахстан богат ресурсами."],
    ["Нефть, газ и т.д.", "Президент сказал."],
    ["Нефть, газ и т. п.", "Президент сказал."],
    ["Нефть, т.е. Казахстан, т.к. Россия, напр. Урал, и т. д. названы."],
    ["См. рис. 1, табл. 2, стр. 15, с. 7 и пр. приложения."],
    ["Им. Абая, им. В. И. Ленина, св. Николай, о. Возрождения, проф. Иванов, акад. Сатпаев."],
    ["Он сказал это им.", "Но они ушли."],
    ["Цена 5 тыс. руб.", "Компания согласна."],
    ["ВВП составил 171 млрд. долл. США.", "Это меньше, чем было."],
    ["В I в. до н. э. Римская империя росла.", "Потом она пала."],
    ["Т.Б. Иванов и Т. Е. Петров пришли."],
    ["С 1 янв. 2020 г. закон вступил в силу.", "Суд решил: отказать."],
    ["Роман «Что делать?» Чернышевского читали все.", "Его ценили."],
    ["«Я приду!» — сказал он.", "И пришёл."],
    ["Он сказал: «Я приду!»", "И пришёл."],
    ["Что делать? — спросил он.", "— Ничего, — ответила она.", "— Совсем?!"],
    ["ООО «Рога» (г. Москва) и ещё 5 фирм.", "Всего 6."],
    ["Доклад (см. 2019 г.) Казахстана принят.", "Так ли это?"],
    ["Согласно ст. 12 п. 3 пп. «а» Закона РК от 05.07.2014 г. № 235-V.", "Суд решил: отказать."],
    ["С 1991 г. по 2019 г. правил Н.А. Назарбаев.", "В 2019 г. избран К.-Ж. К. Токаев."],
    ["Петр I правил долго.", "Потом пришла Екатерина II.", "Россия росла."],
]

SPACED_ENGLISH = [
    ["The first President was N. Nazarbayev.", "He ruled."],
    ["Foreign Minister Mr. Nurlan Ermekbayev met Dr. Smith and Prof. Lee.", "They agreed."],
    ["Mrs. Jones, Ms. Lee, Gen. Hill, Col. Fox, Sen. Kerry, Rep. Pike and Hon. Judge Roe."],
    ["Lt. Ray and Capt. Roy live on St. Mary's Street."],
    ["The U.S. Government and the U.N. Charter agree."],
    ["It happened in the U.S.", "The law changed.", "He lives in Washington, D.C.", "It is big."],
    ["J. R. R. Tolkien wrote it.", "J.K. Rowling did not.", "K. He did."],
    ["This was plan B.", "The next plan failed."],
    ["It exports oil, gas, etc.", "Kazakhstan is rich."],
    ["He came at 5 p.m.", "Smith left at 9 a.m. on Jan. 5, 2008."],
    ["He works at Acme Inc.", "Smith is his boss at Roe Ltd.", "Lee owns Fox Co.", "It grew."],
    ["M. L. King Jr. spoke vs. Mr. Roe Sr. on Dec. 16.", "The crowd cheered."],
    ["See No. 5, Nos. 6 and 7, Vol. 2, pp. 12–15, p. 3, Fig. 3, and Eq. (4)."],
    ["No.", "The answer is no.", "No. 7 won."],
    [
        "Some, e.g. Kazakhstan, i.e. Astana, cf. Almaty, approx. 5, grew.",
        "Smith et al. (2005) agree.",
    ],
    ["We use Node.js, v2.0.1 and 3.14.", "The file is Report.Pdf or README.md."],
    ["System.Collections.Generic is a namespace.", "Call Foo.Bar() then."],
    ["At the 5th Anniversary Conference on May 28, 2008 he spoke.", "The 6th followed."],
    ["Churchill said that «generals always prepare for the last war».", "Kazakhstan did not."],
    ['It has built a "security belt" around its borders.', "The end."],
    ["It has ended.", '"Next time," he said.'],
    ['He said "it ended."', "Next day he left."],
    ['"Is it over?" he asked.', '"Yes," she said.'],
    ["“The war is over.”", "“Really?”", "“Yes.”"],
    ["He said 'no.'", "Then left.", "'Twas late."],
    ["Wait... what?", "Oh...", "Kazakhstan!"],
    ["The treaty failed (why?).", "Nobody asked.", "(See the annex.)", "The rest follows."],
    ["It gained independence.[5]", "The country grew.[12][13]", "It has oil."],
    ["E-mail: a@b.kz.", "Tel. 5.", "It has 17 regions (from N. to S.) etc.", "It is big."],
    ["Pursuant to 22 U.S.C. § 2151, the U.S. Congress acts.", "See Art. 5, Sec. 2(b)."],
    ["It rose 3.5%.", "$5 billion was invested.", "CO2 fell.", "Yes."],
    ["**Bold claim.**", "The *next* one."],
]

SPACED_NUMBERED = [
    ["1.2.3 Сыртқы саясат туралы айтылды.", "№ 5. Қосымша"],
    ["1-бап. 1. Қазақстан Республикасы – зайырлы мемлекет.", "Ол – демократиялық ел."],
    ["1-сурет. Қазақстан картасы"],
    ["Статья 1. Понятия"],
    ["Глава 3. Права и свободы человека закреплены.", "Они неотчуждаемы."],
    ["Рис. 2. Карта Казахстана"],
    ["Article 1. The parties agree.", "They sign."],
    ["Section 4.2. Scope of the treaty"],
    ["5. Бұл бесінші.", "6. Қазақстан алтыншы.", "I. Introduction"],
    ["II тарау. Президент сайланады.", "Оның мерзімі бар."],
    ["2-кесте. Халық саны"],
    ["3-1. Астана қаласының мәртебесі айқындалады.", "Ескерту."],
    ["A. Overview of the treaty is short.", "B. Kazakhstan signed it."],
]

SPACED_OTHER = [
    ["Qazaqstan täuelsizdik aldy.", "Bul mañyzdy oqiğa.", "Ğalymdar keldi.", "Üi salyndy."],
    ["Munai, gaz t.b.", "Qazaqstan bai el.", "Halqy 19 mln. adam."],
    ["Shoqan Sh. Ualihanov 1835 j. tuğan.", "Ol ğalym.", "Bul sen.", "Men keldim."],
    ["Қазақстан мүше болды.", "Казахстан вступил в ООН.", "Kazakhstan joined the U.N. in 1992."],
    ["Бұл reforms туралы.", "The word is English.", "Это т.н. «реформа».", "Иә."],
]


@pytest.mark.parametrize(
    "expected",
    SPACED_KAZAKH + SPACED_RUSSIAN + SPACED_ENGLISH + SPACED_NUMBERED + SPACED_OTHER,
    ids=" ".join,
)
def test_sentences_with_spaces_between(expected):
    assert split(" ".join(expected)) == expected


@pytest.mark.parametrize("expected", SPACED_KAZAKH + SPACED_RUSSIAN + SPACED_OTHER, ids=" ".join)
def test_decomposed_letters_change_nothing(expected):
    decomposed = [unicodedata.normalize("NFD", sentence) for sentence in expected]
    assert split(" ".join(decomposed)) == decomposed


@pytest.mark.parametrize("expected", SPACED_KAZAKH + SPACED_RUSSIAN, ids=" ".join)
def test_latin_look_alikes_change_nothing(expected):
    scanned = [sentence.translate(str.maketrans("асеорхі", "aceopxi")) for sentence in expected]
    assert split(" ".join(scanned)) == scanned


# --- no space after the full stop -----------------------------------------------------------------

GLUED = [
    ["Егемендігін баянды етті.", "Бұған АҚШ-пен хартияға қол қоюы жәрдемдесті."],
    ["Шарттарға қол қойылды.", "1998 жылдың 12 қазанында хаттамаға қол қойылды."],
    ["Нашарлауына әкеліп отыр.", "150млн. тонна тұзды шаң–тозаң көтерілуде."],
    ["Атмосферада өткізілген.", "Онда өткізілген 752 жарылыс."],
    ["Мемлекеттер ықылас білдіруде.", "Оған себеп болатын байлықтарымыз."],
    ["Ол тең қатынас орнатпақ .", "Сонымен қатар басқа да мәселе бар."],
    ["Ол келді.", "«Достық» келісімі жасалды.", "“Бірлік” тобы.", "(Бұл соңғысы.)"],
    ["Ол «Достық» деді».", "Біз сендік.", "А ол күлді.", "Н.Ә.Назарбаев келді."],
    ["Оған АҚШ.", "Бұл ел (БҰҰ).", "Үлесі 25%.", "Осы 1991.", "Ал ол 150млн. тонна."],
    ["Ж.Аймауытов пен Қ.И.Сәтбаев келді.", "Ғалымдар т.б.", "Сонымен бітті."],
    ["Бұл қалай?", "Білмеймін!", "Тарихи шешім…", "Халық қуанды...", "Иә."],
    ["Шарт жасалды(29.08.1991ж.).", "Оған екі ел,АҚШ пен Ресей,қол қойды."],
    ["— Иә, — деді ол.", "— Бұл жақсы."],
    ["Қайда?»", "Бұл сұрақ."],
    ["Он ушёл.", "В 1998 г.", "Но это им.", "Это всё."],
    ["The reforms.", "The country grew in Kazakhstan.", "It has oil, 'gas'.", "This is 1991."],
    ["We want reforms.", "Kazakhstan joined NATO.", "They left the (old) policy.", "A new one."],
    ["He said the war ended.", "“Really.", '"They said.', "In Astana."],
    ["Qazaqstan aldy.", "Bul ğylym.", "Üidegi äke keldi.", "Ol aitty."],
    ["Бұл reforms.", "Бұл сөз.", "The word.", "Оны көр."],
]
GLUED_WHOLE = """
200-210 млн.тонна мұнай
Н.Ә.Назарбаев, Б.Н Ельцин, А.С.Пушкин, Дж.Локк, Ж.-Ж.Руссо
U.S.Government, www.akorda.kz, http://a.kz/B.C?D=E!F, a.b@c.kz, A.Bekov@Mfa.Gov.kz
Node.js, README.md, Report.Pdf, ASP.NET, Microsoft .NET, os.Path, np.Array(5), a.Class.Name
3.14, 1,5, 25.05.1992, v2.0.1, 10.30, 1.2.3, 5.Б, 2.Саясат
т.б. бірлесе, т.с.с. және, т.ғ.д.
им.Абая, ул.Ленина, проф.Иванов, ред.Петров, акад.Сәтбаев, обл.Алматы, г.Алматы, стр.15, рис.2
1994 ж.Қазақстан, 1992 г.Назарбаев, 5 тыс.Тонн, Mr.Smith, No.5, Inc.Chairman, p.m.Moscow
Правительство.рф, сайт.қаз, тілі .Net, бір.екі, x.Y, Foo_bar.Baz, $var.Name, path/to.File
"""


@pytest.mark.parametrize("expected", GLUED, ids=" ".join)
def test_sentences_without_a_space_between(expected):
    assert split("".join(expected)) == expected


@pytest.mark.parametrize(
    "text", [text for line in GLUED_WHOLE.split("\n") for text in line.split(", ") if text]
)
def test_dotted_pieces_stay_whole(text):
    assert split(f"Ол {text} жазды") == [f"Ол {text} жазды"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Ended."Next day', ["Ended.", '"Next day']),
        ('He said "it ended."Next day', ['He said "it ended."', "Next day"]),
        ('He said "it ended. " Next day', ['He said "it ended. "', "Next day"]),
        ('"One." "Two."', ['"One."', '"Two."']),
        ("Ол 1994 ж.  \t Бұл", ["Ол 1994 ж.", "Бұл"]),
        ("Бітті.\u00a0Енді бар.", ["Бітті.", "Енді бар."]),
        ("Бітті.\u200b Енді бар.\ufeff", ["Бітті.\u200b", "Енді бар.\ufeff"]),
        ("« Бітті. » Енді бар.", ["« Бітті. »", "Енді бар."]),
        ("", []),
        (" \n\t\x00", ["\x00"]),
        ("...", ["..."]),
        ("\ud800. Иә.", ["\ud800. Иә."]),
    ],
)
def test_quotes_and_odd_spaces(text, expected):
    assert split(text) == expected


# --- lines ----------------------------------------------------------------------------------------

WRAPPED = [
    "The formulation of the conceptual basis and principles of the foreign policy of\n"
    "Kazakhstan was started shortly after Kazakhstan gained independence.",
    "It was based\n"
    "on the understanding, in the words of H. E. Mr.\n"
    "Nazarbayev, the first President of the country, that peace is vital for all the\n"
    "Eurasian continent.",
]
HEADINGS = [
    "Сыртқы саясаттың негізгі бағыттары мен міндеттері",
    "Қазақстанның халықаралық ұйымдармен ынтымақтастығы",
    "Еуразиялық интеграция және оның болашағы туралы",
    "Аймақтық қауіпсіздік мәселелері мен шешу жолдары",
]
LINES = [
    ("Бірінші⏎⏎екінші", ["Бірінші", "екінші"]),
    ("Бірінші,⏎ \t⏎екінші", ["Бірінші,", "екінші"]),
    ("Бірінші\r⏎\r⏎екінші", ["Бірінші", "екінші"]),
    ("Бірінші⏎екінші", ["Бірінші⏎екінші"]),
    ("Тақырып⏎Қазақстан Республикасы⏎Астана", ["Тақырып", "Қазақстан Республикасы", "Астана"]),
    ("Бітті.⏎екінші", ["Бітті.", "екінші"]),
    (
        "Сұрақ?⏎жауап!⏎иә…⏎жоқ:⏎бәлкім;⏎жарайды",
        ["Сұрақ?", "жауап!", "иә…", "жоқ:", "бәлкім;", "жарайды"],
    ),
    ("Ол деді: «Иә.»⏎сосын кетті", ["Ол деді: «Иә.»", "сосын кетті"]),
    ("және т.б.⏎жоғары мәжілістерде", ["және т.б.⏎жоғары мәжілістерде"]),
    ("және т.б.⏎Қазақстан", ["және т.б.", "Қазақстан"]),
    ("Президент Н.Ә.⏎Назарбаев", ["Президент Н.Ә.⏎Назарбаев"]),
    ("This is Mr.⏎Smith", ["This is Mr.⏎Smith"]),
    (
        "Мыналар жатады:⏎— мүддені қорғау;⏎-елімізде ету;⏎–дамыту.⏎Сайып келгенде",
        ["Мыналар жатады:", "— мүддені қорғау;", "-елімізде ету;", "–дамыту.", "Сайып келгенде"],
    ),
    (
        "тізім⏎• бір⏎* екі⏎1. үш⏎2) төрт⏎а) бес⏎1.2. алты",
        ["тізім", "• бір", "* екі", "1. үш", "2) төрт", "а) бес", "1.2. алты"],
    ),
    (
        "бағасы⏎1.5 теңге, ал⏎1992 жылы⏎бір *екі⏎*үш* төрт",
        ["бағасы", "1.5 теңге, ал", "1992 жылы⏎бір *екі", "*үш* төрт"],
    ),
    ("- бірінші⏎  жалғасы. Екінші⏎- үшінші", ["- бірінші⏎  жалғасы.", "Екінші", "- үшінші"]),
    (
        "Мәтін⏎# Тақырып. Бір⏎жалғасы⏎## 2. Екі⏎біз",
        ["Мәтін", "# Тақырып. Бір", "жалғасы", "## 2. Екі", "біз"],
    ),
    (
        "Кесте:⏎| А. Ә. | Бір. Екі. |⏎|---|---|⏎| үш | төрт |⏎соңы",
        ["Кесте:", "| А. Ә. | Бір. Екі. |", "|---|---|", "| үш | төрт |", "соңы"],
    ),
    ("бір⏎---⏎екі⏎=====⏎үш", ["бір", "---", "екі", "=====", "үш"]),
    (
        "1.⏎Кіріспе⏎2.\r⏎Негізгі бөлім⏎⏎3.⏎⏎Соңы",
        ["1.⏎Кіріспе", "2.\r⏎Негізгі бөлім", "3.", "Соңы"],
    ),
    ("беттің соңы⏎\x0cкелесі бет", ["беттің соңы⏎\x0cкелесі бет"]),
    ("— Сәлем!⏎— Қалайсың?⏎— Жақсы. Өзің?", ["— Сәлем!", "— Қалайсың?", "— Жақсы.", "Өзің?"]),
    (" ".join(WRAPPED), WRAPPED),
    (
        "Main vectors of the foreign policy of the state⏎The formulation was started shortly.",
        ["Main vectors of the foreign policy of the state", "The formulation was started shortly."],
    ),
    ("Кіріспе⏎" + " ".join(WRAPPED), ["Кіріспе", *WRAPPED]),
    ("⏎".join(HEADINGS), HEADINGS),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_line_ends(text, expected):
    parts = split(text.replace("⏎", "\n"))
    assert parts == [sentence.replace("⏎", "\n") for sentence in expected]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85"])
def test_every_kind_of_line_end(end):
    assert split(f"Бірінші{end}жалғасы{end}Екінші{end}- үшінші") == [
        f"Бірінші{end}жалғасы",
        "Екінші",
        "- үшінші",
    ]
    assert split(f"Бірінші{end}{end}екінші") == ["Бірінші", "екінші"]


# --- the shipped documents: how every sentence starts and ends, read by eye -----------------------

KAZAKH_DOCUMENT = """
Бұрынғы Одақ кезінде Қаза … орталық шешетін.
Қазақстан Республикасы ег … жүргізе бастады.
Ол дүниежүзілік қауымдаст … белсене кірісуде.
Мұның жарқын дәлелі – Қаз … құқылы мүшесі болуы.
Еліміздің Хельсинки келсі … мызғымастығын баянды етті.
Бұған АҚШ-пен “Демократик … кепілдіктері жәрдемдесті.
Республиканың негізгі әле … енуінің маңызы зор.
Сондай-ақ Еуропалық одақп … келсімге қол қойды.
Еліміз Азияның он елін бі … түрде жұмыс істеуде.
Республика тиісті халықар … байланыс жасап отыр.
Оның айғағы- ұлы Абайдың … демеуімен аталып өтілуде.
Біздің елімізбен дәйекті … ықылас білдіруде.
Оған себеп болатын ең алд … қазба байлықтарымыз.
Тұтас алғанда жыл сайын Қ … пайдалы қазбалар игеріледі.
Республикалмыз астық өнім … шығаруға мүмкіншілігі бар.
ТМД елдерінің қой шаруашы … қазақ даласында өсіріледі.
Мұның бәрі шетелдерді қыз … қызықтырмай қоймайды.
Қазіргі Қазақстан жері Еу … тиімді кеңесті алып жатыр.
Бұл байланыстырушы буын м … септігін тигізуге тиіс.
Біздің географиялық жағыд … тиімсіз де жері бар.
Ол ашық теңізге тікелей ш … жолдарынан қашықта орналасуымыз.
Мұның бәрі халықаралық эк … құруға да әсерін тигізуде.
Сондықтан көршілес мемлек … қатынаста болуының мәні зор.
Бұл ел, біріншіден, Батыс … жолының қақпасы болып тұр.
Екіншіден, республикамызд … орыстардың саны көп.
Үшіншіден, Ресейде де бір … бірталай қазақтар тұрады.
Төртіншіден, Петр Бірінші … қақпасы ретінде қараған.
Екі елдің арақатынасы дұр … ел де тыныш болады.
Сондықтан 1992 жылғы 25 м … көмек туралы» шартқа қол қойды.
Екі ел арасында әскери-са … салаларда шарттарға қол қойылды.
1998 жылдың 12 қазанында … туралы хаттамаға қол қойылды.
Мұның бәрі екі ел арасынд … өрбіп келе жатқанын көрсетеді.
Қазақстанның Қытай Халық … жөнінде айтарлықтай жылжу бар.
Қытай Қазақстанға қарсы я … тұтастықты құрметтеуге міндеттенді.
Өз кезегінде, Қазақстан Қ … міндеттемелерді мойнына алды.
1994 жылғы сәуір айында А … өтуі туралы» Шартқа қол қойылды.
Бұл құжаттың маңызы өте з … айтпаса да түсінікті.
1997 жылы батыс Қазақстан … туралы келсімге қол қойылды.
2010 жылға қарай Қытай бі … млн.тонна мұнай сатып алмақ.
Өмір бойы көршілес болып, … біздің ортақ мүдделеріміз көп.
Әлбетте, олармен ізгі қат … алдыңғы қатарлы орын берілді.
Тегі бір, тарихы тамырлас … деген екі жақты ұмтылыс бар.
Сол сияқты Иран елімен де … дамып, бекіп келеді.
Екі ел Каспий теңізін Қаз … айналдыру туралы уағдаласты.
Біз Азия құрлығында өмір … өмір сүріп отырмыз.
Мұндағы елдердің экономик … қоғамдық құрылымы сан алуан.
Сондықтан бұл аймақ үшін … қауіпсіздікті сақтаудың маңызы зор.
Аймақ мемлекеттерінің эко … отыра шешетін ортақ мәселелері бар.
Сонның бәрін ескере отыры … т.б. жоғары мәжілістерде ұсынды.
Сыртқы саясат экология ме … мәселелерімен де астасып жатыр.
Бұл орайда, алдыңғы қатар … Қазақстанның екі қасіреті тұр.
Біріншісі-тартылып бара ж … жатқан Арал теңізі.
Оның бассейнінің шөлге ай … нашарлауына әкеліп отыр.
150млн. тонна тұзды шаң–т … тозаң аспанға көтерілуде.
Ол айналасында тұратын 3 … теріс зардаптарын тигізуде.
Бұл қасірет қазір сол ада … қайғы болып шығуы мүмкін.
Сондықтан бұл өңірде дүни … көмек көрсетпесе болмайды.
Екінші экологиялық қасіре … ядролық полигон.
Мұнда 1949-1963 жылдары а … мен атмосферада өткізілген.
Онда өткізілген 752 жарыл … жер астында жүргізілді.
Жарылыс зардаптарынан жар … астам адам жапа шекті.
Сыртқы саясатпен тікелей … байланысты әскери саясат.
Бұл саладағы негізгі мақс … икемді армияны ұстау.
Республика стратегиялық ш … бастамалардың дұрыс деп табады.
Қазақстанның қазіргі сырт … принциптеріне мыналар жатады:
— мемлекеттік мүддені қор … мүддені қорғау;
-елімізде экономикалық ре … барынша қамтамасыз ету;
-әлемдегі барлық елдермен … серіктестік қатынастарды дамыту;
-ғаламдық және аймақтық и … процестерге белсене қатысу;
-халықаралық ұйымдармен ы … ынтымақтастықты тереңдету.
Сайып келгенде, Қазақстан … бөлігі болып еніп отыр.
Ол өзінің сыртқы саясатын … достық қатынас орнатпақ .
Сонымен қатар республикам … ортаны қорғау, дамыту және т.б.
"""
ENGLISH_DOCUMENT = """
Main vectors of Kazakhsta … Kazakhstan's foreign policy
The formulation of concep … on December 16th 1991.
It was based on the under … one continent or another.
Its geographical location … of its diplomatic activity.
The first President of th … political and economic reforms.
The nature of these trans … international and regional events.
At that time the Governme … new state governing system.
These decisions had to be … into the world community.
Kazakhstan's foreign poli … trend towards liberalisation.
Analysis of the main achi … policy of non-proliferation.
Kazakhstan set an example … fact ensure the real security.
Sir Winston Churchill onc … prepare for the last war».
Kazakhstan was preparing … threat of total destruction.
At the Proliferation Secu … nuclear non-proliferation regime.
Kazakhstan successfully d … other European and Asian countries.
By strengthening friendly … "security belt" around its borders.
The main achievement of t … Kazakhstan and any other country.
Favourable external condi … economic interests in general.
By 2008 Kazakhstan has es … for its relations with them.
Over 1600 international a … been signed by Kazakhstan.
Republic has become a mem … political and economic organizations.
At present there are abou … are representing Kazakhstan abroad.
Kazakhstan has establishe … SCO, ASEAN and others.
Considering the geographi … strengthening of its independence.
Thus during the 20 years … integral part of state policy.
The country has found way … the interests of other countries.
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("kk_foreign_policy.txt", KAZAKH_DOCUMENT), ("en_foreign_policy.txt", ENGLISH_DOCUMENT)],
)
def test_every_sentence_of_a_shipped_document(name, expected):
    edges = [tuple(line.split(" … ")) for line in expected.strip().split("\n")]
    parts = split((CORPUS / name).read_bytes().decode())
    assert [
        (sentence[: len(first)], sentence[-len(last) :])
        for sentence, (first, last) in zip(parts, edges, strict=True)
    ] == edges


# --- any text -------------------------------------------------------------------------------------

PIECES = [
    *"Қазақ|ол|Бұл|т.б.|ж.|г. |Mr.|No.|The|reforms|А.|1994|25.|5|\r\n|\n\n|. |www.|a@b.|# ".split(
        "|"
    ),
    *".!?…,:;-–—«»“”\"'()[]|#*_ \t\n\r\x0b\x0c\x1c\x85\xa0\u2028\u2029\u200b\x00\u0306\u0301",
    *"\ud800\udfff😀$№§",
]
ANY_TEXT = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(
    st.characters(exclude_categories=())
)


@given(ANY_TEXT)
@example("\x1c\x1d\x1e\x1f\x85\xa0.\u3000A")
def test_spans_hold_every_character_once(text):
    spans = sentences(text)
    held = [position for start, end in spans for position in range(start, end)]
    assert held == sorted(set(held))
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)
    outside = set(range(len(text))) - set(held)
    assert all(text[position].isspace() for position in outside)


@given(ANY_TEXT, ANY_TEXT)
def test_an_empty_line_keeps_two_texts_apart(first, second):
    cut = len(first) + 1
    assert not any(start < cut < end for start, end in sentences(f"{first}\n\n{second}"))


@given(ANY_TEXT)
def test_a_cut_in_a_line_follows_a_mark(text):
    for (_, end), (start, _) in pairwise(sentences(text)):
        between = text[end:start]
        new_line = re.search(r"[\n\r\x0b\x0c\x85\u2028\u2029]", between)
        assert new_line or any(mark in text[max(0, end - 40) : end] for mark in ".!?…")


# --- the data -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(word_lists().abbreviations))
def test_an_abbreviation_goes_on_before_lower_case(name):
    assert len(sentences(f"Ол {name}. бар")) == 1
    assert ending_of(name) is word_lists().abbreviations[name]


@pytest.mark.parametrize(
    "name",
    [name for name, ending in word_lists().abbreviations.items() if ending is Ending.NEVER],
)
def test_an_abbreviation_that_never_ends(name):
    assert len(sentences(f"Ол {name}. Бұл")) == 1


def test_function_words_are_capitalised():
    assert all(word == word.capitalize() for word in word_lists().function_words)
