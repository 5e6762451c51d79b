"""What faults lay over the mains is exactly undone, and is what physics makes of it."""

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.frontend import Wiring
from hal.units import TURN
from sim.physics.mains import Mains
from sim.physics.overlays import (
    CurrentsCrossed,
    CurrentsReversed,
    FrequencyForced,
    Layer,
    NeutralLost,
    Overlay,
    PhasesLost,
    Scaled,
    SequenceSwapped,
)
from sim.physics.power import powers
from sim.physics.service import PowerFactor, Service
from sim.physics.waves import Harmonic, Segment, Wave
from sim.world import World

FOUR = Wiring.THREE_PHASE_FOUR_WIRE
phases = st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True).map(tuple)
overlays: st.SearchStrategy[Overlay] = st.one_of(
    st.builds(PhasesLost, phases),
    st.builds(Scaled, phases, st.integers(0, 1_500), st.sampled_from([Layer.GRID, Layer.TRANSFORMERS])),
    st.builds(CurrentsReversed, phases),
    st.builds(CurrentsCrossed, st.integers(0, 2), st.integers(0, 2)),
    st.builds(FrequencyForced, st.integers(30_000_000, 90_000_000)),
    st.just(NeutralLost()),
    st.just(SequenceSwapped()),
)
loads = st.builds(
    lambda watts, ppm, phase, harmonics: Service(
        FOUR, 230_000_000, current_harmonics=(Harmonic(3, 100_000, 12_345),) if harmonics else ()
    ).current(watts, PowerFactor(ppm), phase),
    st.integers(0, 20_000_000_000),
    st.integers(-1_000_000, 1_000_000),
    st.sampled_from([None, 0, 1, 2]),
    st.booleans(),
)


@given(loads, loads, st.lists(st.tuples(overlays, st.integers(0, 100)), max_size=8))
def test_all_that_is_laid_is_exactly_undone(first: Segment, second: Segment, laid: list[tuple[Overlay, int]]) -> None:
    mains = Mains(World(1), FOUR)
    mains.demand(first)
    for overlay, _ in laid:
        mains.lay(overlay)
    mains.fail([1])
    mains.demand(second)
    for overlay, _ in sorted(laid, key=lambda one: one[1]):
        mains.lift(overlay)
    mains.restore([1])
    assert mains.segment == second


@given(loads, st.lists(overlays, max_size=6), overlays)
def test_without_is_what_lifting_it_would_leave(load: Segment, others: list[Overlay], one: Overlay) -> None:
    mains = Mains(World(1), FOUR)
    mains.demand(load)
    for overlay in others:
        mains.lay(overlay)
    mains.lay(one)
    without = mains.without(one)
    mains.lift(one)
    # Of several of the same kind in one layer the order decides; none of ours depend on it but twice the same.
    if one not in others:
        assert mains.segment == without


def test_what_does_not_lie_there_can_not_be_lifted() -> None:
    mains = Mains(World(1), FOUR)
    mains.lay(NeutralLost())
    with pytest.raises(ValueError, match="does not lie over the mains"):
        mains.lift(SequenceSwapped())


@given(loads, phases)
def test_a_reversed_current_takes_its_power_the_other_way(load: Segment, which: tuple[int, ...]) -> None:
    before = powers(load, FOUR).elements
    after = powers(CurrentsReversed(which).over(load, FOUR), FOUR).elements
    for phase in range(3):
        sign = -1 if phase in which else 1
        # Half a turn is exact; the product is rounded.
        assert after[phase].active_fw == pytest.approx(sign * before[phase].active_fw, abs=2)
        assert after[phase].reactive_fvar == pytest.approx(sign * before[phase].reactive_fvar, abs=2)


@given(st.integers(2, 15), st.integers(0, TURN - 1), st.integers(0, TURN - 1), st.integers(0, TURN - 1))
def test_a_reversed_wave_is_the_negative_at_every_instant(order: int, angle: int, own: int, at: int) -> None:
    """With its harmonics, even ones too."""

    def value(wave: Wave) -> float:
        turn = (at + wave.angle) / TURN
        return math.sin(2 * math.pi * turn) + sum(
            one.share_ppm / 1e6 * math.sin(2 * math.pi * (one.order * turn + one.angle / TURN))
            for one in wave.harmonics
        )

    wave = Wave(10**9, angle, (Harmonic(order, 300_000, own),))
    segment = Segment(50_000_000, (Wave(0),) * 3, (wave, Wave(0), Wave(0), Wave(0)))
    assert value(CurrentsReversed((0,)).over(segment, FOUR).currents[0]) == pytest.approx(-value(wave), abs=1e-6)


@given(loads)
def test_reversed_twice_is_as_before(load: Segment) -> None:
    overlay = CurrentsReversed((0, 1, 2))
    assert overlay.over(overlay.over(load, FOUR), FOUR) == load


def test_crossed_currents_of_a_balanced_load_sum_to_nothing() -> None:
    load = Service(FOUR, 230_000_000).current(10_000_000_000)
    total = powers(CurrentsCrossed(0, 2).over(load, FOUR), FOUR).total
    assert abs(total.active_fw) < 10**9
    assert abs(total.reactive_fvar) < 10**9


def test_a_swapped_sequence_changes_no_power() -> None:
    load = Service(FOUR, 230_000_000).current(10_000_000_000, PowerFactor(800_000), 1)
    before, after = powers(load, FOUR), powers(SequenceSwapped().over(load, FOUR), FOUR)
    assert after.total == before.total
    assert after.elements[2] == before.elements[1]


def ohmic(volts: list[int], ohms: list[int]) -> Segment:
    """Resistors from each phase to the star point."""
    angles = (0, TURN * 2 // 3, TURN // 3)
    waves = [Wave(volt, angle) for volt, angle in zip(volts, angles, strict=True)]
    i1, i2, i3 = (Wave(volt * 1_000 // ohm, angle) for volt, ohm, angle in zip(volts, ohms, angles, strict=True))
    return Segment(50_000_000, (waves[0], waves[1], waves[2]), (i1, i2, i3, Wave(0)))


@given(st.lists(st.integers(5, 500), min_size=3, max_size=3))
def test_a_lost_neutral_leaves_the_currents_no_way_but_each_other(ohms: list[int]) -> None:
    """An independent reference: the star point by Millman's theorem, in floats."""
    segment = ohmic([230_000_000] * 3, ohms)
    seen = NeutralLost().over(segment, FOUR)
    volts = [cmath.rect(230.0, 2 * cmath.pi * wave.angle / TURN) for wave in segment.voltages]
    star = sum(volt / ohm for volt, ohm in zip(volts, ohms, strict=True)) / sum(1 / ohm for ohm in ohms)
    for volt, ohm, voltage, current in zip(volts, ohms, seen.voltages, seen.currents[:3], strict=True):
        assert voltage.rms / 1e6 == pytest.approx(abs(volt - star), abs=1e-4)
        assert current.rms / 1e9 == pytest.approx(abs(volt - star) / ohm, abs=1e-4)
    assert seen.currents[3].rms == 0


def test_a_lost_neutral_is_nothing_to_a_balanced_load() -> None:
    load = Service(FOUR, 230_000_000).current(10_000_000_000, PowerFactor(900_000))
    assert NeutralLost().over(load, FOUR) == load


def test_a_voltage_is_scaled_and_its_current_is_not() -> None:
    load = Service(FOUR, 230_000_000).current(10_000_000_000)
    seen = Scaled((1,), 600).over(load, FOUR)
    assert [wave.rms for wave in seen.voltages] == [230_000_000, 138_000_000, 230_000_000]
    assert seen.currents == load.currents
    assert Scaled((0, 1, 2), 0).over(load, FOUR).voltages == (Wave(0),) * 3
