"""Jobs: responses from the nominal release, deadlines, budgets, contracts, triggers that come too soon, the start."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.kernel.errors import KernelError
from firmware.kernel.policy import EarliestDeadlineFirst
from firmware.kernel.spec import (
    Cost,
    InterruptSpec,
    KernelCosts,
    Periodic,
    Segment,
    Sporadic,
    TaskSpec,
    exactly,
)
from firmware.kernel.task import Body, Task
from hal.probe import BudgetOverrun, ContractBroken, JobDone
from tests.kernel.bench import Bench, Wire, worker


def test_a_response_counts_from_the_nominal_release() -> None:
    bench = Bench()
    task = bench.periodic("late", 1, 100, 30)
    bench.periodic("blocking", 0, 1_000, 250, offset_ns=90)
    bench.run(1_000)
    ends = [(release, end) for name, release, end in bench.probe.jobs if name == "late"]
    # Released at 100, 200 and 300 while the other works from 90 to 340: served late, one after the other.
    assert ends[:6] == [(0, 30), (100, 370), (200, 400), (300, 430), (400, 460), (500, 530)]
    assert task.account.worst_response_ns == 270
    assert task.account.missed == 3
    assert [record.missed for record in bench.probe.of(JobDone) if record.task == "late"][:5] == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_a_triggered_job_counts_from_the_instant_that_the_trigger_carries() -> None:
    bench = Bench()
    signal = bench.kernel.signal()

    async def body(task: Task) -> None:
        while True:
            await task.release_on(signal)
            await task.work(exactly(10))

    task = bench.sporadic("task", 0, body, jitter_ns=40, deadline_ns=45)
    bench.attach(Wire.A, lambda at: signal.raise_at(at - 40))
    bench.interrupt_at(100, Wire.A)
    bench.run(1_000)
    assert bench.probe.jobs == [("task", 60, 110)]
    assert (task.account.worst_response_ns, task.account.missed) == (50, 1)
    assert bench.probe.of(ContractBroken) == []


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize(("nominal", "late"), [(59, 41), (101, -1)])
def test_a_trigger_later_than_its_jitter_is_told(busy: bool, nominal: int, late: int) -> None:
    """Whether or not the task was busy when it came."""
    bench = Bench()
    signal = bench.kernel.signal()

    async def body(task: Task) -> None:
        while True:
            await task.release_on(signal)
            await task.work(exactly(500 if busy else 10))

    bench.sporadic("task", 0, body, jitter_ns=40)
    bench.attach(Wire.A, signal.raise_at)
    bench.attach(Wire.B, lambda at: signal.raise_at(nominal))
    bench.interrupt_at(20, Wire.A)
    bench.interrupt_at(100, Wire.B)
    bench.run(2_000)
    assert bench.probe.of(ContractBroken) == [ContractBroken("task", "jitter", late, 40)]


def test_an_interrupt_sooner_than_its_spacing_is_told() -> None:
    bench = Bench()
    bench.attach(Wire.A, lambda at: None, spacing_ns=50)
    for at in (10, 60, 109, 159):
        bench.interrupt_at(at, Wire.A)
    bench.run(1_000)
    assert bench.probe.of(ContractBroken) == [ContractBroken("interrupt a", "spacing", 49, 50)]


@pytest.mark.parametrize(("lasts", "told"), [(70, False), (71, True)])
@pytest.mark.parametrize("ended_by", ["signal", "timeout", "sleep"])
def test_a_wait_longer_than_declared_is_told(lasts: int, told: bool, ended_by: str) -> None:
    bench = Bench()
    signal = bench.kernel.signal()

    async def body(task: Task) -> None:
        await task.release()
        await task.work(exactly(30))
        if ended_by == "sleep":
            await task.sleep_until(30 + lasts)
        else:
            await task.wait_for(signal, lasts if ended_by == "timeout" else None)
        await task.work(exactly(10))
        await task.release()

    segments = (Segment(exactly(30)), Segment(exactly(10)))
    bench.kernel.add(TaskSpec("task", 0, Periodic(1_000), 1_000, segments, (70,)), body)
    bench.attach(Wire.A, signal.raise_at)
    bench.interrupt_at(30 + lasts if ended_by == "signal" else 900, Wire.A)
    bench.run(800)
    assert bench.probe.of(ContractBroken) == ([ContractBroken("task", "wait", 71, 70)] if told else [])


@given(st.lists(st.integers(1, 150), min_size=1, max_size=12))
def test_early_triggers_are_held_back(gaps: list[int]) -> None:
    """Against the rule in so many words: no release before the last one's spacing has passed."""
    bench = Bench()
    mailbox = bench.kernel.mailbox("box", len(gaps))
    instants = [sum(gaps[: index + 1]) for index in range(len(gaps))]

    async def body(task: Task) -> None:
        while True:
            at = await task.release_on(mailbox)
            assert task.now >= task.released_ns
            bench.log.append((at, task.released_ns))
            await task.work(exactly(20))

    task = bench.sporadic("task", 0, body, spacing_ns=100)
    bench.attach(Wire.A, lambda at: mailbox.put(at, at))
    for at in instants:
        bench.interrupt_at(at, Wire.A)
    bench.run(10_000)
    expected, earliest, early = [], 0, 0
    for at in instants:
        release = max(at, earliest)
        early += release > at
        expected.append((at, release))
        earliest = release + 100
    assert bench.log == expected
    assert task.account.early_triggers == early
    assert task.account.worst_response_ns == 20
    assert task.account.jobs == len(instants)


def test_a_storm_breaks_no_other_task() -> None:
    bench = Bench()
    signal = bench.kernel.signal()

    async def storm(task: Task) -> None:
        while True:
            await task.release_on(signal)
            await task.work(exactly(50))

    bench.sporadic("storm", 0, storm, spacing_ns=100, segments=(Segment(exactly(50)),), waits_ns=())
    calm = bench.periodic("calm", 1, 100, 50)
    bench.attach(Wire.A, signal.raise_at)
    for at in range(0, 5_000, 10):
        bench.interrupt_at(at, Wire.A)
    bench.run(5_000)
    assert calm.account.worst_response_ns == 100
    assert calm.account.missed == 0


def overrunning(costs: tuple[int, ...], budgets: tuple[tuple[int, int], ...]) -> list[BudgetOverrun]:
    bench = Bench()

    async def body(task: Task) -> None:
        while True:
            await task.release()
            for index, cost in enumerate(costs):
                if index:
                    await task.sleep_until(task.now)
                for _ in range(2):
                    await task.work(exactly(cost))

    parts = tuple(Segment(exactly(worst), calls) for worst, calls in budgets)
    task = bench.kernel.add(TaskSpec("task", 0, Periodic(1_000), 1_000, parts, (0,) * (len(parts) - 1)), body)
    bench.run(900)
    overruns = [record for record in bench.probe.of(BudgetOverrun) if isinstance(record, BudgetOverrun)]
    assert task.account.overruns == len(overruns)
    return overruns


def test_budgets_of_segments() -> None:
    assert overrunning((10, 20), ((20, 2), (40, 2))) == []
    assert overrunning((11, 20), ((20, 2), (40, 2))) == [BudgetOverrun("task", 0, 20, 22)]
    assert overrunning((10, 21), ((20, 2), (40, 2))) == [BudgetOverrun("task", 1, 40, 42)]
    assert overrunning((10, 20), ((20, 1), (40, 2))) == [BudgetOverrun("task", 0, 20, 20)]
    assert overrunning((10, 20, 5), ((20, 2), (40, 2))) == [BudgetOverrun("task", 2, 0, 10)]
    assert overrunning((10,), ((20, 2), (40, 2))) == []


def test_a_segment_may_use_up_to_its_worst_and_is_charged_as_it_asks() -> None:
    bench = Bench(seed=3)

    async def body(task: Task) -> None:
        while True:
            await task.release()
            before = task.now
            await task.work(Cost(10, 20) * 2)
            bench.log.append(task.now - before)

    spec = TaskSpec("task", 0, Periodic(100), 100, (Segment(Cost(20, 40)),))
    task = bench.kernel.add(spec, body)
    bench.run(50_000)
    assert set(bench.log) == set(range(20, 41))
    assert task.account.overruns == 0


def test_start_ups_disturb_no_job() -> None:
    """Tasks with long start-ups, waits in them too: releases count from when the last has come to its first."""
    bench = Bench(costs=KernelCosts(dispatch=exactly(3)))
    ready, never = bench.kernel.signal(), bench.kernel.signal()

    def starts_with(cost: int, waits: bool) -> Body:
        async def body(task: Task) -> None:
            await task.work(exactly(cost))
            if waits:
                await task.wait_for(ready)
                await task.sleep_until(task.now + 400)
            bench.log.append(task.name)
            await worker((exactly(10),))(task)

        return body

    async def triggered(task: Task) -> None:
        bench.log.append(task.name)
        while True:
            await task.release_on(never)
            bench.log.append(task.released_ns)

    quick = bench.periodic("quick", 0, 100, 10, starts_with(50, False))
    slow = bench.periodic("slow", 1, 100, 10, starts_with(700, True), offset_ns=5)
    task = bench.sporadic("triggered", 2, triggered)
    bench.attach(Wire.A, lambda at: (ready.raise_at(at), never.raise_at(at)))
    bench.interrupt_at(900, Wire.A)
    bench.run(5_000)
    # The interrupt, the sleep, and a dispatch; that of the segment between them is charged while the timer runs.
    start = 900 + 400 + 3
    assert bench.kernel.started_ns == start
    assert bench.log == ["quick", "triggered", "slow", start]
    assert bench.probe.jobs[0][1] == start
    assert (quick.account.worst_response_ns, slow.account.worst_response_ns) == (13, 21)
    assert task.account.early_triggers == 0
    assert bench.probe.of(BudgetOverrun) == []


def test_a_task_that_ends_takes_its_last_job_with_it() -> None:
    bench = Bench()

    async def body(task: Task) -> None:
        await task.release()
        await task.work(exactly(10))

    async def at_once(task: Task) -> None:
        await task.work(exactly(5))

    bench.periodic("task", 0, 100, body=body)
    bench.periodic("at once", 1, 100, body=at_once)
    bench.run(1_000)
    assert bench.probe.jobs == [("task", 5, 15)]
    assert all(task.ended for task in bench.kernel.tasks)


def test_deadlines_decide_under_edf_and_priorities_do_not() -> None:
    bench = Bench(EarliestDeadlineFirst())
    for name, priority, deadline in (("far", 0, 300), ("near", 1, 100), ("middle", 0, 200)):
        spec = TaskSpec(name, priority, Periodic(1_000), deadline, (Segment(exactly(10)),))
        bench.kernel.add(spec, worker((exactly(10),)))
    bench.run(500)
    assert [name for name, _, _ in bench.probe.jobs] == ["near", "middle", "far"]


def test_composition_is_checked() -> None:
    bench = Bench()
    bench.periodic("task", 0, 100)
    with pytest.raises(KernelError, match="two tasks are named task"):
        bench.periodic("task", 1, 100)
    with pytest.raises(ValueError, match="tasks task and other share priority 0"):
        bench.periodic("other", 0, 100)
    bench.attach(Wire.A, lambda at: None)
    with pytest.raises(KernelError, match="interrupt a has a handler already"):
        bench.attach(Wire.A, lambda at: None)
    assert bench.kernel.interrupts == {Wire.A: InterruptSpec(Wire.A, exactly(0), 1)}


@pytest.mark.parametrize(
    ("trigger", "deadline", "segments", "waits", "message"),
    [
        (Periodic(0), 1, 1, (), "must be above 0"),
        (Periodic(1), 0, 1, (), "must be above 0"),
        (Sporadic(1, -1), 1, 1, (), "at least 0"),
        (Periodic(10, -1), 1, 1, (), "offset"),
        (Periodic(1), 1, 0, (), "0 segments"),
        (Periodic(1), 1, 2, (), "2 segments"),
        (Periodic(1), 1, 2, (-1,), "at least 0 ns"),
    ],
)
def test_a_contract_must_fit_together(
    trigger: Periodic | Sporadic, deadline: int, segments: int, waits: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=f"task odd: .*{message}"):
        TaskSpec("odd", 0, trigger, deadline, (Segment(exactly(1)),) * segments, waits)


@pytest.mark.parametrize("segment", [Segment(Cost(2, 1)), Segment(Cost(-1, 1)), Segment(exactly(1), calls=0)])
def test_a_segment_must_make_sense(segment: Segment) -> None:
    with pytest.raises(ValueError, match="task odd: a segment's cost"):
        TaskSpec("odd", 0, Periodic(1), 1, (segment,))


def test_an_interrupt_must_have_a_spacing() -> None:
    with pytest.raises(ValueError, match=r"interrupt a: .*spacing"):
        InterruptSpec(Wire.A, exactly(1), 0)


def test_costs_add_and_multiply() -> None:
    assert Cost(1, 2) + Cost(10, 20) == Cost(11, 22)
    assert Cost(1, 2) * 3 == Cost(3, 6)
    assert exactly(5) == Cost(5, 5)
