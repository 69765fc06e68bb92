"""Text analysis: what a text's words, numbers, dates and names are, in Kazakh, English and Russian.

analyzer.py         what is indexed and searched for: the terms of a text or a question
lexicon.py          stop words, and words that mean the same across languages (glossary.tsv)
stemmer.py          Kazakh stems by the rules of the grammar (STEMMER.md)
suffixes.py         may this be an ending; may these be forms of one word
transliteration.py  Kazakh typed in Latin letters or on a Russian keyboard
spelling.py         a question respelt to the words of the documents
vocabulary.py       which words those are, how common, and what their stems are
entities/           numbers, dates and names
"""
