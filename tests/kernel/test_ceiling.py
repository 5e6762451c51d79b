"""A ceiling: who runs while a job is held up by a device, and what that costs the others."""

from dataclasses import replace

import pytest

from firmware.kernel.analysis import response_bounds
from firmware.kernel.policy import EarliestDeadlineFirst
from firmware.kernel.spec import InterruptSpec, KernelCosts, Periodic, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Body, Task
from hal.probe import ContractBroken
from tests.kernel.bench import GHZ, Bench, Wire, worker


def waiting(priority: int, ceiling: int | None, *costs: int, wait: int = 20, period: int = 200) -> TaskSpec:
    """A task that waits for a device between its segments."""
    parts = tuple(Segment(exactly(cost)) for cost in costs)
    return TaskSpec("save", priority, Periodic(period, 10), period, parts, (wait,) * (len(costs) - 1), ceiling=ceiling)


def sleeper(costs: tuple[int, ...], wait: int = 20) -> Body:
    async def body(task: Task) -> None:
        while True:
            await task.release()
            for index, cost in enumerate(costs):
                if index:
                    await task.sleep_until(task.now + wait)
                await task.work(exactly(cost))

    return body


def plain(name: str, priority: int, cost: int, offset: int, period: int = 200) -> TaskSpec:
    return TaskSpec(name, priority, Periodic(period, offset), period, (Segment(exactly(cost)),))


def ends(bench: Bench, until: int = 200) -> dict[str, int]:
    """When the first job of each task has ended."""
    bench.run(until)
    return {name: end for name, _, end in reversed(bench.probe.jobs)}


@pytest.mark.parametrize(
    ("ceiling", "others"),
    [
        # The job computes from 10 to 12, from 32 to 34 and from 54 to 56, and waits between.
        pytest.param(None, {"b": 18, "c": 22}, id="none"),
        pytest.param(1, {"b": 18, "c": 60}, id="the next task's"),
        pytest.param(0, {"b": 62, "c": 66}, id="its own"),
    ],
)
def test_less_urgent_tasks_than_the_ceiling_wait_for_the_end_of_the_job(
    ceiling: int | None, others: dict[str, int]
) -> None:
    bench = Bench()
    bench.kernel.add(waiting(0, ceiling, 2, 2, 2), sleeper((2, 2, 2)))
    bench.kernel.add(plain("b", 1, 6, offset=11), worker((exactly(6),)))
    bench.kernel.add(plain("c", 2, 4, offset=11), worker((exactly(4),)))
    assert ends(bench) == {"save": 56, **others}


def test_a_segment_that_has_begun_ends_first_and_blocks_once() -> None:
    bench = Bench()
    bench.kernel.add(waiting(0, 0, 2, 2, 2), sleeper((2, 2, 2)))
    bench.kernel.add(plain("b", 1, 9, offset=9, period=10), worker((exactly(9),)))
    bench.run(80)
    # From 9 to 18 b; then 2, the device until 40, 2, the device until 62, 2. Without its ceiling it ended 14 later.
    assert [job for job in bench.probe.jobs if job[0] == "save"] == [("save", 10, 64)]


def test_a_job_that_is_held_back_locks_nobody_out_before_its_time() -> None:
    bench = Bench()
    trigger = bench.kernel.signal()

    async def body(task: Task) -> None:
        while True:
            await task.release_on(trigger)
            await task.work(exactly(2))
            await task.sleep_until(task.now + 20)

    segments = (Segment(exactly(2)), Segment(exactly(0)))
    bench.kernel.add(TaskSpec("save", 0, Sporadic(100), 100, segments, (20,), ceiling=0), body)
    bench.attach(Wire.A, trigger.raise_at)
    for at in (10, 40):
        bench.interrupt_at(at, Wire.A)
    for name, offset in (("before", 50), ("inside", 115)):
        bench.kernel.add(plain(name, offset, 3, offset, 1_000), worker((exactly(3),)))
    bench.run(200)
    assert bench.probe.jobs == [("save", 10, 32), ("before", 50, 53), ("save", 110, 132), ("inside", 115, 135)]


@pytest.mark.parametrize(("ceiling", "spared"), [(0, 47), (3, 30)])
def test_of_two_ceilings_the_lower_one_counts_and_each_ends_with_its_job(ceiling: int, spared: int) -> None:
    bench = Bench()
    outer = TaskSpec("outer", 1, Periodic(500, 10), 500, (Segment(exactly(1)),) * 2, (60,), ceiling=2)
    inner = TaskSpec("inner", 0, Periodic(500, 20), 500, (Segment(exactly(1)),) * 2, (20,), ceiling=ceiling)
    bench.kernel.add(outer, sleeper((1, 1), 60))
    bench.kernel.add(inner, sleeper((1, 1), 20))
    bench.kernel.add(plain("spared", 2, 5, offset=25, period=500), worker((exactly(5),)))
    bench.kernel.add(plain("locked", 3, 5, offset=12, period=500), worker((exactly(5),)))
    assert ends(bench, 400) == {"outer": 72, "inner": 42, "spared": spared, "locked": 77}


def test_a_locked_out_task_does_not_keep_the_cpu_awake() -> None:
    bench = Bench()
    bench.kernel.add(waiting(0, 0, 2, 2, wait=1_000, period=5_000), sleeper((2, 2), 1_000))
    bench.kernel.add(plain("b", 1, 6, offset=11, period=5_000), worker((exactly(6),)))
    bench.run(1_005)
    assert bench.cpu.busy_ns == 2


def costs_of(*specs: TaskSpec) -> list[int | None]:
    bounds = response_bounds(specs, [], KernelCosts(), GHZ)
    return [bounds[spec.name] for spec in specs]


def test_bounds_by_hand() -> None:
    b, c = plain("b", 1, 6, 0), plain("c", 2, 10, 0)
    # Blocked by c for 9 at its three beginnings; or once by c, and twice by b for 5; or once by c.
    assert costs_of(waiting(0, None, 2, 2, 2), b, c)[0] == 46 + 3 * 9
    assert costs_of(waiting(0, 1, 2, 2, 2), b, c)[0] == 46 + 9 + 2 * 5
    assert costs_of(waiting(0, 0, 2, 2, 2), b, c)[0] == 46 + 9
    # b, blocked by c, after the 6 of the save's work, or after its 46 with the waits.
    assert costs_of(waiting(0, 1, 2, 2, 2), b, c)[1] == 9 + 6 + 6
    assert costs_of(waiting(0, 0, 2, 2, 2), b, c)[1] == 9 + 46 + 6
    assert costs_of(waiting(0, 1, 2, 2, 2), b, c)[2] == 46 + 6 + 10


def test_what_a_ceiling_must_not_be() -> None:
    with pytest.raises(ValueError, match="task save: its ceiling 1 would lock its own priority out"):
        waiting(2, 1, 2)
    with pytest.raises(ValueError, match="task save: a ceiling has no meaning under EDF"):
        Bench(EarliestDeadlineFirst()).kernel.add(waiting(2, 2, 2), sleeper((2,)))


# All waits of a job together.


def twice(most: int | None) -> TaskSpec:
    """A task that may wait twice for 20 each, and for `most` together."""
    segments = (Segment(exactly(2)),) * 3
    return TaskSpec("save", 0, Periodic(200, 10), 200, segments, (20, 20), waits_most_ns=most)


@pytest.mark.parametrize(
    ("most", "wait", "told"), [(None, 20, []), (30, 15, []), (30, 16, [32]), (30, 21, [21, 21, 42])]
)
def test_waits_that_together_are_too_long_are_told(most: int | None, wait: int, told: list[int]) -> None:
    bench = Bench()
    bench.kernel.add(twice(most), sleeper((2, 2, 2), wait))
    bench.run(150)
    assert [record.seen_ns for record in bench.probe.of(ContractBroken) if isinstance(record, ContractBroken)] == told
    # The next job begins to count anew.
    bench.run(350)
    again = [record.seen_ns for record in bench.probe.of(ContractBroken) if isinstance(record, ContractBroken)]
    assert again == told * 2


def test_bounds_count_no_more_than_all_waits_together() -> None:
    b = plain("b", 1, 6, 0)
    assert costs_of(twice(None), b) == [46 + 3 * 5, 6 + 6]
    assert costs_of(twice(30), b)[0] == 36 + 3 * 5
    assert costs_of(twice(50), b)[0] == 46 + 3 * 5
    assert costs_of(replace(twice(30), ceiling=0), b) == [36 + 5, 36 + 6]
    with pytest.raises(ValueError, match="a wait is at least 0"):
        twice(-1)


# Bursts of interrupts, which a device makes that ends two things at once.


def breaches(*instants: int, spacing: int = 10, burst: int = 2) -> list[int]:
    """The spacings that the kernel finds too small, of interrupts at these instants."""
    bench = Bench()
    bench.kernel.attach(InterruptSpec(Wire.A, exactly(0), spacing, burst), lambda at: None)
    bench.kernel.add(plain("idle", 0, 1, 0, 1_000), worker((exactly(1),)))
    for at in instants:
        bench.interrupt_at(at, Wire.A)
    bench.run(1_000)
    return [record.seen_ns for record in bench.probe.of(ContractBroken) if isinstance(record, ContractBroken)]


@pytest.mark.parametrize(
    ("instants", "told"),
    [
        ((100, 110, 120), []),
        ((100, 101, 120, 130), []),
        ((100, 101, 110, 120), []),
        ((100, 101, 109), [9]),
        ((100, 101, 102), [2]),
        ((100, 110, 111, 119), [9]),
    ],
)
def test_a_burst_must_have_been_saved_up(instants: tuple[int, ...], told: list[int]) -> None:
    assert breaches(*instants) == told


def test_without_a_burst_each_keeps_its_spacing() -> None:
    assert breaches(100, 109, 119, 121, burst=1) == [9, 2]


def test_a_burst_delays_as_often_as_it_comes() -> None:
    ticks = [InterruptSpec(Wire.A, exactly(2), 12, 3)]
    found = response_bounds([plain("a", 0, 5, 0)], ticks, KernelCosts(), GHZ)
    # Three at once make 11, and at 12 comes the next.
    assert found["a"] == 5 + 3 * 2
    found = response_bounds([plain("a", 0, 6, 0)], ticks, KernelCosts(), GHZ)
    assert found["a"] == 6 + 4 * 2
    with pytest.raises(ValueError, match="a burst is of at least one"):
        InterruptSpec(Wire.A, exactly(0), 10, 0)
