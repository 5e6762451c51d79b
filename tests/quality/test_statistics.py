"""10-minute values, 10-second frequencies and the week: against plain sums over what was read."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.metrology.nameplate import AccuracyClass, Connection, Nameplate
from firmware.quality.allowance import Allowance
from firmware.quality.config import QualityConfig, WeekLimits
from firmware.quality.interval import LENGTH_S, Reading, TenMinutes
from firmware.quality.layout import WEEK_BYTES, build_week, parse_week
from firmware.quality.statistics import Statistics
from firmware.quality.week import INTERVALS, WEEK_S, Week, WeekState, week_of
from hal.frontend import SquareSums, Wiring
from hal.units import S

NOMINAL_UV = 230_000_000
PLATE = Nameplate(
    Wiring.THREE_PHASE_FOUR_WIRE,
    Connection.DIRECT,
    NOMINAL_UV,
    5 * 10**9,
    10**11,
    50_000_000,
    AccuracyClass.CLASS_1,
    1_000,
)
MONDAY_S = 1_781_481_600
"""2026-06-15, 00:00 UTC."""


class Feeder:
    """Mains with a voltage in volts and a frequency in mHz for each 10 s, read as the task does."""

    def __init__(self, begin_s):
        self.statistics = Statistics(WeekLimits(), PLATE)
        self.utc_s, self.now_ns, self.cycles = begin_s, 7 * S, 0
        self.squares, self.elapsed = 0, 0
        self.ended = []
        self.read(None)

    def read(self, thd_ppm, unbalance_ppm=0):
        sums = SquareSums((self.squares,) * 3, self.elapsed)
        self.statistics.read(self.utc_s, self.now_ns, Reading(sums, (thd_ppm,) * 3, unbalance_ppm), self.cycles >> 16)
        last = self.statistics.last
        if last is not None and (not self.ended or self.ended[-1] is not last):
            self.ended.append(last)

    def ten_seconds(self, volts, millihertz=50_000, thd_ppm=10_000, flagged=False):
        self.utc_s += 10
        self.now_ns += 10 * S
        self.squares += (volts * 10**6) ** 2 * 10 * S
        self.elapsed += 10 * S
        self.cycles += millihertz * 10 * 65_536 * 65_536 // 1_000
        if flagged:
            self.statistics.flag()
        self.read(thd_ppm)


@settings(max_examples=15)
@given(
    st.integers(0, 59),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 200_000)), min_size=130, max_size=200),
    st.sets(st.integers(0, 199), max_size=3),
)
def test_ten_minutes_are_the_root_of_the_mean_of_squares(offset, steps, flagged):
    feeder = Feeder(MONDAY_S + 10 * offset)
    for number, (volts, thd_ppm) in enumerate(steps):
        feeder.ten_seconds(volts, thd_ppm=thd_ppm, flagged=number in flagged)
    at = [(MONDAY_S + 10 * (offset + number + 1), number) for number in range(len(steps))]
    for value in feeder.ended:
        inside = [n for end_s, n in at if value.end_utc_s - LENGTH_S < end_s <= value.end_utc_s]
        assert value.covered_ns == len(inside) * 10 * S
        assert value.whole == (len(inside) == 60)
        for found, place in ((value.voltages_uv[1] / 1e6, 0), (value.thd_ppm[2], 1)):
            square = sum(steps[n][place] ** 2 for n in inside) / len(inside)
            assert found == pytest.approx(math.sqrt(square), abs=1.01 if place else 1e-5)
        assert value.flagged == any(n in flagged for n in inside)
        assert value.end_utc_s % LENGTH_S == 0
    whole = [value for value in feeder.ended if value.whole]
    week = feeder.statistics.week.verdict
    assert week.voltage[0].judged == sum(not value.flagged for value in whole)
    assert week.voltage[0].kept == sum(
        not value.flagged and 207_000_000 <= value.voltages_uv[0] <= 253_000_000 for value in whole
    )
    assert week.flagged == sum(value.flagged for value in whole)
    assert week.frequency.judged == len(steps) - len(flagged & set(range(len(steps))))


def values(end_s, volts=230, thd_ppm=10_000, unbalance_ppm=1_000, flagged=False, covered_ns=600 * S):
    return TenMinutes(end_s, covered_ns, (volts * 10**6,) * 3, (thd_ppm,) * 3, unbalance_ppm, flagged)


def a_week(bad, state=None, **wrong):
    """A whole week with so many bad intervals."""
    week = Week(WeekLimits(), PLATE.wiring, NOMINAL_UV, 50_000_000, state)
    for number in range(INTERVALS):
        week.interval(values(MONDAY_S + (number + 1) * LENGTH_S, **(wrong if number < bad else {})))
    return week


@pytest.mark.parametrize(
    ("wrong", "criterion"),
    [
        ({"volts": 254}, "voltage"),
        ({"volts": 206}, "voltage"),
        ({"thd_ppm": 80_001}, "thd"),
        ({"unbalance_ppm": 20_001}, "unbalance"),
    ],
)
def test_a_twentieth_of_a_week_may_be_wrong_and_no_more(wrong, criterion):
    for bad, held in ((50, True), (51, False)):
        verdict = a_week(bad, **wrong).verdict
        found = getattr(verdict, criterion)
        for one in found if isinstance(found, tuple) else (found,):
            assert (one.judged, one.kept, one.held) == (INTERVALS, INTERVALS - bad, held)


def test_a_voltage_must_never_stray_too_far():
    assert a_week(1, volts=196).verdict.held is True
    for volts in (195, 254):
        verdict = a_week(1, volts=volts).verdict
        assert verdict.voltage[0].held is True
        assert verdict.voltage_always[0].held is False
        assert verdict.held is False


def test_what_is_flagged_or_not_whole_is_not_judged():
    verdict = a_week(600, volts=0, flagged=True).verdict
    assert verdict.held is True
    assert (verdict.flagged, verdict.missing, verdict.voltage[0].judged) == (600, 0, INTERVALS - 600)
    verdict = a_week(600, volts=0, covered_ns=594 * S).verdict
    assert (verdict.flagged, verdict.missing) == (0, 600)
    nothing = a_week(INTERVALS, volts=0, flagged=True).verdict
    assert nothing.held is None


@pytest.mark.parametrize(
    ("millihertz", "within", "always"), [(50_500, 1, 1), (50_501, 0, 1), (52_001, 0, 0), (46_999, 0, 0)]
)
def test_frequencies(millihertz, within, always):
    feeder = Feeder(MONDAY_S)
    feeder.ten_seconds(230, millihertz)
    verdict = feeder.statistics.week.verdict
    assert (verdict.frequency.judged, verdict.frequency.kept, verdict.frequency_always.kept) == (1, within, always)


def test_a_frequency_over_a_clock_that_was_set_is_none():
    feeder = Feeder(MONDAY_S)
    for jump_s in (3_600, -3_600, 10):
        feeder.utc_s += jump_s
        feeder.ten_seconds(230)
    assert feeder.statistics.week.verdict.frequency.judged == 0
    feeder.ten_seconds(230)
    assert feeder.statistics.week.verdict.frequency.judged == 1
    assert not any(value.whole for value in feeder.ended)


def test_on_monday_the_last_week_is_judged():
    week = a_week(0)
    assert week.last is None
    week.interval(values(MONDAY_S + WEEK_S + LENGTH_S))
    assert week.last.begin_utc_s == MONDAY_S
    assert week.last.voltage[2].judged == INTERVALS
    assert week.verdict.begin_utc_s == MONDAY_S + WEEK_S
    assert week.verdict.voltage[2].judged == 1
    assert week_of(MONDAY_S) == week_of(MONDAY_S + WEEK_S - 1) == week_of(MONDAY_S + WEEK_S) - 1


def test_a_saved_week_goes_on_after_an_outage():
    one = Week(WeekLimits(), PLATE.wiring, NOMINAL_UV, 50_000_000)
    for number in range(100):
        one.interval(values(MONDAY_S + (number + 1) * LENGTH_S))
    saved = build_week(one.state)
    assert len(saved) == WEEK_BYTES
    other = Week(WeekLimits(), PLATE.wiring, NOMINAL_UV, 50_000_000, parse_week(saved))
    for number in range(200, 210):
        other.interval(values(MONDAY_S + (number + 1) * LENGTH_S))
    assert other.verdict.voltage[0].judged == 110
    assert other.verdict.missing == INTERVALS - 110
    with pytest.raises(ValueError, match=f"{WEEK_BYTES} bytes"):
        parse_week(saved[1:])
    with pytest.raises(ValueError, match="counters"):
        WeekState(1, (0,))


@settings(max_examples=50)
@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 5), st.integers(1, 60))
def test_an_allowance_is_kept_in_any_stretch(steps, most, within):
    allowance, now, taken = Allowance(most, within), 0, []
    for step in steps:
        now += step
        could = sum(now - at < within for at in taken) < most
        assert allowance.free(now) == could
        assert allowance.take(now) == could
        if could:
            taken.append(now)
    assert allowance.refused == len(steps) - len(taken)


@pytest.mark.parametrize(
    ("given_", "path"),
    [
        ({"hysteresis_permille": -1}, "quality.hysteresis_permille"),
        ({"interruption_permille": 900}, "quality.interruption_permille"),
        ({"swell_permille": 940}, "quality.swell_permille"),
    ],
)
def test_configurations_that_can_not_be(given_, path):
    with pytest.raises(ValueError, match=f"^{path}: "):
        QualityConfig(**given_)


def test_limits_of_a_week_that_can_not_be():
    with pytest.raises(ValueError, match=r"^quality\.week\.thd_ppm: "):
        WeekLimits(thd_ppm=-1)
    with pytest.raises(ValueError, match=r"^quality\.week\.voltage_share_permille: "):
        WeekLimits(voltage_share_permille=1_001)
