"""Increments of energy: whatever way they are split, nothing is lost; the register chain delivers differences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.metrology.increment import Increment
from firmware.metrology.registers import NO_ENERGY, RegisterChain
from hal.energy import EnergyCounters
from hal.frontend import LiveValues, PhaseValues, Wiring

ENERGIES = st.tuples(*[st.integers(0, 10**15)] * 8)


@given(ENERGIES, st.integers(0, 10**15), st.integers(0, 10**12), st.data())
def test_a_split_conserves_energy_and_time(
    energies: tuple[int, ...], start_ns: int, duration_ns: int, data: st.DataObject
) -> None:
    whole = Increment(start_ns, start_ns + duration_ns, energies)
    at_ns = data.draw(st.integers(start_ns, start_ns + duration_ns))
    before, after = whole.split(at_ns)
    assert (before.start_ns, before.end_ns, after.start_ns, after.end_ns) == (start_ns, at_ns, at_ns, whole.end_ns)
    for total, first, second in zip(energies, before.energies, after.energies, strict=True):
        assert first + second == total
        assert min(first, second) >= 0
        if duration_ns:
            assert abs(first - total * ((at_ns - start_ns) / duration_ns)) <= 1 + 1e-12 * total


def test_a_split_at_an_end_leaves_nothing_there() -> None:
    whole = Increment(100, 200, (1, 2, 3, 4, 5, 6, 7, 8))
    assert whole.split(100)[0].energies == (0,) * 8
    assert whole.split(200)[1].energies == (0,) * 8
    assert Increment(100, 100, whole.energies).split(100)[1].energies == whole.energies


@pytest.mark.parametrize("at_ns", [99, 201])
def test_a_split_outside_is_refused(at_ns: int) -> None:
    with pytest.raises(ValueError, match="no instant of the increment"):
        Increment(100, 200, (0,) * 8).split(at_ns)


def test_sums_for_the_pulse_outputs() -> None:
    increment = Increment(0, 1, (1, 20, 300, 4_000, 50_000, 600_000, 7, 7))
    assert increment.active == 21
    assert increment.reactive == 654_300


def test_refuses_a_backward_or_incomplete_increment() -> None:
    with pytest.raises(ValueError, match="before its start"):
        Increment(2, 1, (0,) * 8)
    with pytest.raises(ValueError, match="8 energies, not 7"):
        Increment(1, 2, (0,) * 7)


class Registers:
    """A front end whose registers the test sets."""

    def __init__(self, values: tuple[int, ...] = (0,) * 8) -> None:
        self.counters = EnergyCounters(*values)

    def configure(self, wiring: Wiring, start_power_uw: int, pulse_energy_nwh: int) -> None: ...

    def energy(self) -> EnergyCounters:
        return self.counters

    def live(self) -> LiveValues:
        nothing = PhaseValues(0, 0, 0, 0, 0)
        return LiveValues((nothing, nothing, nothing), nothing, 0)


@given(st.lists(st.tuples(st.integers(0, 10**12), ENERGIES), max_size=20), ENERGIES)
def test_increments_of_the_registers_follow_each_other_and_sum_to_their_advance(
    steps: list[tuple[int, tuple[int, ...]]], at_boot: tuple[int, ...]
) -> None:
    registers = Registers(at_boot)
    chain = RegisterChain(registers, 5, counted=registers.energy())
    now_ns, sums, last_ns = 5, [0] * 8, 5
    for elapsed, energies in steps:
        now_ns += elapsed
        registers.counters = EnergyCounters(
            *(old + new for old, new in zip(registers.counters.values(), energies, strict=True))
        )
        increment = chain.advance(now_ns)
        assert (increment.start_ns, increment.end_ns) == (last_ns, now_ns)
        last_ns = now_ns
        sums = [total + new for total, new in zip(sums, increment.energies, strict=True)]
    advance = [now - boot for now, boot in zip(registers.counters.values(), at_boot, strict=True)]
    assert sums == advance
    assert chain.resets == 0


def test_energy_before_the_first_reading_counts_unless_it_was_counted() -> None:
    registers = Registers((7,) * 8)
    assert RegisterChain(registers, 0).advance(1).energies == (7,) * 8
    assert RegisterChain(registers, 0, registers.energy()).advance(1).energies == (0,) * 8
    assert NO_ENERGY.values() == (0,) * 8


def test_a_front_end_that_was_reset_delivers_what_it_has_since() -> None:
    registers = Registers((100,) * 8)
    chain = RegisterChain(registers, 0)
    chain.advance(10)
    registers.counters = EnergyCounters(*(3,) * 8)
    assert chain.advance(20).energies == (3,) * 8
    assert chain.resets == 1
    registers.counters = EnergyCounters(*(5,) * 8)
    assert chain.advance(30).energies == (2,) * 8
    assert chain.resets == 1


def test_a_reading_before_the_last_is_refused() -> None:
    chain = RegisterChain(Registers(), 10)
    with pytest.raises(ValueError, match="before the last reading"):
        chain.advance(9)
