"""Tests of chat/web/turnstile.py: few are in at once, few wait, and nobody is kept for good."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.web.turnstile import AT_ONCE, WAITING, Busy, Turnstile

few = st.integers(1, 4)


async def settled():
    """Let all that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


class Crowd:
    """People who come to a turnstile, each leaving when told."""

    def __init__(self, turnstile):
        self.turnstile, self.inside, self.came, self.leave = turnstile, [], [], {}

    async def _visit(self, name):
        async with self.turnstile.enter():
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
def test_some_are_in_some_wait_and_the_others_are_sent_away(at_once, waiting, people):
    async def check():
        crowd = Crowd(Turnstile(at_once, waiting))
        tasks = [crowd.comes(name) for name in range(people)]
        await settled()
        let_in = min(people, at_once + waiting)
        assert crowd.inside == [*range(min(people, at_once))]
        assert [task.done() for task in tasks] == [False] * let_in + [True] * (people - let_in)
        # One leaves, the one who waits longest comes in.
        for name in range(let_in):
            crowd.leave[name].set()
            await settled()
            assert crowd.inside == [*range(name + 1, min(let_in, name + 1 + at_once))]
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(each) for each in ended] == [type(None)] * let_in + [Busy] * (people - let_in)

    asyncio.run(check())


@given(few, st.integers(0, 3), st.lists(st.integers(0, 6), max_size=6))
def test_who_gives_up_makes_room(at_once, waiting, gone):
    async def check():
        crowd = Crowd(Turnstile(at_once, waiting))
        tasks = [crowd.comes(name) for name in range(at_once + waiting)]
        await settled()
        gone_here = {name for name in gone if name < len(tasks)}
        for name in gone_here:
            tasks[name].cancel()
        await settled()
        left = [name for name in range(len(tasks)) if name not in gone_here]
        assert crowd.inside == left[:at_once]
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
        turnstile = Turnstile(2, 3)
        for _ in range(3):
            crowd = Crowd(turnstile)
            tasks = [crowd.comes(name) for name in range(7)]
            await settled()
            assert crowd.inside == [0, 1]
            for event in crowd.leave.values():
                event.set()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(each) for each in ended] == [type(None)] * 5 + [Busy] * 2

    asyncio.run(check())


def test_work_is_done_in_threads_never_more_than_let_in():
    together = threading.Barrier(2, timeout=30)  # Broken if two do not meet there.
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
        turnstile = Turnstile(2, 6)
        return await asyncio.gather(*(turnstile.run(work, f"Ұ{n}", sign="!") for n in range(8)))

    assert asyncio.run(check()) == [f"Ұ{n}!" for n in range(8)]
    assert max(most) == 2
    assert threading.main_thread().name not in names


def test_work_that_fails_makes_room_and_says_why():
    def work():
        raise ValueError("ішкі қате")

    async def check():
        turnstile = Turnstile(1, 0)
        for _ in range(3):
            with pytest.raises(ValueError, match="ішкі қате"):
                await turnstile.run(work)
        return await turnstile.run(lambda: "Һ")

    assert asyncio.run(check()) == "Һ"


def test_by_itself_it_lets_in_what_it_says():
    async def check():
        crowd = Crowd(Turnstile())
        tasks = [crowd.comes(name) for name in range(AT_ONCE + WAITING + 1)]
        await settled()
        assert len(crowd.inside) == AT_ONCE
        assert [task.done() for task in tasks] == [False] * (AT_ONCE + WAITING) + [True]
        for event in crowd.leave.values():
            event.set()
        with pytest.raises(Busy):
            await asyncio.gather(*tasks)

    asyncio.run(check())
