"""The property of the bounds can fail: each bug seeded here, in the kernel or in the analysis, is found by it."""

import enum
import sys
from collections.abc import Callable, Generator
from dataclasses import replace
from types import coroutine

import pytest
from hypothesis import HealthCheck, Phase, find, settings

from firmware.kernel import analysis
from firmware.kernel.analysis import Blocking, Demand, Interference
from firmware.kernel.kernel import Kernel
from firmware.kernel.policy import Policy
from firmware.kernel.spec import Cost, KernelCosts, exactly
from firmware.kernel.task import Task, Wait
from hal.probe import Probe
from hal.processor import Busy
from tests.kernel.random_sets import TaskSet, task_sets
from tests.kernel.test_bounds import at_its_critical_instant, beyond


class LastComeFirst(Kernel):
    """The ready heap forgets priorities."""

    _taken = 0

    def _begin_job(self, task: Task, release_ns: int, ready_ns: int) -> None:
        self._taken -= 1
        task.key = self._taken
        super()._begin_job(task, release_ns, ready_ns)


class LateTimers(Kernel):
    """Timers fire a tick late."""

    def _arm(self, task: Task, instant_ns: int) -> None:
        super()._arm(task, instant_ns + 1)


class DearDispatch(Kernel):
    """A dispatch costs a cycle more than declared."""

    def __init__(self, probe: Probe, policy: Policy | None, costs: KernelCosts) -> None:
        super().__init__(probe, policy, KernelCosts(costs.dispatch + exactly(1), costs.interrupt))


class DearInterrupts(Kernel):
    """An interrupt costs a cycle more than declared."""

    def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
        best, worst = super().interrupt(line, at_ns)
        return Busy(best + 1, worst + 1)


class ReleasedWhenSeen(Kernel):
    """A periodic task drifts: the next release counts from the end of the job."""

    def _await_release(self, task: Task) -> None:
        if task.in_job and task.period_ns is not None:
            task.next_release_ns = max(task.next_release_ns, self.now + 1)
        super()._await_release(task)
        task.released_ns -= 1


class NoCeilings(Kernel):
    """A job under a ceiling locks nobody out."""

    def _release(self, task: Task) -> None:
        super()._release(task)
        self._ceiling = sys.maxsize


@coroutine
def work_that_yields(self: Task, cost: Cost) -> Generator[object, None, None]:
    yield cost
    yield Wait(None, self.now, ends_job=False)


def fails(drawn: TaskSet, kernel: type[Kernel] = Kernel) -> bool:
    """Whether the property of the bounds does not hold for a set."""
    try:
        return beyond(drawn, kernel) != []
    except AssertionError:
        return True


def found(condition: Callable[[TaskSet], bool], plain: bool = False) -> TaskSet:
    """A task set that shows a bug; NoSuchExample if none does."""
    few = settings(max_examples=400, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    return find(task_sets(plain), condition, settings=few)


@pytest.mark.parametrize(
    "kernel", [LastComeFirst, LateTimers, DearDispatch, DearInterrupts, ReleasedWhenSeen, NoCeilings]
)
def test_a_bug_in_the_kernel_is_found(kernel: type[Kernel]) -> None:
    drawn = found(lambda drawn: fails(drawn, kernel))
    assert not fails(drawn)


def test_work_that_yields_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Task, "work", work_that_yields)
        drawn = found(fails)
    assert not fails(drawn)


def without_blocking(true: Callable[..., int | None]) -> Callable[..., int | None]:
    return lambda demand, blocking, urgent, interrupts: true(demand, Blocking(0, 0), urgent, interrupts)


def blocked_once(true: Callable[..., int | None]) -> Callable[..., int | None]:
    return lambda demand, blocking, *rest: true(demand, replace(blocking, again_ns=0), *rest)


def as_if_it_locked_nobody_out(true: Callable[..., Interference]) -> Callable[..., Interference]:
    return lambda demand, bound, seen_by: true(demand, bound, demand.spec)


def one_at_a_time(true: Callable[..., Interference]) -> Callable[..., Interference]:
    return lambda spec, costs, hz: true(replace(spec, burst=1), costs, hz)


@pytest.mark.parametrize(
    ("place", "name", "bug"),
    [
        pytest.param(analysis, "_bound", without_blocking(analysis._bound), id="blocking ignored"),
        pytest.param(analysis, "_bound", blocked_once(analysis._bound), id="blocking after a wait ignored"),
        pytest.param(analysis, "_load", as_if_it_locked_nobody_out(analysis._load), id="locking out ignored"),
        pytest.param(analysis, "disturbance_of", one_at_a_time(analysis.disturbance_of), id="bursts ignored"),
        pytest.param(Interference, "until", Interference.before, id="what falls on the end ignored"),
        pytest.param(Demand, "chunks", property(lambda demand: 1), id="waits ignored"),
        pytest.param(Demand, "cost", property(lambda demand: max(demand.segments)), id="one segment counted"),
    ],
)
def test_a_bug_in_the_analysis_is_found(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, bug: object
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(place, name, bug)
        drawn = found(fails)
    assert not fails(drawn)


def test_a_bound_that_is_too_wide_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = analysis._bound

    def wider(blocking: Blocking) -> Blocking:
        return replace(blocking, first_ns=blocking.first_ns + 1)

    with monkeypatch.context() as patched:
        patched.setattr(analysis, "_bound", lambda demand, blocking, *rest: true(demand, wider(blocking), *rest))
        found(lambda drawn: at_its_critical_instant(drawn, 0, bound := drawn.bounds()["t0"] or 0) != bound, plain=True)
