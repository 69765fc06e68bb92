"""Tests of chat/web/documents.py without a browser: what is told of the files that are added."""

import html
import re
from types import SimpleNamespace

from fakes import HashEmbedder, document
from written_files import docx, zipped

from chat.web.documents import _add
from chat.web.i18n import Translations
from index.indexer import Indexer, LiveIndex


def test_what_of_an_archive_is_not_read_is_told(tmp_path):
    library = Indexer(tmp_path / "home", load=HashEmbedder)
    library.put([document("Бұрынғы мәтін.")])
    site = SimpleNamespace(live=LiveIndex(library, library.open()))
    upload = tmp_path / "жүктеу" / "мұрағат.zip"
    upload.parent.mkdir()
    upload.write_bytes(zipped({"ә.docx": docx(["Жаңа мәтін."]), "сурет.png": b"\x89PNG"}))
    *_, last = _add([str(upload)], Translations("kk"), site)
    shown = html.unescape(re.sub("<[^>]+>", " ", last))
    assert "мұрағат.zip: оқылды, 1 құжат." in shown
    assert "Оқылмады – мұрағат.zip/сурет.png: no reader for '.png'; make a .pdf" in shown
    assert set(site.live.retriever().documents) == {"құжат", "мұрағат.zip/ә.docx"}
    assert not upload.exists()
