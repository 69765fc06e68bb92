"""Several processes of the page behind one address, as docs/scale.md says, with a real nginx."""

from contextlib import ExitStack

import httpx
import pytest
from campaign import only_at_length
from proxies import NGINX_WHOLE, documented, running
from served import serving

pytestmark = [pytest.mark.slow, pytest.mark.model]

VISITORS = 24
"""More than it ever takes until both processes have had one: 2⁻²³ are the odds."""


@pytest.fixture
def processes(shipped_home):
    """Serve one home from two processes; give their addresses."""
    options = ("--no-uploads", "--trusted-proxy", "127.0.0.1")
    with ExitStack() as stack:
        yield [stack.enter_context(serving(shipped_home, *options))[0] for _ in range(2)]


def holds(process, conversation):
    return httpx.get(f"{process}/conversation", params={"key": conversation}).status_code == 200


@only_at_length
def test_whoever_comes_stays_with_the_process_that_knows_the_conversation(
    processes, browser, tmp_path
):
    written = documented("docs/scale.md", "nginx")
    for process, port in zip(processes, (7861, 7862), strict=True):
        written = written.replace(f"127.0.0.1:{port}", process.removeprefix("http://"))
    used = set()
    with running("nginx", NGINX_WHOLE, written, tmp_path) as url:
        for _ in range(VISITORS):
            page = browser.new_context(locale="kk-KZ").new_page()
            page.goto(url)
            box = page.locator("#dalel-composer textarea")
            asked = "ТМД-дағы қойлардың қанша пайызы Қазақстанда бағылады?"
            for number, question in enumerate([asked, "Ал сиырлардың ше?"], 1):
                box.fill(question)
                box.press("Enter")
                page.locator(f"#turn-{number} .dalel-evidence").wait_for()
            conversation = page.locator(".dalel-head").get_attribute("data-conversation")
            kept_by = [process for process in processes if holds(process, conversation)]
            assert len(kept_by) == 1
            assert page.context.request.get(f"{url}/conversation?key={conversation}").ok
            used.update(kept_by)
            page.close()
            if len(used) == 2:
                break
    assert used == set(processes)
