"""The host as a processor: what the contract suite does not ask, since only the rig has it."""

import enum
import os
from collections.abc import Callable, Generator, Iterator

import pytest

from firmware.kernel.errors import TaskFailed
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Periodic, Segment, Sporadic, TaskSpec
from firmware.kernel.task import Task
from hal.processor import Busy, Idle, Line, ResetCause
from hal.units import MS, S
from rig.probe import SilentProbe
from rig.processor import HostProcessor, ProcessorError, ProcessorReset
from rig.watchdog import SoftwareWatchdog

WORK = Cost(100, 1_000)


class Steps:
    """A program made of a generator function; `served` keeps its interrupts."""

    def __init__(self, steps: Callable[[int], Generator[Busy | Idle, int, None]]) -> None:
        self.run = steps
        self.served: list[enum.Enum] = []

    def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
        self.served.append(line)
        return Busy(0, 0)


def sleeper(_start: int) -> Generator[Busy | Idle, int, None]:
    while True:
        yield Idle(None)


def worker(_start: int) -> Generator[Busy | Idle, int, None]:
    while True:
        yield Busy(1, 1)


@pytest.fixture
def processor() -> Iterator[HostProcessor]:
    processor = HostProcessor()
    yield processor
    processor.power_down()


@pytest.mark.parametrize("steps", [sleeper, worker])
def test_it_runs_until_an_instant_whatever_the_program_does(
    processor: HostProcessor, steps: Callable[[int], Generator[Busy | Idle, int, None]]
) -> None:
    processor.boot(Steps(steps))
    for _ in range(3):
        end = processor.now() + 10 * MS
        processor.run(end)
        assert processor.now() >= end


@pytest.mark.parametrize("steps", [sleeper, worker])
def test_a_file_descriptor_wakes_it(
    processor: HostProcessor, steps: Callable[[int], Generator[Busy | Idle, int, None]]
) -> None:
    program = Steps(steps)
    processor.boot(program)
    reading, writing = os.pipe()
    heard: list[bytes] = []

    def readable() -> None:
        heard.append(os.read(reading, 100))
        processor.interrupt(Line.OPTICAL_RECEIVED)
        processor.stop()

    processor.watch(reading, readable)
    os.write(writing, b"hello")
    processor.run(processor.now() + 60 * S)
    processor.unwatch(reading)
    os.write(writing, b"unheard")
    processor.run(processor.now() + 5 * MS)
    os.close(reading)
    os.close(writing)
    assert heard == [b"hello"]
    assert program.served == [Line.OPTICAL_RECEIVED]


def test_timers_run_in_order_once_and_not_before_their_time(processor: HostProcessor) -> None:
    ran: list[tuple[str, int]] = []
    start = processor.now()

    def note(name: str) -> Callable[[], None]:
        return lambda: ran.append((name, processor.now()))

    processor.at(start + 20 * MS, note("late"))
    processor.at(start + 10 * MS, note("early"))
    cancelled = processor.at(start + 15 * MS, note("cancelled"))
    processor.at(start + 20 * MS, note("last"))
    cancelled.cancel()
    processor.boot(Steps(sleeper))
    processor.run(start + 30 * MS)
    processor.run(processor.now() + 5 * MS)
    assert [name for name, _ in ran] == ["early", "late", "last"]
    assert all(at >= start + due for (_, at), due in zip(ran, (10 * MS, 20 * MS, 20 * MS), strict=True))


def test_a_timer_that_arms_itself_for_now_lets_the_program_run(processor: HostProcessor) -> None:
    steps = turns = 0

    def count(_start: int) -> Generator[Busy | Idle, int, None]:
        nonlocal steps
        while True:
            yield Busy(1, 1)
            steps += 1

    def again() -> None:
        nonlocal turns
        turns += 1
        assert turns < 1_000_000, "the program never came to its turn"
        processor.at(0, again)

    again()
    processor.boot(Steps(count))
    processor.run(processor.now() + 10 * MS)
    assert steps > 0


def test_a_program_that_returns_ends_the_run(processor: HostProcessor) -> None:
    def twice(start: int) -> Generator[Busy | Idle, int, None]:
        yield Busy(1, 1)
        yield Idle(start + MS)

    processor.boot(Steps(twice))
    processor.run()
    processor.run()
    assert processor.now() >= MS


def test_what_a_handler_raises_comes_out(processor: HostProcessor) -> None:
    def fail() -> None:
        raise ZeroDivisionError("of a device")

    processor.boot(Steps(sleeper))
    processor.at(processor.now() + MS, fail)
    with pytest.raises(ZeroDivisionError, match="of a device"):
        processor.run(processor.now() + S)


def test_misuse_is_told(processor: HostProcessor) -> None:
    with pytest.raises(ProcessorError, match="no program"):
        processor.run()
    processor.boot(Steps(sleeper))
    with pytest.raises(ProcessorError, match="has a program"):
        processor.boot(Steps(sleeper))
    processor.power_down()
    processor.power_down()
    with pytest.raises(ProcessorError, match="off"):
        processor.run()
    with pytest.raises(ValueError, match="0 Hz"):
        HostProcessor(0)


def test_a_reset_ends_the_life_and_says_why(processor: HostProcessor) -> None:
    watchdog = SoftwareWatchdog(processor)
    closed: list[bool] = []

    def steps(_start: int) -> Generator[Busy | Idle, int, None]:
        try:
            watchdog.start(0, 20 * MS)
            while True:
                yield Idle(None)
        finally:
            closed.append(processor.powered)

    processor.boot(Steps(steps))
    with pytest.raises(ProcessorReset, match="no kick for 20000000 ns") as caught:
        processor.run(60 * S)
    assert caught.value.cause is ResetCause.WATCHDOG
    assert caught.value.at_ns >= 20 * MS
    assert closed == [False]
    assert not processor.powered


class TestKernel:
    def test_periodic_releases_keep_to_their_grid(self, processor: HostProcessor) -> None:
        kernel = Kernel(SilentProbe())
        releases: list[tuple[int, int]] = []

        async def tick(task: Task) -> None:
            while True:
                release = await task.release()
                await task.work(WORK)
                releases.append((release, processor.now()))
                if len(releases) == 20:
                    processor.stop()

        kernel.add(TaskSpec("tick", 0, Periodic(3 * MS), 3 * MS, (Segment(WORK),)), tick)
        processor.boot(kernel)
        processor.run(60 * S)
        nominal = [release for release, _ in releases]
        assert nominal == [nominal[0] + k * 3 * MS for k in range(20)]
        assert all(seen >= release for release, seen in releases)

    def test_an_interrupt_wakes_a_sporadic_task(self, processor: HostProcessor) -> None:
        kernel = Kernel(SilentProbe())
        alarm = kernel.signal()
        woken: list[int | None] = []

        async def wait(task: Task) -> None:
            while True:
                woken.append(await task.release_on(alarm))
                await task.work(WORK)
                processor.stop()

        kernel.add(TaskSpec("wait", 0, Sporadic(MS), MS, (Segment(WORK),)), wait)
        kernel.attach(InterruptSpec(Line.RTC_ALARM, WORK, 1), alarm.raise_at)
        processor.boot(kernel)
        due = processor.now() + 10 * MS
        processor.at(due, lambda: processor.interrupt(Line.RTC_ALARM))
        processor.run(60 * S)
        assert len(woken) == 1
        assert woken[0] is not None
        assert woken[0] >= due

    def test_a_task_that_raises_ends_the_run(self, processor: HostProcessor) -> None:
        kernel = Kernel(SilentProbe())

        async def broken(task: Task) -> None:
            await task.work(WORK)
            raise KeyError("of a task")

        kernel.add(TaskSpec("broken", 0, Periodic(MS), MS, (Segment(WORK),)), broken)
        processor.boot(kernel)
        with pytest.raises(TaskFailed, match="broken"):
            processor.run(60 * S)
