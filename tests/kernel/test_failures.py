"""What ends a run: tasks that raise, loops that never let time pass, power loss; and timers that must not pile up."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.kernel.errors import KernelError, TaskFailed
from firmware.kernel.kernel import DISPATCH_LIMIT
from firmware.kernel.spec import exactly
from firmware.kernel.task import Body, Task
from hal.outputs import Output, Outputs
from sim.life import Life
from tests.kernel.bench import Bench, Wire


def breaks_in_its_own_function() -> None:
    raise ZeroDivisionError("of the task")


def test_an_exception_that_leaves_a_task_fails_the_run() -> None:
    bench = Bench()

    async def body(task: Task) -> None:
        await task.release()
        await task.work(exactly(42))
        breaks_in_its_own_function()

    async def other(task: Task) -> None:
        try:
            await task.release()
            await task.release()
        finally:
            bench.log.append("closed")

    bench.periodic("faulty", 0, 100, body=body, offset_ns=1_000)
    bench.periodic("other", 1, 100, body=other)
    with pytest.raises(TaskFailed, match=r"task faulty failed at 1042 ns .*ZeroDivisionError: of the task") as caught:
        bench.run(2_000)
    assert (caught.value.task, caught.value.at_ns) == ("task faulty", 1_042)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "breaks_in_its_own_function" in "".join(traceback.format_exception(caught.value))
    assert bench.log == ["closed"]


def test_what_others_raise_when_a_task_fails_does_not_hide_it() -> None:
    bench = Bench()

    async def faulty(task: Task) -> None:
        await task.release()
        breaks_in_its_own_function()

    async def worse(task: Task) -> None:
        try:
            await task.release()
        finally:
            raise KeyError("too")

    bench.periodic("faulty", 0, 100, body=faulty)
    bench.periodic("worse", 1, 100, body=worse, offset_ns=50)
    with pytest.raises(TaskFailed, match="faulty") as caught:
        bench.run(100)
    assert "KeyError" in "".join(caught.value.__notes__) or "too" in "".join(caught.value.__notes__)


def test_an_exception_in_a_start_up_or_a_handler_names_it() -> None:
    bench = Bench()

    async def body(task: Task) -> None:
        breaks_in_its_own_function()

    bench.periodic("faulty", 0, 100, body=body)
    with pytest.raises(TaskFailed, match="task faulty failed at 0 ns"):
        bench.run(10)

    bench = Bench()
    bench.attach(Wire.A, lambda at: breaks_in_its_own_function())
    bench.interrupt_at(33, Wire.A)
    with pytest.raises(TaskFailed, match="interrupt a failed at 33 ns") as caught:
        bench.run(100)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_task_that_never_lets_time_pass_is_named() -> None:
    bench = Bench()

    async def spins(task: Task) -> None:
        await task.release()
        while True:
            await task.sleep_until(task.now)

    bench.periodic("spinner", 0, 100, body=spins)
    bench.periodic("other", 1, 100, 10)
    with pytest.raises(KernelError, match=rf"{DISPATCH_LIMIT} dispatches at 0 ns.*task spinner"):
        bench.run(100)


def test_many_dispatches_at_different_instants_are_no_error() -> None:
    bench = Bench()

    async def walks(task: Task) -> None:
        await task.release()
        for _ in range(DISPATCH_LIMIT + 10):
            await task.sleep_until(task.now + 1)
        bench.log.append("done")

    bench.periodic("walker", 0, 1_000_000, body=walks)
    bench.run(2 * DISPATCH_LIMIT)
    assert bench.log == ["done"]


class Lamps:
    """A device that says what it was told."""

    def __init__(self, log: list[object]) -> None:
        self._log = log

    def set(self, which: Output, on: bool) -> None:
        self._log.append((which, on))

    def pulse(self, which: object, instants_ns: object) -> None:
        raise AssertionError("nobody asks for pulses here")


def switching(name: str, bench: Bench, outputs: Outputs) -> Body:
    """A task that switches its output on, and would switch it off when it ends."""

    async def body(task: Task) -> None:
        try:
            while True:
                await task.release()
                outputs.set(Output.ALARM, True)
                await task.work(exactly(30))
        finally:
            outputs.set(Output.ALARM, False)
            bench.log.append(name)

    return body


@given(st.integers(0, 400))
def test_power_loss_at_any_instant(at: int) -> None:
    bench = Bench()
    life = Life(1)
    outputs = life.lend("outputs", Lamps(bench.log), Outputs)
    for order, name in enumerate(("c", "a", "b")):
        bench.periodic(name, 2 - order, 100, body=switching(name, bench, outputs))
    bench.run(at)
    told = len(bench.log)
    life.end()
    bench.cpu.power_down()
    bench.world.run_until(1_000)
    # Closed in the order in which they were added; nobody touched the lamps, though all tried.
    assert bench.log[told:] == ["c", "a", "b"]
    assert life.unheard == ["outputs.set"] * 3
    assert not bench.cpu.powered


def test_power_loss_before_the_first_instruction() -> None:
    bench = Bench()
    bench.periodic("task", 0, 100, body=switching("task", bench, Life(1).lend("outputs", Lamps(bench.log), Outputs)))
    bench.power_up()
    bench.cpu.power_down()
    bench.world.run_until(1_000)
    assert bench.log == []


def test_tasks_that_do_not_close_are_told_after_all_are_closed() -> None:
    bench = Bench()

    async def clings(task: Task) -> None:
        await task.release()
        try:
            await task.release()
        except GeneratorExit:
            bench.log.append("clings")
        await task.release()

    async def raises(task: Task) -> None:
        try:
            await task.release()
            await task.release()
        finally:
            raise KeyError("of a finally")

    async def behaves(task: Task) -> None:
        try:
            await task.release()
            await task.release()
        finally:
            bench.log.append("behaves")

    for order, body in enumerate((clings, raises, behaves)):
        bench.periodic(body.__name__, order, 1_000, body=body)
    bench.run(10)
    with pytest.raises(ExceptionGroup, match="tasks did not close") as caught:
        bench.cpu.power_down()
    assert bench.log == ["clings", "behaves"]
    clinging, raising = caught.value.exceptions
    assert isinstance(clinging, RuntimeError)
    assert "task clings" in clinging.__notes__[0]
    assert isinstance(raising, KeyError)
    assert "task raises" in raising.__notes__[0]


def test_stale_timers_do_not_pile_up() -> None:
    """A timeout that is never reached leaves a stale timer behind, each time."""
    bench = Bench()
    signal = bench.kernel.signal()
    largest = 0

    async def body(task: Task) -> None:
        nonlocal largest
        while True:
            await task.release_on(signal, 10**12)
            largest = max(largest, len(bench.kernel._timers))

    bench.sporadic("task", 0, body, spacing_ns=1)
    for order in range(3):
        bench.periodic(f"other {order}", order + 1, 333, 1)
    bench.attach(Wire.A, signal.raise_at)
    for at in range(10, 50_000, 10):
        bench.interrupt_at(at, Wire.A)
    bench.run(50_000)
    assert largest < 200
    assert bench.kernel.tasks[0].account.jobs == len(range(10, 50_000, 10))


def test_a_stale_timer_wakes_nobody() -> None:
    """A trigger that comes before its timeout leaves the CPU to sleep until the next trigger."""
    bench = Bench()
    signal = bench.kernel.signal()

    async def body(task: Task) -> None:
        while True:
            await task.release_on(signal, 2_500)

    bench.sporadic("task", 0, body, spacing_ns=1)
    bench.attach(Wire.A, signal.raise_at)
    for at in range(1_000, 1_000_000, 1_000):
        bench.interrupt_at(at, Wire.A)
    bench.run(1_000_000)
    assert bench.kernel.tasks[0].account.jobs == len(range(1_000, 1_000_000, 1_000))
    assert bench.cpu.wakes["timer"] <= 1
