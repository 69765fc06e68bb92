"""Tests of `UploadedFilesOnly` in chat/web/gradio_adapter.py: which files a body may name."""

import asyncio
import json
import os

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.web.gradio_adapter import UploadedFilesOnly

HARMLESS = [
    b"", b"{}", b"[]", b"null", b"{", '{"ә": "ғ қ ң ө ұ ү һ і"}'.encode(),
    b'{"data": ["/etc/passwd"]}', b'{"path": null, "url": null}',
    b'{"meta": {"_type": "gradio.FileData"}}', b"[" * 100_000,
]  # fmt: skip
HARMFUL = [
    {"path": "/etc/passwd"}, {"path": "../../etc/passwd"}, {"path": ""}, {"path": "."},
    {"url": "http://evil.example"}, {"path": "http://evil.example/a"}, {"path": None, "url": "x"},
    {"path": 7}, {"path": ["/etc/passwd"]}, {"path": "a\0b"}, {"path": "file:///etc/passwd"},
    {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}},
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    found = tmp_path_factory.mktemp("жүктелген") / "uploads"
    (found / "ә").mkdir(parents=True)
    (found / "ә" / "қалта.txt").write_text("Үкі", "utf-8")
    (found.parent / "secret.txt").write_text("құпия", "utf-8")
    (found.parent / "uploads-2").mkdir()
    os.symlink(found.parent / "secret.txt", found / "link.txt")
    return found


async def echo(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def post(folder, pieces, path="/kk/gradio_api/queue/join"):
    async def content():
        for piece in pieces:
            yield piece

    async def posted():
        transport = httpx.ASGITransport(UploadedFilesOnly(echo, folder))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            return await client.post(path, content=content())

    return asyncio.run(posted())


@pytest.mark.parametrize("body", HARMLESS, ids=range(len(HARMLESS)))
def test_what_names_no_file_is_passed_on_as_it_came(folder, body):
    asked = post(folder, [body[:5], body[5:]])
    assert (asked.status_code, asked.content) == (200, body)


def test_an_uploaded_file_may_be_named(folder):
    path = folder / "ә" / "қалта.txt"
    body = json.dumps({"data": [[{"path": str(path), "url": None, "meta": {}}]]}).encode()
    assert post(folder, [body]).content == body


@pytest.mark.parametrize("value", HARMFUL, ids=range(len(HARMFUL)))
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: {"data": [[1, {"a": value}]]}])
def test_another_file_may_not_be_named_however_deep(folder, value, wrap):
    body = json.dumps(wrap(value)).encode()
    asked = post(folder, [body[:3], body[3:]])
    assert (asked.status_code, asked.text) == (403, "that file is not to be read")


@pytest.mark.parametrize("name", ["../secret.txt", "link.txt", "../uploads-2/a", "ә/../../x", "."])
def test_no_way_leads_out_of_the_folder(folder, name):
    body = json.dumps({"path": f"{folder}/{name}"}).encode()
    assert post(folder, [body]).status_code == 403


def test_an_upload_itself_is_not_looked_through(folder):
    body = json.dumps(HARMFUL[0]).encode()
    assert post(folder, [body], "/kk/gradio_api/upload").content == body


json_values = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["path", "url", "data", "ә"]), inner, max_size=3)
    ),
)


def names_a_file(value):
    if isinstance(value, list):
        return any(map(names_a_file, value))
    if isinstance(value, dict):
        named = value.get("path") is not None or value.get("url") is not None
        return named or any(map(names_a_file, value.values()))
    return False


@given(json_values)
def test_nothing_that_was_not_uploaded_can_be_named(folder, value):
    only = UploadedFilesOnly(echo, folder)
    assert only.is_harmless(json.dumps(value).encode()) == (not names_a_file(value))
