"""The RTC's backup, against exact fractions added up stretch by stretch."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.units import DAY, HOUR, MS, S
from sim.devices.backup_part import CellPart, SuperCapacitorPart, doubled
from sim.devices.battery import Backup, Cell, SuperCapacitor
from sim.scenario.power_report import life_ns
from sim.world import Phase, World

YEAR = 365 * DAY + 6 * HOUR
SMALL = CellPart(capacity_uah=10)
"""Spent in some hours: self-discharge is scaled up with it, so that it counts."""


def at(world: World, instant: int, action: Callable[[], None]) -> None:
    """Have it done in the world's phase, and all that follows."""
    world.at(instant, Phase.WORLD, action)
    world.run_until(instant)


def deaths(world: World, backup: Backup) -> list[tuple[int, bool]]:
    told: list[tuple[int, bool]] = []
    backup.subscribe(lambda alive: told.append((world.now, alive)))
    return told


stretches = st.lists(
    st.tuples(
        st.integers(1, 6 * HOUR),
        st.sampled_from(["rail", "backup", "test", "warm", "cold"]),
    ),
    max_size=12,
)
REACHES = {"rail": None, "backup": None, "test": None, "warm": 40_000, "cold": -20_000}


@given(stretches, st.sampled_from([0, 10_000_000, 900_000_000]))
def test_a_cell_is_spent_when_the_sum_of_its_currents_says(course: list[tuple[int, str]], loss_ppb: int) -> None:
    part = CellPart(capacity_uah=2, self_discharge_ppb=loss_ppb, rtc_na=500)
    world = World(1)
    cell = Cell(world, part)
    told = deaths(world, cell)
    left = Fraction(2_000 * HOUR)
    warm, rail, spent, now = 20_000, True, None, 0
    fed = tests = lost = Fraction(0)
    for gap, what in [*course, (10 * DAY, "rail")]:
        scale = {20_000: Fraction(1), 40_000: Fraction(4), -20_000: Fraction(1, 16)}[warm]
        loss = -(-(part.self_na(20_000)) * scale.numerator // scale.denominator)
        current = loss + (0 if rail else 500)
        if spent is None and current and left <= current * gap:
            spent = now - (-left // current)
            lost += loss * (spent - now)
            fed += 0 if rail else 500 * Fraction(spent - now)
            left = Fraction(0)
        elif spent is None:
            left -= current * gap
            lost += loss * gap
            fed += 0 if rail else 500 * gap
        now += gap
        world.run_until(now)
        assert cell.alive == (spent is None)
        if what in ("rail", "backup"):
            rail = what == "rail"
            at(world, now, lambda rail=rail: cell.rail(rail))
        elif what == "test":
            cell.test()
            world.run_until(now)
            if spent is None:
                tests += min(left, part.test_na * part.test_ns)
                left -= min(left, part.test_na * part.test_ns)
                spent = now if not left else None
        else:
            warm = REACHES[what] or 0
            at(world, now, lambda warm=warm: cell.temperature(warm))
    assert told == ([] if spent is None else [(spent, False)])
    use = cell.use()
    assert abs(use.rtc - fed) <= 1_000
    assert use.tests == tests
    assert use.lost == lost
    assert use.supplied_ns + use.on_backup_ns == now


def test_the_voltage_under_load_sags_before_the_end_and_not_earlier() -> None:
    world = World(1)
    cell = Cell(world, CellPart(capacity_uah=10, self_discharge_ppb=0, test_na=0))
    at(world, 0, lambda: cell.rail(False))
    seen = []
    for tenth in range(0, 201):
        world.run_until(tenth * HOUR // 10)
        seen.append(cell.test())
    # 10 uAh at 0.5 uA are 20 h: flat for 18 h, then down to 2 V, then nothing.
    assert seen[:181] == [3_000] * 181
    assert seen[190] == 2_500
    assert seen[199] == pytest.approx(2_050, abs=1)
    assert seen[200] == 0
    assert seen == sorted(seen, reverse=True)


def test_the_cold_takes_some_of_the_voltage() -> None:
    world = World(1)
    cell = Cell(world)
    assert cell.test() == 3_000
    cell.temperature(-20_000)
    assert cell.test() == 2_800
    cell.temperature(60_000)
    assert cell.test() == 3_000


@pytest.mark.parametrize("kind", [Cell, SuperCapacitor])
def test_a_low_one_keeps_the_time_until_it_is_too_low(kind: type[Cell] | type[SuperCapacitor]) -> None:
    world = World(1)
    backup: Backup = kind(world)
    told = deaths(world, backup)
    backup.sag(2_200)
    assert backup.test() == 2_200
    assert backup.alive
    backup.sag(1_499)
    assert not backup.alive
    backup.replace()
    backup.rail(True)
    world.run_until(HOUR)
    assert backup.test() >= 3_000
    assert [alive for _, alive in told] == [False, True]


@pytest.mark.parametrize("kind", [Cell, SuperCapacitor])
def test_a_dead_one_is_dead_until_it_is_replaced(kind: type[Cell] | type[SuperCapacitor]) -> None:
    world = World(1)
    backup: Backup = kind(world)
    told = deaths(world, backup)
    at(world, HOUR, backup.fail)
    world.run_until(DAY)
    assert backup.test() == 0
    assert not backup.alive
    at(world, DAY, backup.replace)
    world.run_until(DAY + HOUR)
    assert backup.alive
    assert [alive for _, alive in told] == [False, True]
    assert told[0][0] == HOUR


def test_a_fresh_cell_may_have_little_left() -> None:
    world = World(1)
    cell = Cell(world, CellPart(self_discharge_ppb=0))
    told = deaths(world, cell)
    at(world, 0, lambda: cell.replace(1))
    at(world, 0, lambda: cell.rail(False))
    world.run_until(DAY)
    assert told == [(2 * HOUR, False)]


def test_power_that_comes_and_goes_leaves_no_heap_of_wake_ups() -> None:
    world = World(1)
    cell = Cell(world)
    for second in range(1, 500):
        at(world, second * S, lambda second=second: cell.rail(second % 2 == 0))
    assert world.outstanding < 10


class TestSuperCapacitor:
    @settings(max_examples=50)
    @given(st.integers(50, 2_000), st.integers(0, 20_000), st.integers(1, 100))
    def test_it_runs_out_after_what_it_holds_over_what_it_loses(self, mf: int, leak_na: int, rtc_na: int) -> None:
        part = SuperCapacitorPart(capacitance_mf=mf, leak_na=leak_na, rtc_na=rtc_na)
        world = World(1)
        backup = SuperCapacitor(world, part)
        told = deaths(world, backup)
        at(world, HOUR, lambda: backup.rail(False))
        charge_c = Fraction(mf, 1_000) * Fraction(3_300 - 1_500, 1_000)
        lasts_ns = charge_c / (Fraction(leak_na + rtc_na) / 10**9) * 10**9
        world.run_until(HOUR + int(2 * lasts_ns))
        (died,) = told
        assert abs(died[0] - HOUR - lasts_ns) <= 1
        # An empty one reads as empty, and is charged again by the rail.
        assert backup.test() < 1_500
        at(world, world.now, lambda: backup.rail(True))
        world.run_until(world.now + mf * 2 * S)
        assert told[-1][1] is True

    def test_it_is_charged_by_the_rail_at_its_current(self) -> None:
        part = SuperCapacitorPart(capacitance_mf=1_000, leak_na=0, charge_na=1_000_000)
        world = World(1)
        backup = SuperCapacitor(world, part)
        told = deaths(world, backup)
        at(world, 0, backup.replace)
        # 1 F at 1 mA: 1 mV a second.
        world.run_until(1_000 * S)
        assert backup.test() == 1_000
        assert not backup.alive
        world.run_until(5_000 * S)
        assert backup.test() == 3_300
        assert told[-1] == (1_500 * S + 1, True) or abs(told[-1][0] - 1_500 * S) <= MS

    def test_the_heat_doubles_its_leakage_each_ten_degrees(self) -> None:
        assert doubled(1_000, 30_000) == 2_000
        assert doubled(1_000, 10_000) == 500
        assert doubled(1_000, 25_000) == 1_500
        assert [doubled(1 << 20, mc) for mc in range(-60_000, 90_000, 10_000)] == [
            1 << (20 + octave) for octave in range(-8, 7)
        ]

    def test_a_useless_one_is_refused(self) -> None:
        with pytest.raises(ValueError, match="keeps nothing"):
            SuperCapacitor(World(1), SuperCapacitorPart(full_mv=1_000))


def test_the_life_of_a_cell_that_only_loses_of_itself() -> None:
    """1 % a year: a hundred years by its charge."""
    world = World(1)
    cell = Cell(world)
    world.run_until(YEAR)
    life = life_ns(cell.full, cell.use())
    assert life is not None
    assert life / YEAR == pytest.approx(100, rel=1e-3)
    assert life_ns(cell.full, Cell(World(1)).use()) is None


def test_the_life_of_a_cell_that_feeds_the_rtc_half_of_the_time() -> None:
    world = World(1)
    cell = Cell(world, CellPart(self_discharge_ppb=0, capacity_uah=1_000_000))
    at(world, YEAR // 2, lambda: cell.rail(False))
    world.run_until(YEAR)
    life = life_ns(cell.full, cell.use())
    assert life is not None
    # 1 Ah at a mean of 0.25 uA.
    assert life / HOUR == pytest.approx(4_000_000, rel=1e-6)
