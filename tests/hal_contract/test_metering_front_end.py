"""Contract of `hal.frontend.MeteringFrontEnd`."""

from itertools import pairwise

import pytest

from hal.energy import EnergyCounters
from hal.frontend import ExcursionKind, ExcursionLimits, Levels, MeteringFrontEnd, SquareSums, Summation, Waves, Wiring
from hal.processor import Line
from hal.units import MINUTE, MS, TURN, S
from tests.hal_contract.harness import Feature, Harness

pytestmark = pytest.mark.needs(Feature.METERING_FRONT_END)
loaded = pytest.mark.needs(Feature.LOAD)

NOTHING = EnergyCounters(0, 0, 0, 0, 0, 0, 0, 0)
START_UW = 5_000_000
PULSE_NWH = 1_000_000_000

QUADRANTS = [
    (TURN // 12, "active_import", "reactive_q1"),
    (TURN * 5 // 12, "active_export", "reactive_q2"),
    (TURN * 7 // 12, "active_export", "reactive_q3"),
    (TURN * 11 // 12, "active_import", "reactive_q4"),
]


def configured(board: Harness) -> MeteringFrontEnd:
    front_end = board.metering_front_end()
    front_end.configure(Wiring.THREE_PHASE_FOUR_WIRE, START_UW, PULSE_NWH)
    return front_end


def test_without_load_nothing_is_counted(board: Harness) -> None:
    front_end = configured(board)
    board.advance(S)
    assert front_end.energy() == NOTHING
    assert front_end.live().total.active_uw == 0
    assert front_end.live().total.current_na == 0


@loaded
def test_below_the_start_power_nothing_is_counted(board: Harness) -> None:
    board.load(230_000_000, 5_000_000, 0)
    front_end = configured(board)
    board.advance(MINUTE)
    assert 0 < front_end.live().total.active_uw < START_UW
    assert front_end.energy() == NOTHING


@loaded
@pytest.mark.parametrize(("lag", "active", "reactive"), QUADRANTS)
def test_energy_goes_where_the_live_powers_point(board: Harness, lag: int, active: str, reactive: str) -> None:
    front_end = configured(board)
    board.load(230_000_000, 5_000_000_000, lag)
    start, before = board.processor().now(), front_end.energy()
    board.advance(MINUTE)
    passed, after = board.processor().now() - start, front_end.energy()
    total = front_end.live().total
    assert total.active_uw != 0
    assert total.reactive_uvar != 0
    expected = {active: abs(total.active_uw), reactive: abs(total.reactive_uvar)}
    expected["apparent_import" if total.active_uw > 0 else "apparent_export"] = total.apparent_uva
    for name in EnergyCounters.__dataclass_fields__:
        flowed = getattr(after, name) - getattr(before, name)
        # uW ns / 3.6e9 = nWh
        assert flowed == pytest.approx(expected.get(name, 0) * passed / 3_600_000_000, rel=1e-3)


@loaded
def test_registers_never_go_back(board: Harness) -> None:
    front_end = configured(board)
    before = front_end.energy()
    for lag in (0, TURN // 8, TURN // 2, TURN * 7 // 8, TURN // 3, TURN * 5 // 8):
        board.load(230_000_000, 2_000_000_000, lag)
        for _ in range(3):
            board.advance(S)
            after = front_end.energy()
            assert all(new >= old for new, old in zip(after.values(), before.values(), strict=True))
            before = after
    assert all(before.values())


@loaded
def test_live_values_add_up(board: Harness) -> None:
    front_end = configured(board)
    board.load(230_000_000, 5_000_000_000, TURN // 12)
    board.advance(5 * S)
    live = front_end.live()
    assert live.frequency_uhz == pytest.approx(50_000_000, rel=1e-3)
    for phase in live.phases:
        assert phase.voltage_uv == pytest.approx(230_000_000, rel=2e-3)
        assert phase.current_na == pytest.approx(5_000_000_000, rel=2e-3)
        assert phase.apparent_uva == pytest.approx(1_150_000_000, rel=4e-3)
    for quantity in ("voltage_uv", "current_na", "active_uw", "reactive_uvar", "apparent_uva"):
        parts = sum(getattr(phase, quantity) for phase in live.phases)
        assert getattr(live.total, quantity) == pytest.approx(parts, rel=1e-3)


@loaded
def test_unused_elements_are_zero(board: Harness) -> None:
    front_end = board.metering_front_end()
    front_end.configure(Wiring.SINGLE_PHASE, START_UW, PULSE_NWH)
    board.load(230_000_000, 5_000_000_000, 0)
    board.advance(5 * S)
    live = front_end.live()
    assert live.phases[1] == live.phases[2]
    assert live.phases[1].voltage_uv == live.phases[1].apparent_uva == 0
    assert live.total.active_uw == live.phases[0].active_uw > 0


@loaded
def test_without_voltage_there_is_no_frequency(board: Harness) -> None:
    front_end = configured(board)
    board.load(0, 0, 0)
    board.advance(S // 5)
    assert front_end.live().frequency_uhz == 0


@loaded
@pytest.mark.needs(Feature.POWER_CYCLE)
def test_registers_begin_at_zero_after_a_reset(board: Harness) -> None:
    board.load(230_000_000, 5_000_000_000, 0)
    configured(board)
    board.advance(MINUTE)
    board.power_cycle(S)
    assert configured(board).energy().active_import < board.processor().now() * 3_450_000_000 // 3_600_000_000 + 1


LEVELS = Levels(voltages_uv=(115_000_000,), currents_na=(1_000_000_000,), total_powers_uw=(0,))


def test_what_does_not_change_is_not_told(board: Harness) -> None:
    front_end = configured(board)
    front_end.watch(LEVELS)
    board.advance(5 * S)
    assert not board.pending(Line.FRONT_END)


@loaded
def test_a_level_that_is_passed_is_told_and_seen(board: Harness) -> None:
    board.load(230_000_000, 2_000_000_000, 0)
    front_end = configured(board)
    front_end.watch(LEVELS)
    board.advance(S)
    assert not board.pending(Line.FRONT_END)
    board.load(230_000_000, 500_000_000, 0)
    board.expect(Line.FRONT_END, 2 * S)
    assert front_end.live().phases[0].current_na == pytest.approx(500_000_000, rel=2e-3)
    board.advance(S)
    board.load(230_000_000, 600_000_000, TURN // 2)
    board.expect(Line.FRONT_END, 2 * S)
    assert front_end.live().total.active_uw < 0


@loaded
def test_interrupts_of_the_front_end_keep_their_distance(board: Harness) -> None:
    front_end = configured(board)
    front_end.watch(LEVELS)
    for step in range(40):
        board.load(230_000_000, 2_000_000_000 * (step % 2), 0)
        board.advance(30 * MS)
    instants = [interrupt.at_ns for interrupt in board.pending(Line.FRONT_END)]
    assert len(instants) >= 2
    assert all(later - sooner >= 190 * MS for sooner, later in pairwise(instants))


@loaded
def test_mains_cycles_count_while_there_is_a_voltage(board: Harness) -> None:
    front_end = configured(board)
    board.load(230_000_000, 0, 0)
    board.advance(S)
    start, before = board.processor().now(), front_end.mains_cycles()
    board.advance(20 * S)
    passed, after = board.processor().now() - start, front_end.mains_cycles()
    assert (after - before) / 2**16 == pytest.approx(50 * passed / S, abs=0.2)
    board.load(0, 0, 0)
    board.advance(S // 10)
    assert front_end.mains_cycles() >= after


def test_mains_cycles_never_go_back(board: Harness) -> None:
    front_end = configured(board)
    counts = []
    for _ in range(5):
        counts.append(front_end.mains_cycles())
        board.advance(S)
    assert counts == sorted(counts)


@loaded
def test_the_sum_of_moduli_counts_every_element_as_import(board: Harness) -> None:
    front_end = board.metering_front_end()
    front_end.configure(Wiring.THREE_PHASE_FOUR_WIRE, START_UW, PULSE_NWH, Summation.MODULI)
    board.load(230_000_000, 5_000_000_000, TURN // 2)
    board.advance(MINUTE)
    live, energy = front_end.live(), front_end.energy()
    assert all(phase.active_uw < 0 for phase in live.phases)
    assert live.total.active_uw == pytest.approx(-sum(phase.active_uw for phase in live.phases), rel=1e-3)
    assert energy.active_import > 0
    assert energy.active_export == 0


LIMITS = ExcursionLimits(dip_uv=207_000_000, swell_uv=253_000_000, hysteresis_uv=4_600_000)


def test_before_anything_is_watched_there_are_no_excursions(board: Harness) -> None:
    front_end = configured(board)
    assert front_end.excursions() == ()
    assert front_end.square_sums() == SquareSums()
    assert isinstance(front_end.waves(), Waves)


@loaded
def test_dips_and_swells_are_noted_with_instants_and_extremes(board: Harness) -> None:
    front_end = configured(board)
    board.load(230_000_000, 0, 0)
    front_end.watch_excursions(LIMITS)
    board.advance(S)
    assert front_end.excursions() == ()
    expected = ((115_000_000, ExcursionKind.DIP), (276_000_000, ExcursionKind.SWELL))
    for voltage_uv, kind in expected:
        told = len(board.pending(Line.FRONT_END))
        began = board.processor().now()
        board.load(voltage_uv, 0, 0)
        board.advance(S // 2)
        assert len(board.pending(Line.FRONT_END)) > told
        going = front_end.excursions()
        assert [(one.element, one.kind, one.end_ns) for one in going] == [(n, kind, None) for n in range(3)]
        ended = board.processor().now()
        board.load(230_000_000, 0, 0)
        board.advance(S // 2)
        over = front_end.excursions()
        assert sorted(one.element for one in over) == [0, 1, 2]
        for one in over:
            assert one.begin_ns == pytest.approx(began, abs=25 * MS)
            assert one.end_ns == pytest.approx(ended + 20 * MS, abs=20 * MS)
            assert one.extreme_uv == pytest.approx(voltage_uv, rel=5e-3)
        assert front_end.excursions() == ()


@loaded
def test_square_sums_give_the_mean_square(board: Harness) -> None:
    front_end = configured(board)
    board.load(230_000_000, 0, 0)
    board.advance(S)
    before = front_end.square_sums()
    board.advance(10 * S)
    after = front_end.square_sums()
    elapsed_ns = after.elapsed_ns - before.elapsed_ns
    assert elapsed_ns == pytest.approx(10 * S, rel=1e-3)
    for sooner, later in zip(before.uv2_ns, after.uv2_ns, strict=True):
        assert (later - sooner) / elapsed_ns == pytest.approx(230_000_000**2, rel=4e-3)


@loaded
def test_waves_of_a_balanced_load(board: Harness) -> None:
    front_end = configured(board)
    board.load(230_000_000, 5_000_000_000, TURN // 12)
    board.advance(5 * S)
    waves = front_end.waves()
    for element, wave in enumerate(waves.elements):
        assert wave.fundamental_uv == pytest.approx(230_000_000, rel=2e-3)
        assert wave.fundamental_na == pytest.approx(5_000_000_000, rel=2e-3)
        assert wave.voltage_angle_udeg is not None
        assert (wave.voltage_angle_udeg + element * 120_000_000) % 360_000_000 == pytest.approx(0, abs=100_000)
        assert wave.current_angle_udeg == pytest.approx(30_000_000, abs=100_000)
        assert wave.voltage_thd_ppm is not None
        assert wave.voltage_thd_ppm < 10_000
