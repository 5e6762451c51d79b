"""The watchdog is kicked within its window while all supervised tasks live, and not while one hangs."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.kernel.spec import Periodic, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.supervision import Supervision
from firmware.kernel.task import Body, Task
from tests.kernel.bench import Bench, Wire

EARLIEST, LATEST = 400, 2_000


class Dog:
    """A watchdog that takes down when it was kicked."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self.window: tuple[int, int] | None = None
        self.kicks: list[int] = []

    def start(self, earliest_ns: int, latest_ns: int) -> None:
        self.window = (earliest_ns, latest_ns)
        self.kicks.append(self._now())

    def kick(self) -> None:
        self.kicks.append(self._now())

    @property
    def gaps(self) -> list[int]:
        return [after - before for before, after in zip(self.kicks, self.kicks[1:], strict=False)]


def supervised(bench: Bench) -> Dog:
    dog = Dog(bench.cpu.now)
    bench.kernel.supervision = Supervision(dog, EARLIEST, LATEST)
    bench.kernel.supervision.start(0, bench.kernel.tasks)
    return dog


@given(st.lists(st.integers(30, 6_000), min_size=1, max_size=3), st.integers(0, 300))
def test_kicks_come_within_the_window(periods: list[int], cost: int) -> None:
    """However often the tasks wake the CPU, and however long it sleeps between."""
    bench = Bench()
    for order, period in enumerate(periods):
        bench.periodic(f"t{order}", order, period, min(cost, period // (len(periods) + 1)))
    dog = supervised(bench)
    bench.run(40_000)
    # Tasks that fill the CPU may miss deadlines here: then there is no promise.
    if all(task.account.missed == 0 for task in bench.kernel.tasks):
        assert len(dog.kicks) > 15
        assert all(EARLIEST <= gap <= LATEST for gap in dog.gaps)
        assert bench.world.now - dog.kicks[-1] <= LATEST


def test_a_sleep_may_be_longer_than_the_window() -> None:
    bench = Bench()

    async def body(task: Task) -> None:
        await task.release_on(bench.kernel.signal())

    bench.sporadic("never", 0, body)
    dog = supervised(bench)
    bench.run(20_000)
    assert dog.window == (EARLIEST, LATEST)
    assert dog.gaps == [1_200] * 16


def hangs_in(where: str, at: int, bench: Bench) -> Body:
    async def body(task: Task) -> None:
        if where == "start-up":
            await task.wait_for(bench.kernel.signal())
        while True:
            await task.release()
            if task.now >= at:
                if where == "wait":
                    await task.wait_for(bench.kernel.signal())
                elif where == "work":
                    while True:
                        await task.work(exactly(100))
                elif where == "yields":
                    while True:
                        await task.work(exactly(100))
                        await task.sleep_until(task.now)
                elif where == "end":
                    return
            await task.work(exactly(5))

    return body


@pytest.mark.parametrize("where", ["start-up", "wait", "work", "yields", "end"])
def test_no_kick_while_a_supervised_task_hangs(where: str) -> None:
    bench = Bench()
    segments = (Segment(exactly(5), calls=10**9),)
    bench.periodic("fine", 0, 250, 10)
    spec = TaskSpec("hangs", 1, Periodic(300), 300, segments)
    bench.kernel.add(spec, hangs_in(where, 9_000, bench))
    dog = supervised(bench)
    bench.run(30_000)
    if where == "start-up":
        assert dog.kicks[-1] <= LATEST
    else:
        # Alive until the deadline of the job that hangs, and no longer.
        assert 9_000 - LATEST <= dog.kicks[-1] <= 9_000 + 300
    assert all(EARLIEST <= gap <= LATEST for gap in dog.gaps)


def test_an_unsupervised_task_may_hang() -> None:
    bench = Bench()
    spec = TaskSpec("hangs", 1, Periodic(300), 300, (Segment(exactly(5)),), supervised=False)
    bench.kernel.add(spec, hangs_in("wait", 1_000, bench))
    dog = supervised(bench)
    bench.run(30_000)
    assert dog.kicks[-1] > 30_000 - LATEST


def test_a_sporadic_task_is_alive_while_it_waits_for_a_trigger_and_not_past_its_deadline() -> None:
    bench = Bench()
    signal, answer = bench.kernel.signal(), bench.kernel.signal()

    async def body(task: Task) -> None:
        while True:
            await task.release_on(signal)
            await task.wait_for(answer)

    bench.kernel.add(TaskSpec("asks", 0, Sporadic(100), 700, (Segment(exactly(0)),) * 2, (10**6,)), body)
    bench.attach(Wire.A, signal.raise_at)
    bench.attach(Wire.B, answer.raise_at)
    dog = supervised(bench)
    bench.interrupt_at(20_000, Wire.A)
    bench.interrupt_at(25_000, Wire.B)
    bench.run(40_000)
    assert all(not 20_700 < kick < 25_000 for kick in dog.kicks)
    # The task lives again: so do the kicks, at the first sleep after it.
    assert dog.kicks[-1] > 38_000
    assert 25_000 in dog.kicks


@pytest.mark.parametrize(("earliest", "latest"), [(-1, 10), (10, 10), (11, 10)])
def test_an_empty_window_is_refused(earliest: int, latest: int) -> None:
    with pytest.raises(ValueError, match="window"):
        Supervision(Dog(lambda: 0), earliest, latest)
