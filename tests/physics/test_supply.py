"""The meter's supply, against an integration in small steps that knows nothing of closed forms."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hal.units import MINUTE, MS, US, S
from sim.devices.draw import DRAW
from sim.devices.supply import MeterSupply, Rail, SupplyLines, hold_up_ns, worst_hold_up_ns
from sim.devices.supply_part import SUPPLY, SupplyPart
from sim.physics.capacitor import Capacitor, energy_fj
from sim.world import Phase, World

MOST_UW = 400_000
NOMINAL_UV = 230_000_000
SMALL = SupplyPart(capacity_uf=1_000)
"""Empty within a fraction of a second, so that much happens in little time."""

Steps = Sequence[tuple[int, int]]
"""Instants in ns with the value from there on."""


def value_at(steps: Steps, instant: int) -> int:
    return next((value for at, value in reversed(steps) if at <= instant), 0)


@dataclass
class Load:
    """A board that draws by a schedule of powers in uW, while it is powered."""

    world: World
    powers: Steps
    drawn: int = 0
    since: int = 0
    powered: bool = False

    def settle(self) -> int:
        now = self.world.now
        edges = [self.since, *(at for at, _ in self.powers if self.since < at < now), now]
        if self.powered:
            for begin, end in pairwise(edges):
                self.drawn += value_at(self.powers, begin) * (end - begin)
        self.since = now
        return self.drawn


@dataclass
class Bench:
    """A supply with such a board; `told` are the lines' changes with their instants."""

    part: SupplyPart = SMALL
    powers: Steps = ((0, 200_000),)
    told: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = World(1)
        self.load = Load(self.world, self.powers)
        lines = SupplyLines(
            lambda: self.turn("up", True),
            lambda: self.turn("down", False),
            lambda: self.told.append((self.world.now, "fail")),
            lambda: self.told.append((self.world.now, "good")),
        )
        self.supply = MeterSupply(self.world, self.part, lines, self.load.settle, MOST_UW)

    def turn(self, text: str, powered: bool) -> None:
        self.load.settle()
        self.load.powered = powered
        self.told.append((self.world.now, text))

    def feed(self, *steps: tuple[int, int]) -> None:
        for at, voltage_uv in steps:
            self.world.at(at, Phase.WORLD, lambda voltage_uv=voltage_uv: self.supply.feed(voltage_uv))

    def run(self, instant: int) -> list[tuple[int, str]]:
        self.world.run_until(instant)
        return self.told


def integrated(part: SupplyPart, powers: Steps, mains: Steps, end: int, step: int) -> tuple[list[tuple[int, str]], int]:
    """What the lines do, by steps, and how near anything came to happening otherwise (ns)."""
    joule = 0.0
    farad = part.present_capacity_uf / 1e6
    full, start, brown = (farad * (mv / 1e3) ** 2 / 2 for mv in (part.full_mv, part.start_mv, part.brown_out_mv))
    fed = good = powered = told_fail = False
    for_ns, nearest, told = 0, end, []
    for now in range(0, end, step):
        volt = value_at(mains, now) / 1e6
        before, fed = fed, volt >= (part.drop_out_mv if fed else part.pick_up_mv) / 1e3
        if fed != before:
            threshold = part.detection_ns if before else part.qualify_ns
            nearest = min(nearest, abs(for_ns - threshold), abs(joule - (brown if powered else start)) / 1e-9 // 4)
            for_ns = 0
        if good != fed and for_ns >= (part.qualify_ns if fed else part.detection_ns):
            good = fed
            if powered and good and told_fail:
                told.append((now, "good"))
                told_fail = False
            elif powered and not good:
                told.append((now, "fail"))
                told_fail = True
        if powered and not fed and joule <= brown:
            powered = told_fail = False
            told.append((now, "down"))
        if not powered and fed and good and joule >= start:
            powered = True
            told.append((now, "up"))
        out = value_at(powers, now) if powered else part.off_uw
        joule += ((part.charge_uw if fed else 0) - out) * step * 1e-15
        joule = min(max(joule, 0.0), full)
        for_ns += step
    return told, nearest


gaps = st.one_of(st.integers(1, 60), st.integers(60, 500)).map(lambda ms: ms * MS + 137 * US)
voltages = st.sampled_from([0, 30_000_000, 39_999_999, 43_000_000, 46_000_000, 115_000_000, NOMINAL_UV])


@st.composite
def courses(draw: st.DrawFn) -> list[tuple[int, int]]:
    at, course = 0, [(0, NOMINAL_UV)]
    for gap, voltage in draw(st.lists(st.tuples(gaps, voltages), max_size=12)):
        at += gap
        course.append((at, voltage))
    return course


draws = st.lists(st.tuples(st.integers(1, 400), st.integers(20_000, MOST_UW)), min_size=1, max_size=8)


@settings(max_examples=60)
@given(courses(), draws, st.sampled_from([640, 1_000, 1_200]))
def test_it_does_what_integration_in_small_steps_says(
    mains: list[tuple[int, int]], changes: list[tuple[int, int]], permille: int
) -> None:
    part = SupplyPart(capacity_uf=1_000, capacity_permille=permille)
    at, powers = 0, [(0, 200_000)]
    for gap_ms, power in changes:
        at += gap_ms * MS
        powers.append((at, power))
    end, step = mains[-1][0] + S, 40 * US
    expected, nearest = integrated(part, powers, mains, end, step)
    assume(nearest > MS)
    bench = Bench(part, powers)
    bench.feed(*mains)
    told = bench.run(end - 2 * MS)
    expected = [entry for entry in expected if entry[0] <= end - 2 * MS - step]
    assert [text for _, text in told[: len(expected)]] == [text for _, text in expected]
    assert len(told) - len(expected) <= 1
    for (at_ns, _), (expected_ns, text) in zip(told, expected, strict=False):
        assert abs(at_ns - expected_ns) < MS, text


def test_a_brown_out_comes_when_the_energy_is_gone_and_not_before() -> None:
    """At a tenth of the largest draw, to the microsecond; in a few steps."""
    bench = Bench(powers=[(0, 40_000)])
    bench.feed((0, NOMINAL_UV), (S, 0))
    bench.run(S)
    scheduled = bench.world.outstanding
    told = bench.run(10 * S)
    usable = energy_fj(1_000, 12_000) - energy_fj(1_000, 5_000)
    down = next(at for at, text in told if text == "down")
    assert abs(down - (S + usable // 40_000)) <= 10 * US
    assert scheduled <= 2


def test_what_the_board_does_while_it_is_held_up_shortens_the_hold_up() -> None:
    def down(powers: Steps) -> int:
        bench = Bench(powers=powers)
        bench.feed((0, NOMINAL_UV), (S, 0))
        return next(at for at, text in bench.run(5 * S) if text == "down")

    calm, busy = down([(0, 100_000)]), down([(0, 100_000), (S + 100 * MS, 400_000), (S + 150 * MS, 100_000)])
    # 50 ms at 300 mW more are 150 ms at 100 mW.
    assert abs(calm - busy - 150 * MS) <= 10 * US


@pytest.mark.parametrize("voltage_uv", [115_000_000, 46_000_000, 40_000_000])
def test_a_dip_above_the_drop_out_does_nothing(voltage_uv: int) -> None:
    """IEC 62052-11, voltage dips: 50 %, one minute."""
    bench = Bench()
    bench.feed((0, NOMINAL_UV), (S, voltage_uv), (S + MINUTE, NOMINAL_UV))
    assert [text for _, text in bench.run(2 * MINUTE)] == ["up"]


def test_interruptions_of_a_cycle_and_of_a_second() -> None:
    """IEC 62052-11, short interruptions (from memory): 100 %, one cycle once; one second three times, 50 ms between.

    The hold-up spans them all: a second takes 0.24 J of 0.6 J, and 50 ms at 4.5 W give most of that back.
    """
    bench = Bench(SUPPLY, powers=[(0, DRAW.always_uw)])
    second = [(10 * S + n * 1_050 * MS + part * S, NOMINAL_UV if part else 0) for n in range(3) for part in (0, 1)]
    bench.feed((0, NOMINAL_UV), (5 * S, 0), (5 * S + 19 * MS, NOMINAL_UV), *second)
    texts = [text for _, text in bench.run(20 * S)]
    assert texts == ["up", "fail", "good", "fail", "good", "fail", "good"]


def test_between_the_thresholds_nothing_changes() -> None:
    bench = Bench(powers=[(0, 1_000)])
    bench.feed((0, 45_999_999), (S, 46_000_000), (2 * S, 40_000_000), (3 * S, 39_999_999), (4 * S, 45_999_999))
    bench.feed((5 * S, 46_000_000))
    up, *rest = bench.run(6 * S)
    assert up[1] == "up"
    assert S < up[0] < 2 * S
    assert rest == [(3 * S + SMALL.detection_ns, "fail"), (5 * S + SMALL.qualify_ns, "good")]


def test_the_comparator_takes_its_time_both_ways() -> None:
    bench = Bench(SUPPLY)
    steps = [(S, 0), (S + 19 * MS, NOMINAL_UV), (2 * S, 0), (2 * S + 30 * MS, NOMINAL_UV), (2 * S + 49 * MS, 0)]
    bench.feed((0, NOMINAL_UV), *steps, (2 * S + 60 * MS, NOMINAL_UV))
    told = bench.run(3 * S)[1:]
    assert told == [(2 * S + 20 * MS, "fail"), (2 * S + 80 * MS, "good")]
    assert bench.supply.mains_good()


def test_it_starts_with_power_good_only() -> None:
    """Mains that come for 19 ms at a time charge the capacitor, and start nothing."""
    bench = Bench()
    bench.feed(*((n * 25 * MS + part * 19 * MS, 0 if part else NOMINAL_UV) for n in range(20) for part in (0, 1)))
    assert not bench.run(S)
    assert bench.supply.hold_up_mv() > SMALL.start_mv
    bench.feed((2 * S, NOMINAL_UV))
    assert bench.run(3 * S) == [(2 * S + SMALL.qualify_ns, "up")]


def test_four_hundred_milliseconds_of_supply_between_two_outages() -> None:
    bench = Bench(SUPPLY, powers=[(0, DRAW.always_uw)])
    bench.feed((0, NOMINAL_UV), (5 * S, 0), (15 * S, NOMINAL_UV), (15 * S + 400 * MS, 0))
    told = bench.run(30 * S)
    assert [text for _, text in told] == ["up", "fail", "down", "up", "fail", "down"]
    (_, up), (_, fail), (_, down) = ((text, at) for at, text in told[3:])
    # From the brown-out's 5 V up to 10 V takes some 84 ms; then it fills on, and gives that back.
    assert 15 * S + 80 * MS < up < 15 * S + 90 * MS
    assert fail == 15 * S + 420 * MS
    assert down - fail > S


def test_cuts_faster_than_the_capacitor_recharges_wear_it_down() -> None:
    """Each second 20 ms of mains give 90 mJ less than the board draws: the hold-up shrinks, and ends."""
    bench = Bench(SUPPLY, powers=[(0, DRAW.always_uw)])
    bench.feed((0, NOMINAL_UV))
    cuts = ((5 * S + n * S + part * 20 * MS, 0 if part else NOMINAL_UV) for n in range(20) for part in (0, 1))
    bench.feed(*cuts)
    told = bench.run(24 * S)
    # 0.595 J above the brown-out, 0.15 J less each second.
    assert [text for _, text in told] == ["up", "fail", "down"]
    assert 8 * S < told[2][0] < 10 * S


def test_a_cut_takes_all_at_once_and_the_next_start_is_from_nothing() -> None:
    bench = Bench(SUPPLY)
    bench.feed((0, NOMINAL_UV))
    bench.run(S)
    bench.world.at(S, Phase.WORLD, bench.supply.cut)
    bench.feed((S, 0), (2 * S, NOMINAL_UV))
    told = bench.run(3 * S)
    assert told[1] == (S, "down")
    assert told[2][1] == "up"
    assert told[2][0] - 2 * S == told[0][0]


@given(st.integers(100, 2_000), st.integers(0, 400), st.integers(0, 400), st.integers(10_000, MOST_UW))
def test_the_worst_hold_up_is_that_of_a_run_with_the_worst_capacitor(
    capacity_uf: int, tolerance: int, age: int, draw_uw: int
) -> None:
    part = SupplyPart(capacity_uf=capacity_uf, tolerance_permille=tolerance, age_permille=age)
    worst_uf = capacity_uf * (1 - tolerance / 1000) * (1 - age / 1000)
    expected_s = worst_uf * 1e-6 * (12**2 - 5**2) / 2 / (draw_uw * 1e-6) - 0.02
    assert worst_hold_up_ns(part, draw_uw) / S == pytest.approx(expected_s, abs=0.03 * (expected_s + 0.02) + 1e-6)
    assert worst_hold_up_ns(part, draw_uw) <= hold_up_ns(part, capacity_uf, draw_uw)


def test_the_worst_hold_up_of_the_meters_own_supply_is_what_it_does() -> None:
    part = SupplyPart(capacity_permille=SUPPLY.worst_capacity_uf * 1_000 // SUPPLY.capacity_uf)
    bench = Bench(part, powers=[(0, DRAW.most_uw)])
    bench.feed((0, NOMINAL_UV), (5 * S, 0))
    _, (fail, _), (down, _) = bench.run(20 * S)
    assert abs(down - fail - worst_hold_up_ns(SUPPLY, DRAW.most_uw)) < MS


def test_bad_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="must start above its brown-out"):
        SupplyPart(start_mv=4_000)
    with pytest.raises(ValueError, match="drops out at 50000 mV"):
        SupplyPart(drop_out_mv=50_000)
    with pytest.raises(ValueError, match="can't feed a board"):
        MeterSupply(World(1), SUPPLY, SupplyLines(*[lambda: None] * 4), lambda: 0, SUPPLY.charge_uw)
    with pytest.raises(ValueError, match="holds nothing"):
        Capacitor(0, 1)


def test_the_rail_is_dead_until_it_starts() -> None:
    bench = Bench()
    assert bench.supply.rail is Rail.DEAD
    bench.feed((0, NOMINAL_UV), (S, 0))
    bench.run(S)
    assert bench.supply.rail is Rail.FED
    bench.run(S + SMALL.detection_ns)
    assert bench.supply.rail is Rail.HELD
