"""CPU time spent, at any instant: against the stretches that the program asked for, laid end to end by hand."""

from hypothesis import given
from hypothesis import strategies as st

from hal.processor import Busy, ResetCause
from sim.world import Phase
from tests.world.test_cpu import Bench, Script, Wire


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=8),
    st.lists(st.integers(1, 4_000), max_size=6),
    st.integers(1, 5_000),
)
def test_of_a_stretch_that_runs_only_what_has_passed_counts(busy: list[int], wires: list[int], off_at: int) -> None:
    """Busy at first, then asleep; a cycle a nanosecond. Interrupts cost 30 ns, and make the stretches later."""
    bench = Bench(Script([Busy(cycles, cycles) for cycles in busy], {Wire.A: 30}))
    bench.cpu.power_up(bench.script, ResetCause.POWER_ON)
    for instant in wires:
        bench.world.at(instant, Phase.DEVICES, lambda: bench.cpu.raise_line(Wire.A))
    total = sum(busy)
    before = 0
    for instant in range(0, off_at, 7):
        bench.world.run_until(instant)
        spent = bench.cpu.spent_ns()
        # Never more than has passed, never back; and all of it, while there is something left to do.
        assert before <= spent <= instant
        if instant <= total:
            assert spent == instant
        before = spent
    bench.world.run_until(off_at)
    spent = bench.cpu.spent_ns()
    bench.cpu.power_down()
    assert bench.cpu.spent_ns() == bench.cpu.busy_ns == spent
    bench.world.run_until(off_at + 10_000)
    assert bench.cpu.spent_ns() == spent


def test_interrupts_in_sleep_count_while_they_are_served() -> None:
    bench = Bench(Script([Busy(100, 100)], {Wire.A: 50}))
    bench.cpu.power_up(bench.script, ResetCause.POWER_ON)
    bench.world.at(1_000, Phase.DEVICES, lambda: bench.cpu.raise_line(Wire.A))
    seen = []
    for instant in (50, 100, 500, 1_000, 1_020, 1_050, 2_000):
        bench.world.run_until(instant)
        seen.append(bench.cpu.spent_ns())
    assert seen == [50, 100, 100, 100, 120, 150, 150]


def test_a_stretch_that_never_ends_is_all_spent() -> None:
    bench = Bench(Script([Busy(100, 100)]))
    bench.cpu.power_up(bench.script, ResetCause.POWER_ON)
    bench.world.at(20, Phase.WORLD, bench.cpu.hang)
    bench.world.run_until(5_000)
    assert bench.cpu.spent_ns() == 5_000
