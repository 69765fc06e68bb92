"""Tests of chat/web/site.py: few are in at once, few wait, and nobody is kept for good."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waiting import PATIENT_SECONDS

from chat.web.site import MAX_RUNNING, MAX_WAITING, Busy, ConcurrencyLimit

few = st.integers(1, 4)


async def settled():
    """Let all that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


class Crowd:
    """Visitors who wait at a limit, each leaving when told."""

    def __init__(self, limit):
        self.limit, self.inside, self.came, self.leave = limit, [], [], {}

    async def _visit(self, name):
        async with self.limit.enter():
            self.inside.append(name)
            try:
                await self.leave[name].wait()
            finally:
                self.inside.remove(name)

    def comes(self, name):
        self.leave[name] = asyncio.Event()
        self.came.append(asyncio.create_task(self._visit(name)))
        return self.came[-1]


@given(few, st.integers(0, 4), st.integers(0, 12))
def test_some_are_in_some_wait_and_the_others_are_sent_away(max_running, max_waiting, people):
    async def check():
        crowd = Crowd(ConcurrencyLimit(max_running, max_waiting))
        tasks = [crowd.comes(name) for name in range(people)]
        await settled()
        let_in = min(people, max_running + max_waiting)
        assert crowd.inside == [*range(min(people, max_running))]
        assert [task.done() for task in tasks] == [False] * let_in + [True] * (people - let_in)
        # One leaves, the one who waits longest comes in.
        for name in range(let_in):
            crowd.leave[name].set()
            await settled()
            assert crowd.inside == [*range(name + 1, min(let_in, name + 1 + max_running))]
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in ended] == [type(None)] * let_in + [Busy] * (people - let_in)

    asyncio.run(check())


@given(few, st.integers(0, 3), st.lists(st.integers(0, 6), max_size=6))
def test_who_gives_up_makes_room(max_running, max_waiting, gone):
    async def check():
        crowd = Crowd(ConcurrencyLimit(max_running, max_waiting))
        tasks = [crowd.comes(name) for name in range(max_running + max_waiting)]
        await settled()
        gone_here = {name for name in gone if name < len(tasks)}
        for name in gone_here:
            tasks[name].cancel()
        await settled()
        left = [name for name in range(len(tasks)) if name not in gone_here]
        assert crowd.inside == left[:max_running]
        more = [crowd.comes(f"ә{name}") for name in range(len(gone_here) + 1)]
        await settled()
        assert [task.done() for task in more] == [False] * len(gone_here) + [True]
        for event in crowd.leave.values():
            event.set()
        ended = await asyncio.gather(*tasks, *more, return_exceptions=True)
        assert sum(each is None for each in ended) == len(tasks)
        assert isinstance(ended[-1], Busy)

    asyncio.run(check())


def test_after_a_rush_it_is_as_before():
    async def check():
        limit = ConcurrencyLimit(2, 3)
        for _ in range(3):
            crowd = Crowd(limit)
            tasks = [crowd.comes(name) for name in range(7)]
            await settled()
            assert crowd.inside == [0, 1]
            for event in crowd.leave.values():
                event.set()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(each) for each in ended] == [type(None)] * 5 + [Busy] * 2

    asyncio.run(check())


def test_work_is_done_in_threads_never_more_than_let_in():
    together = threading.Barrier(2, timeout=PATIENT_SECONDS)  # Broken if two do not meet there.
    lock, inside, most, names = threading.Lock(), [], [], set()

    def work(text, *, sign):
        with lock:
            inside.append(text)
            most.append(len(inside))
            names.add(threading.current_thread().name)
        together.wait()
        with lock:
            inside.remove(text)
        return text + sign

    async def check():
        limit = ConcurrencyLimit(2, 6)
        return await asyncio.gather(*(limit.run(work, f"Ұ{n}", sign="!") for n in range(8)))

    assert asyncio.run(check()) == [f"Ұ{n}!" for n in range(8)]
    assert max(most) == 2
    assert threading.main_thread().name not in names


def test_work_that_fails_makes_room_and_says_why():
    def work():
        raise ValueError("ішкі қате")

    async def check():
        limit = ConcurrencyLimit(1, 0)
        for _ in range(3):
            with pytest.raises(ValueError, match="ішкі қате"):
                await limit.run(work)
        return await limit.run(lambda: "Һ")

    assert asyncio.run(check()) == "Һ"


def test_by_itself_it_lets_in_what_it_says():
    async def check():
        crowd = Crowd(ConcurrencyLimit())
        tasks = [crowd.comes(name) for name in range(MAX_RUNNING + MAX_WAITING + 1)]
        await settled()
        assert len(crowd.inside) == MAX_RUNNING
        assert [task.done() for task in tasks] == [False] * (MAX_RUNNING + MAX_WAITING) + [True]
        for event in crowd.leave.values():
            event.set()
        with pytest.raises(Busy):
            await asyncio.gather(*tasks)

    asyncio.run(check())
