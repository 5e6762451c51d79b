"""The analysis: examples worked by hand, what has no bound, and what must never lower one."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.kernel.analysis import edf_feasible, nanoseconds, response_bounds, utilisation_ppm
from firmware.kernel.spec import InterruptSpec, KernelCosts, Periodic, Segment, Sporadic, TaskSpec, exactly
from tests.kernel.bench import GHZ, Wire
from tests.kernel.random_sets import TaskSet, task_sets

FREE = KernelCosts()


def spec(name: str, priority: int, period: int, *costs: int, jitter: int = 0, waits: tuple[int, ...] = ()) -> TaskSpec:
    segments = tuple(Segment(exactly(cost)) for cost in costs)
    trigger = Sporadic(period, jitter) if jitter else Periodic(period)
    return TaskSpec(name, priority, trigger, period, segments, waits or (0,) * (len(costs) - 1))


def bounds(
    *specs: TaskSpec, tick: InterruptSpec | None = None, costs: KernelCosts = FREE, hz: int = GHZ
) -> list[int | None]:
    found = response_bounds(specs, [] if tick is None else [tick], costs, hz)
    return [found[each.name] for each in specs]


THREE = (spec("a", 0, 7, 3), spec("b", 1, 12, 3), spec("c", 2, 20, 5))


def test_three_tasks_by_hand() -> None:
    # a: blocked by c for 4, then 3. b: blocked for 4, a at 0 and 7, ends at 4 + 6 + 3. c: a and b at 0, ends at 11; its
    # second job in the same busy period, at 20, ends at 25.
    assert bounds(*THREE) == [7, 13, 11]


def test_the_order_in_which_tasks_are_given_does_not_matter() -> None:
    assert bounds(*reversed(THREE)) == [11, 13, 7]


def test_segments_let_the_more_urgent_in_and_keep_the_last() -> None:
    # As c in two parts: a and b are blocked by 2 less. c's last part starts once a and b have been served: at 6 + 2 = 8
    # a has come again.
    assert bounds(*THREE[:2], spec("c", 2, 20, 2, 3)) == [5, 8, 14]


def test_an_interrupt_preempts_whatever_runs() -> None:
    tick = InterruptSpec(Wire.A, exactly(1), 10)
    # a: blocked 4, the tick at 0, then 3. c: the tick at 0, a, and its 5 from 4 to 9; a's job of 7 comes too late.
    assert bounds(*THREE[:1], spec("c", 2, 20, 5), tick=tick) == [8, 9]


def test_the_interrupt_at_the_very_end_counts() -> None:
    tick = InterruptSpec(Wire.A, exactly(2), 12)
    assert bounds(spec("a", 0, 100, 9), tick=tick) == [11]
    assert bounds(spec("a", 0, 100, 10), tick=tick) == [14]


def test_jitter_is_part_of_a_response_and_bunches_jobs() -> None:
    # a: blocked by b for 2, and 5 late. b: a's jobs of -5 and 2 come at 0 and 2, and that of 9 when b has started.
    assert bounds(spec("a", 0, 7, 3, jitter=5), spec("b", 1, 30, 3)) == [2 + 3 + 5, 6 + 3]
    assert bounds(spec("a", 0, 70, 3, jitter=64), spec("b", 1, 300, 3)) == [69, 6]


def test_each_resumption_may_be_blocked_anew() -> None:
    waiting = spec("a", 0, 100, 3, 4, waits=(20,))
    assert bounds(waiting, spec("b", 1, 100, 10)) == [9 + 3 + 20 + 9 + 4, 7 + 10]
    assert bounds(replace(waiting, waits_ns=(0,)), spec("b", 1, 100, 10)) == [9 + 3 + 4, 7 + 10]


def test_costs_of_the_kernel_and_roundings_count() -> None:
    costs = KernelCosts(dispatch=exactly(2), interrupt=exactly(1))
    tick = InterruptSpec(Wire.A, exactly(1), 100)
    assert bounds(spec("a", 0, 50, 3, 4), tick=tick, costs=costs) == [5 + 6 + 2]
    # 0.7 GHz: 10 / 7 ns a cycle; each call of work rounds up.
    assert nanoseconds(1, 700_000_000) == 2
    assert bounds(spec("a", 0, 50, 7), hz=700_000_000) == [10]
    split = replace(spec("a", 0, 50, 7), segments=(Segment(exactly(7), calls=3),))
    assert bounds(split, hz=700_000_000) == [12]


def test_no_bound_for_a_full_cpu_nor_for_those_below() -> None:
    assert bounds(spec("a", 0, 10, 5), spec("b", 1, 10, 5), spec("c", 2, 100, 1)) == [9, None, None]
    assert bounds(spec("a", 0, 10, 5), spec("b", 1, 10, 4), spec("c", 2, 100, 1)) == [8, 9, 10]
    # One that waits so long that two of its jobs may meet.
    assert bounds(spec("a", 0, 30, 3, 4, waits=(25,)), spec("b", 1, 1_000, 1)) == [None, None]


def test_utilisation_is_rounded_up() -> None:
    tick = InterruptSpec(Wire.A, exactly(1), 3)
    assert utilisation_ppm([spec("a", 0, 4, 1)], [tick], FREE, GHZ) == 250_000 + 333_334


def widened(drawn: TaskSet, which: int) -> list[TaskSpec]:
    """The specs with one more cycle in a segment of one task."""
    specs = drawn.specs()
    index = which % len(specs)
    first, *rest = specs[index].segments
    specs[index] = replace(specs[index], segments=(Segment(first.cost + exactly(1), first.calls), *rest))
    return specs


@settings(max_examples=150)
@given(task_sets(), st.integers(0, 3))
def test_more_work_never_lowers_a_bound_nor_makes_a_set_feasible(drawn: TaskSet, which: int) -> None:
    before = drawn.bounds()
    more = widened(drawn, which)
    after = response_bounds(more, drawn.interrupts(), drawn.costs, drawn.hz)
    for name, bound in before.items():
        assert after[name] is None or (bound is not None and after[name] >= bound)
    if edf_feasible(more, drawn.interrupts(), drawn.costs, drawn.hz):
        assert edf_feasible(drawn.specs(), drawn.interrupts(), drawn.costs, drawn.hz)


def test_a_task_that_waits_disturbs_others_as_if_it_came_late() -> None:
    # a: 9 + 2 + 10 + 9 + 4. Its last part may come up to 34 - 6 after its release, and the next job 22 after that: b's
    # last segment starts at 32, after two jobs of a.
    assert bounds(spec("a", 0, 50, 2, 4, waits=(10,)), spec("b", 1, 200, 10, 10, 10)) == [34, 42]


def test_a_resumption_may_be_blocked_under_edf_too() -> None:
    long = spec("b", 1, 200, 10)
    for deadline, feasible in ((45, True), (44, False)):
        waiting = replace(spec("a", 0, 100, 3, 4, waits=(20,)), deadline_ns=deadline)
        assert edf_feasible([waiting, long], [], FREE, GHZ) == feasible
