"""Text to terms for the lexical leg, per language. Knows nothing of ranking.

terms.py      what a text's terms are          suffix.py     Kazakh endings
glossary.py   words that mean the same in Kazakh, English and Russian (glossary.tsv)
"""
