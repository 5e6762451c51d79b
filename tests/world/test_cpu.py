"""The CPU drives a program: stretches, interrupts in them and in sleep, power, and an oscillator that is off."""

import enum
from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.processor import Busy, Idle, ResetCause
from sim.devices.cpu import Cpu
from sim.devices.oscillator import Oscillator
from sim.world import Phase, Stream, World

GHZ = 1_000_000_000


class Wire(enum.Enum):
    A = "a"
    B = "b"
    C = "c"


class Script:
    """A program that does a list of things and notes each instant; interrupts have costs in cycles."""

    def __init__(self, steps: list[Busy | Idle], costs: dict[Wire, int] | None = None) -> None:
        self.steps = steps
        self.costs = costs or {}
        self.log: list[tuple[str, int]] = []
        self.closed = 0

    def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
        now = start_ns
        self.log.append(("start", now))
        try:
            for step in self.steps:
                now = yield step
                self.log.append(("went on", now))
            while True:
                now = yield Idle(None)
                self.log.append(("went on", now))
        finally:
            self.closed += 1

    def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
        self.log.append((str(line.value), at_ns))
        cost = self.costs.get(Wire(line.value), 0)
        return Busy(cost, cost)

    @property
    def resumed(self) -> list[int]:
        return [at for what, at in self.log if what == "went on"]


class Bench:
    def __init__(self, script: Script, hz: int = GHZ, offset_ppb: int = 0, execution: Stream | None = None) -> None:
        self.world = World(1)
        self.oscillator = Oscillator(offset_ppb)
        self.cpu = Cpu(self.world, self.oscillator, hz, execution)
        self.script = script

    def power_up_at(self, at: int) -> None:
        self.world.at(at, Phase.WORLD, lambda: self.cpu.power_up(self.script, ResetCause.POWER_ON))

    def interrupt_at(self, at: int, line: Wire = Wire.A) -> None:
        self.world.at(at, Phase.INTERRUPTS, lambda: self.cpu.interrupt(line))


def busy(cycles: int) -> Busy:
    return Busy(cycles, cycles)


@pytest.mark.parametrize("at", [1, 30, 99, 100])
def test_an_interrupt_in_a_busy_stretch_puts_its_end_off(at: int) -> None:
    bench = Bench(Script([busy(100), busy(10)], {Wire.A: 7}))
    bench.power_up_at(0)
    bench.interrupt_at(at)
    bench.world.run_until(1_000)
    # One at the very end of the stretch comes before the program, and in the stretch.
    assert bench.script.log == [("start", 0), ("a", at), ("went on", 107), ("went on", 117)]
    assert bench.cpu.busy_ns == 117
    assert bench.cpu.wakes == {"timer": 0}


def test_an_interrupt_may_fall_into_what_another_has_put_off() -> None:
    bench = Bench(Script([busy(100)], {Wire.A: 7, Wire.B: 50}))
    bench.power_up_at(0)
    for at, line in ((100, Wire.A), (105, Wire.A), (110, Wire.B), (165, Wire.A)):
        bench.interrupt_at(at, line)
    bench.world.run_until(1_000)
    assert bench.script.resumed == [164, 172]


@pytest.mark.parametrize("until", [None, 500])
def test_an_interrupt_in_sleep_ends_it_when_it_has_been_served(until: int | None) -> None:
    bench = Bench(Script([Idle(until), busy(10)], {Wire.A: 7, Wire.B: 20}))
    bench.power_up_at(0)
    bench.interrupt_at(200, Wire.B)
    bench.interrupt_at(210, Wire.A)
    bench.world.run_until(1_000)
    assert bench.script.log == [("start", 0), ("b", 200), ("a", 210), ("went on", 227), ("went on", 237)]
    assert bench.cpu.wakes == {"timer": 0, "b": 1}


def test_a_timer_wakes_at_its_instant_or_at_once() -> None:
    bench = Bench(Script([Idle(300), Idle(100), busy(5), Idle(400)]))
    bench.power_up_at(1_000)
    bench.world.run_until(3_000)
    assert bench.script.resumed == [300, 300, 305, 400]
    assert bench.cpu.wakes == {"timer": 3}
    assert bench.cpu.busy_ns == 5


def test_an_interrupt_at_the_instant_of_a_timer_comes_first() -> None:
    bench = Bench(Script([Idle(300)], {Wire.A: 9}))
    bench.power_up_at(0)
    bench.interrupt_at(300)
    bench.world.run_until(1_000)
    assert bench.script.log == [("start", 0), ("a", 300), ("went on", 309)]
    assert bench.cpu.wakes == {"timer": 0, "a": 1}


def test_lines_of_one_instant_are_served_in_the_order_of_their_enum_each_once() -> None:
    bench = Bench(Script([]))
    bench.power_up_at(0)
    for line in (Wire.C, Wire.A, Wire.C, Wire.B):
        bench.world.at(50, Phase.DEVICES, lambda line=line: bench.cpu.raise_line(line))
    bench.world.run_until(100)
    assert bench.script.log == [("start", 0), ("a", 50), ("b", 50), ("c", 50), ("went on", 50)]


def test_an_interrupt_that_the_program_causes_comes_a_count_later() -> None:
    """It can't have been there when the program picked what to do."""
    bench = Bench(Script([busy(50)], {Wire.A: 5}))
    bench.power_up_at(0)
    bench.world.at(0, Phase.FIRMWARE, lambda: bench.world.at(0, Phase.INTERRUPTS, lambda: bench.cpu.interrupt(Wire.A)))
    bench.world.run_until(100)
    assert bench.script.log == [("start", 0), ("a", 1), ("went on", 55)]


def test_cycles_are_rounded_up_each_time() -> None:
    bench = Bench(Script([busy(1), busy(3), busy(1)], {Wire.A: 1}), hz=700_000_000)
    bench.power_up_at(0)
    bench.interrupt_at(1)
    bench.interrupt_at(2)
    bench.world.run_until(100)
    # 10/7 of a nanosecond a cycle.
    assert bench.script.resumed == [2 + 2 + 2, 6 + 5, 11 + 2]


def test_execution_is_drawn_between_best_and_worst_or_is_the_worst() -> None:
    steps: list[Busy | Idle] = [Busy(10, 20)] * 500
    drawn = Bench(Script(steps), execution=Stream(1, "execution"))
    worst = Bench(Script(steps))
    for bench in (drawn, worst):
        bench.power_up_at(0)
        bench.world.run_until(20_000)
    lengths = [b - a for a, b in zip([0, *drawn.script.resumed], drawn.script.resumed, strict=False)]
    assert set(lengths) == set(range(10, 21))
    assert worst.script.resumed[-1] == 10_000


def test_a_stretch_of_negative_length_is_refused() -> None:
    bench = Bench(Script([busy(-1)]))
    bench.power_up_at(0)
    with pytest.raises(ValueError, match="busy for -1 cycles"):
        bench.world.run_until(10)
    with pytest.raises(ValueError, match="0 Hz"):
        Cpu(bench.world, bench.oscillator, 0, None)


STEPS = st.lists(
    st.one_of(
        st.builds(busy, st.integers(0, 12)),
        st.builds(Idle, st.none() | st.integers(0, 300)),
    ),
    max_size=15,
)
ARRIVALS = st.lists(st.tuples(st.integers(1, 250), st.sampled_from(Wire)), max_size=15)
COSTS = st.fixed_dictionaries({line: st.integers(0, 6) for line in Wire})


def by_ticks(
    steps: list[Busy | Idle], arrivals: list[tuple[int, Wire]], costs: dict[Wire, int], end: int
) -> list[tuple[str, int]]:
    """A CPU of 1 GHz that is looked at each nanosecond: a model that knows no events."""
    log = [("start", 0)]
    left = list(steps)
    remaining: int | None
    """Of a busy stretch; None in sleep."""

    def take() -> tuple[int | None, int | None]:
        step = left.pop(0) if left else Idle(None)
        return (step.worst, None) if isinstance(step, Busy) else (None, step.until)

    remaining, until = take()
    for now in range(end + 1):
        if remaining and now:
            remaining -= 1
        for at, line in sorted(arrivals, key=lambda arrival: arrival[0]):
            if at == now:
                log.append((line.value, now))
                remaining = (remaining or 0) + costs[line]
        while remaining == 0 or (remaining is None and until is not None and until <= now):
            log.append(("went on", now))
            remaining, until = take()
    return log


@given(STEPS, ARRIVALS, COSTS, st.booleans())
def test_against_a_cpu_that_is_looked_at_each_nanosecond(
    steps: list[Busy | Idle], arrivals: list[tuple[int, Wire]], costs: dict[Wire, int], crowded: bool
) -> None:
    bench = Bench(Script(steps, costs))
    bench.power_up_at(0)
    for at, line in arrivals:
        bench.interrupt_at(at, line)
    if crowded:  # the CPU may not leap
        for at in range(300):
            bench.world.at(at, Phase.DEVICES, lambda: None)
    bench.world.run_until(300)
    assert bench.script.log == by_ticks(steps, arrivals, costs, 300)


@given(
    STEPS,
    ARRIVALS,
    COSTS,
    st.sampled_from((1_000, -1_000, 10_000_000, -10_000_000, 9_999_999)),
    st.lists(st.tuples(st.integers(0, 250), st.integers(-10_000_000, 10_000_000)), max_size=3),
)
def test_counts_keep_their_order_whatever_the_oscillator_does(
    steps: list[Busy | Idle],
    arrivals: list[tuple[int, Wire]],
    costs: dict[Wire, int],
    offset: int,
    changes: list[tuple[int, int]],
) -> None:
    bench = Bench(Script(steps, costs), offset_ppb=offset)
    bench.power_up_at(0)
    for at, line in arrivals:
        bench.interrupt_at(at, line)
    for at, ppb in changes:
        bench.world.at(at, Phase.WORLD, lambda at=at, ppb=ppb: bench.oscillator.change(at, ppb))

    def look() -> None:
        # Whoever reads the counter reads no less than the program was told, and no more than a count beyond it.
        assert bench.cpu.now() >= bench.script.log[-1][1]
        assert bench.oscillator.mono_at(bench.world.now) - 1 <= bench.cpu.now()

    for at in range(0, 300, 7):
        bench.world.at(at, Phase.OBSERVERS, look)
    bench.world.run_until(500)
    instants = [at for _, at in bench.script.log]
    assert instants == sorted(instants)
    # The time that passed is the time that was asked for.
    log = bench.script.log
    served = 0
    before = log[0][1]
    expected = list(steps)
    slept = False
    for what, at in log[1:]:
        if what != "went on":
            served += costs[Wire(what)]
            slept = slept or not (expected and isinstance(expected[0], Busy))
            continue
        step = expected.pop(0) if expected else Idle(None)
        if isinstance(step, Busy):
            assert at == before + step.worst + served
        elif served == 0 and not slept:
            assert step.until is not None
            assert at == max(before, step.until)
        before, served, slept = at, 0, False


def test_a_change_of_frequency_moves_the_end_of_a_stretch() -> None:
    for ppb, end in ((10_000_000, 1_990_100), (-10_000_000, 2_010_102)):
        bench = Bench(Script([busy(2_000_000)]))
        bench.power_up_at(0)
        bench.world.at(1_000_000, Phase.WORLD, lambda b=bench, p=ppb: b.oscillator.change(1_000_000, p))
        bench.world.run_until(end - 1)
        assert bench.script.resumed == []
        bench.world.run_until(end)
        assert bench.script.resumed == [2_000_000]


def restarted(steps: list[Busy | Idle], served: list[int]) -> list[tuple[str, int]]:
    """What a program sees that is powered up, undisturbed by any before it."""
    bench = Bench(Script(list(steps), {Wire.A: 3}))
    for at in served:
        bench.interrupt_at(at)
    bench.cpu.power_up(bench.script, ResetCause.POWER_ON)
    bench.world.run_until(500)
    return bench.script.log


@given(st.integers(0, 60), st.booleans(), st.integers(0, 30))
def test_no_ghost_wakes_a_cpu_whose_power_was_cut(cut: int, again: bool, pause: int) -> None:
    steps: list[Busy | Idle] = [busy(7), Idle(20), busy(10), Idle(None), busy(5)]
    bench = Bench(Script(list(steps), {Wire.A: 3}))
    bench.power_up_at(0)
    for at in (5, 15, 25, 35, 45):
        bench.interrupt_at(at)
    bench.world.at(cut, Phase.WORLD, bench.cpu.power_down)
    second = Script(list(steps), {Wire.A: 3})
    if again:
        bench.world.at(cut + pause, Phase.WORLD, lambda: bench.cpu.power_up(second, ResetCause.WATCHDOG))
    before: list[int] = []
    bench.world.at(cut, Phase.DEVICES, lambda: before.append(len(bench.script.log)))
    bench.world.run_until(500)
    assert len(bench.script.log) == before[0]
    assert bench.script.closed == (1 if cut else 0)  # cut at the instant of power-up, it has never begun
    assert bench.cpu.powered == again
    if again:
        # A program of its own, at its own counts, whatever the first one was about to do.
        served = [at - cut - pause for at in (5, 15, 25, 35, 45) if cut + pause <= at]
        assert second.log == restarted(steps, served)
        assert bench.cpu.reset_cause is ResetCause.WATCHDOG


def test_a_program_that_cuts_its_own_power_is_stopped_at_its_next_yield() -> None:
    bench = Bench(Script([]))
    log: list[str] = []

    def suicidal(start_ns: int) -> Generator[Busy | Idle, int, None]:
        try:
            yield busy(10)
            bench.cpu.power_down()
            bench.cpu.power_up(bench.script, ResetCause.WATCHDOG)
            log.append("still running")
            yield busy(10)
            log.append("never")
        finally:
            log.append("closed")

    class Suicidal(Script):
        def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
            return suicidal(start_ns)

    bench.world.at(0, Phase.WORLD, lambda: bench.cpu.power_up(Suicidal([]), ResetCause.POWER_ON))
    bench.world.run_until(100)
    assert log == ["still running", "closed"]
    assert bench.script.log == [("start", 0)]


def test_power_twice_is_refused_and_none_is_no_matter() -> None:
    bench = Bench(Script([]))
    bench.cpu.power_down()
    bench.cpu.interrupt(Wire.A)
    bench.cpu.power_up(bench.script, ResetCause.POWER_ON)
    with pytest.raises(RuntimeError, match="powered already"):
        bench.cpu.power_up(bench.script, ResetCause.POWER_ON)


def test_a_long_run_leaves_no_wake_ups_behind() -> None:
    """Timeouts that are never reached, put off again and again, as a UART's are."""
    world = World(1)
    cpu = Cpu(world, Oscillator(), GHZ, None)
    most = 0

    class Restless:
        def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
            now = start_ns
            while True:
                now = yield busy(3)
                now = yield Idle(now + 100_000)

        def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
            return busy(1)

    def interrupt() -> None:
        nonlocal most
        cpu.interrupt(Wire.A)
        most = max(most, world.outstanding)
        world.at(world.now + 50, Phase.INTERRUPTS, interrupt)

    cpu.power_up(Restless(), ResetCause.POWER_ON)
    world.at(10, Phase.INTERRUPTS, interrupt)
    world.run_until(1_000_000)
    assert cpu.wakes == {"timer": 0, "a": 20_000}
    assert most <= 5


@pytest.mark.parametrize(("step", "went_on"), [(Idle(100), 105), (busy(100), 105)])
def test_an_interrupt_at_the_end_of_a_stretch_comes_at_the_count_of_that_end(step: Busy | Idle, went_on: int) -> None:
    """Though the oscillator, 1 % fast, counts two in that nanosecond."""
    bench = Bench(Script([step], {Wire.A: 5}), offset_ppb=10_000_000)
    bench.power_up_at(0)
    bench.interrupt_at(100)
    bench.world.run_until(1_000)
    assert bench.oscillator.true_of(100) == 100
    assert bench.oscillator.mono_at(100) == 101
    assert bench.script.log == [("start", 0), ("a", 100), ("went on", went_on)]
