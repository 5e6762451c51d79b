"""Demand by example: what each rule of docs/demand.md comes to."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.trust import ClockStatus
from firmware.demand.config import Coincident, DemandConfig, MaximumDemand, Method
from firmware.demand.demand import Demand
from firmware.demand.integration import Integration
from firmware.demand.interval import Interval
from firmware.demand.period import AfterOutage, EndCause, IntegrationPeriod, OnRateChange
from firmware.demand.stamp import Stamp
from tests.clock.reference import BERLIN, SYDNEY, instants, zones

UTC = Zone(0)
VALID = ClockStatus.VALID
AT_S = 1_700_000_100
"""The begin of a quarter of an hour."""
SLIDING = DemandConfig(method=Method.SLIDING, subintervals=3)
THERMAL = DemandConfig(method=Method.THERMAL)
lengths = st.sampled_from([60 * minutes for minutes in (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)])


class Meter:
    """A demand and a clock. `run` lets so many Wh of A+ flow, evenly, whole nWh by second."""

    def __init__(self, config: DemandConfig, at_s: int = AT_S, rate: int = 1) -> None:
        self.config, self.at_s, self.rate = config, at_s, rate
        self.demand = Demand(config, UTC, at_s, rate)
        self.told: list[Interval] = []

    def run(self, until_s: int, wh_a_minute: int) -> list[Interval]:
        first = len(self.told)
        while self.at_s < until_s:
            step_s = min(until_s, self.demand.next_s) - self.at_s
            energy_nwh = wh_a_minute * 10**9 * step_s // 60
            self.demand.add([energy_nwh, 0, 2 * energy_nwh, *[0] * 5, -energy_nwh, 0, 0])
            self.at_s += step_s
            interval = self.demand.boundary(self.at_s, self.rate, VALID)
            self.told += [] if interval is None else [interval]
        return self.told[first:]

    def outage(self, up_s: int, outage_s: int | None = None, *, known: bool = True) -> Interval | None:
        state = self.demand.state(self.at_s)
        lasted_s = (up_s - self.at_s if outage_s is None else outage_s) if known else None
        self.demand, broken = Demand.resume(self.config, UTC, state, up_s, self.rate, ClockStatus.DOUBTFUL, lasted_s)
        self.at_s = up_s
        return broken


@given(lengths, zones().flatmap(lambda zone: st.tuples(st.just(zone), instants(zone))))
def test_ends_are_the_whole_periods_of_the_clock_on_the_wall(length_s: int, drawn: tuple[Zone, int]) -> None:
    zone, utc_s = drawn
    period = IntegrationPeriod(length_s, zone)
    end_s = period.next_end(utc_s)
    assert utc_s < end_s <= utc_s + length_s
    local = zone.local(end_s)
    assert (3_600 * local.hour + 60 * local.minute + local.second) % length_s == 0
    assert period.begins(end_s)
    assert period.begins(utc_s) == (utc_s == end_s - length_s)


@pytest.mark.parametrize("length_s", [0, -900, 30, 90, 420, 5_400])
def test_periods_that_do_not_divide_an_hour_are_refused(length_s: int) -> None:
    with pytest.raises(ValueError, match="integration period"):
        IntegrationPeriod(length_s, UTC)


@pytest.mark.parametrize("zone", [BERLIN, SYDNEY])
@pytest.mark.parametrize("spring", [True, False])
def test_days_of_23_and_25_hours_have_46_and_50_half_hours(zone: Zone, spring: bool) -> None:
    change_s = zone.next_change(zone.utc(2026, 1, 1))
    assert change_s is not None
    if zone.local(change_s).dst is not spring:
        change_s = zone.next_change(change_s)
        assert change_s is not None
    shown = zone.local(change_s)
    today = date(shown.year, shown.month, shown.day)
    demand = Demand(DemandConfig(period_s=1_800), zone, zone.utc(shown.year, shown.month, shown.day), 1)
    intervals = [demand.boundary(demand.next_s, 1, VALID) for _ in range(60)]
    told = [interval for interval in intervals if interval is not None]
    of_day = [i for i in told if (d := zone.local(i.end_s - 1)) and date(d.year, d.month, d.day) == today]
    assert (len(told), len(of_day)) == (60, 46 if spring else 50)
    assert not any(interval.short for interval in told)
    assert all(interval.stamp.offset_s == zone.offset(interval.start_s) for interval in told)


def test_sliding_demand_is_the_mean_of_the_last_subintervals() -> None:
    meter = Meter(SLIDING)
    told = [meter.run(meter.at_s + 300, wh)[0] for wh in (10, 20, 40, 10, 0)]
    # 10 Wh a minute are 600 W; until three are there the others are zero.
    assert [i.demands_mw[0] for i in told] == [200_000, 600_000, 1_400_000, 1_400_000, 1_000_000]
    assert [i.short for i in told] == [True, True, False, False, False]
    assert [(i.end_s - AT_S, i.length_s) for i in told] == [(300 * n, 300) for n in range(1, 6)]
    assert [rank.stamp.utc_s - AT_S for rank in meter.demand.registers.maxima[0].ranks] == [900, 1_200, 1_500, 600, 300]


def test_class_5_reads_current_and_last_average() -> None:
    meter = Meter(replace(SLIDING, averages=(0, 2)))
    nothing = meter.demand.averages()
    assert (nothing.current_mw, nothing.last_mw, nothing.captured) == ((0, 0), (0, 0), None)
    meter.run(AT_S + 900, 10)
    meter.run(AT_S + 900 + 60, 30)
    averages = meter.demand.averages()
    # Two old subintervals of 50 Wh and a minute of 30 Wh, over a quarter of an hour.
    assert (averages.quantities, averages.current_mw) == ((0, 2), (520_000, 1_040_000))
    assert (averages.last_mw, averages.captured) == ((600_000, 1_200_000), Stamp(AT_S + 900, 0, VALID))
    assert (averages.start_s, averages.start_offset_s) == (AT_S + 300, 0)
    assert (averages.period_s, averages.periods) == (300, 3)
    assert (averages.current_short, averages.last_short) == (False, False)
    block = Meter(DemandConfig(), AT_S + 100)
    block.run(AT_S + 160, 15)
    averages = block.demand.averages()
    assert (averages.current_mw, averages.start_s, averages.current_short) == ((60_000,), AT_S + 100, True)
    assert (averages.period_s, averages.periods) == (900, 1)


def test_coincident_demand_is_of_the_same_interval() -> None:
    config = DemandConfig(maxima=(MaximumDemand(0, 2), MaximumDemand(0)), coincidents=(Coincident(1, 8),))
    meter = Meter(config)
    for wh in (10, 30, 20):
        meter.run(meter.at_s + 900, wh)
    registers = meter.demand.end_billing()
    assert [register.highest_mw for register in registers.maxima] == [0, 1_800_000]
    assert registers.coincidents[0].demands_mw == (-1_800_000, -1_200_000, -600_000)
    assert registers.maxima[1].continuous_cumulative_mw == 1_800_000
    after = meter.demand.registers
    assert [register.highest_mw for register in after.maxima] == [0, 0]
    assert [register.cumulative_mw for register in after.maxima] == [0, 1_800_000]


@pytest.mark.parametrize(
    ("on", "rates", "demands_w"),
    [
        # The window counts in the rate of its oldest subinterval.
        (OnRateChange.WAIT, [1, 1, 1, 1, 1, 1, 2], [200, 400, 600, 600, 600, 600, 600]),
        (OnRateChange.END, [1, 1, 1, 1, 2, 2, 2, 2], [200, 400, 600, 480, 120, 320, 520, 600]),
    ],
)
def test_a_rate_change_inside_a_subinterval(on: OnRateChange, rates: list[int], demands_w: list[int]) -> None:
    meter = Meter(replace(SLIDING, on_rate_change=on))
    meter.run(AT_S + 900, 10)
    meter.run(AT_S + 900 + 120, 10)
    meter.rate = 2
    cut = meter.demand.boundary(meter.at_s, 2, VALID)
    assert (cut is not None) == (on is OnRateChange.END)
    if cut is not None:
        assert (cut.cause, cut.short, cut.rate) == (EndCause.RATE_CHANGE, True, 1)
        meter.told.append(cut)
    meter.run(AT_S + 2_100, 10)
    assert [interval.rate for interval in meter.told] == rates
    assert [interval.demands_mw[0] // 1_000 for interval in meter.told] == demands_w


def test_thermal_demand_decays_over_an_outage_of_known_length() -> None:
    known, unknown = Meter(THERMAL), Meter(THERMAL)
    for meter in (known, unknown):
        meter.run(AT_S + 3_600, 60)
    before_mw = known.told[-1].demands_mw[0]
    assert 3_590_000 < before_mw < 3_600_000
    known.outage(known.at_s + 900)
    unknown.outage(unknown.at_s + 900, known=False)
    # One period without energy leaves a tenth; nothing is taken to be left where nobody knows how long it was.
    # The fifteen minutes of the outage, and the running one.
    assert known.demand.averages().current_mw[0] == int(before_mw * 10 ** (-16 / 15))
    assert unknown.demand.averages().current_mw == (0,)


FORGIVING = DemandConfig(forgiveness_s=600, forgiveness_outage_s=60)


def test_demand_after_a_long_outage_is_forgiven() -> None:
    meter = Meter(FORGIVING)
    meter.run(AT_S + 300, 10)
    assert meter.outage(AT_S + 400) is None
    assert (meter.demand.waiting, meter.demand.next_s) == (True, AT_S + 900)
    assert [meter.demand.next_after(AT_S + at) for at in (400, 900, 999, 1_000)] == [
        AT_S + at for at in (900, 1_000, 1_000, 1_800)
    ]
    meter.run(AT_S + 3_600, 60)
    first, second, third = meter.told[:3]
    # 50 Wh from before the outage; then nothing for ten minutes, 100 s of which are the next period's.
    assert (first.demands_mw, first.short, first.idle) == ((200_000,), True, False)
    assert (second.demands_mw, second.short, second.idle) == ((3_200_000,), True, False)
    assert (third.demands_mw, third.short) == ((3_600_000,), False)


def test_demand_after_a_brief_outage_counts() -> None:
    meter = Meter(FORGIVING)
    meter.run(AT_S + 300, 10)
    meter.outage(AT_S + 360)
    assert not meter.demand.waiting
    meter.outage(AT_S + 361, known=False)
    assert meter.demand.waiting


def test_periods_wholly_forgiven_are_idle_and_no_maximum() -> None:
    meter = Meter(replace(FORGIVING, forgiveness_s=2_000))
    meter.run(AT_S + 900, 1)
    meter.outage(AT_S + 2_700)
    told = meter.run(AT_S + 5_400, 60)
    assert [interval.idle for interval in told] == [True, True, False]
    assert [interval.demands_mw[0] for interval in told] == [0, 0, 2_800_000]
    assert [rank.demand_mw for rank in meter.demand.registers.maxima[0].ranks] == [2_800_000, 60_000]


def test_forgiveness_outlives_another_outage_a_clock_set_and_programming() -> None:
    meter = Meter(FORGIVING)
    meter.outage(AT_S + 100)
    meter.outage(AT_S + 150)
    assert [meter.demand.next_after(AT_S + at) for at in (150, 699, 700)] == [AT_S + at for at in (700, 700, 900)]
    meter.run(AT_S + 200, 60)
    closed = meter.demand.clock_set(AT_S + 200, AT_S + 9_000, 1, VALID)
    assert (closed.idle, meter.demand.next_s) == (True, AT_S + 9_500)
    meter.demand.synchronise(AT_S + 9_100, 1, VALID)
    assert meter.demand.next_s == AT_S + 9_500
    meter.demand.programmed(replace(SLIDING, forgiveness_s=300), UTC, AT_S + 9_150, 1, VALID)
    assert (meter.demand.waiting, meter.demand.end_s) == (True, AT_S + 9_300)
    assert meter.demand.boundary(AT_S + 9_300, 1, VALID) is not None
    assert meter.demand.next_s == AT_S + 9_450


def test_a_meter_that_synchronises_waits_for_a_boundary_behind_its_forgiveness() -> None:
    meter = Meter(replace(FORGIVING, after_outage=AfterOutage.SYNCHRONISE))
    meter.outage(AT_S + 400)
    assert [interval.idle for interval in meter.run(AT_S + 2_700, 60)] == [True, True, False]
    meter.outage(AT_S + 2_800)
    meter.demand.clock_set(AT_S + 2_800, AT_S + 9_000, 1, VALID)
    assert (meter.demand.waiting, meter.demand.end_s) == (True, AT_S + 9_900)
    meter.at_s = AT_S + 9_000
    # 600 s of forgiveness end at 9,600, inside a period: demand counts from 9,900 on.
    assert [interval.idle for interval in meter.run(AT_S + 10_800, 60)] == [True, False]
    assert meter.told[-1].short is False


@pytest.mark.parametrize(
    ("after", "broken_end_s", "next_s", "waits"),
    [
        (AfterOutage.RESUME, None, 900, False),
        (AfterOutage.RESTART, 300, 900, False),
        (AfterOutage.SYNCHRONISE, 300, 900, True),
    ],
)
def test_an_outage_inside_a_period(after: AfterOutage, broken_end_s: int | None, next_s: int, waits: bool) -> None:
    meter = Meter(DemandConfig(after_outage=after))
    meter.run(AT_S + 300, 10)
    broken = meter.outage(AT_S + 400)
    assert (None if broken is None else broken.end_s - AT_S) == broken_end_s
    if broken is not None:
        assert (broken.cause, broken.short, broken.demands_mw) == (EndCause.POWER_FAILURE, True, (200_000,))
        assert broken.stamp.clock is ClockStatus.DOUBTFUL
        assert meter.demand.registers.maxima[0].highest_mw == 200_000
    assert (meter.demand.next_s - AT_S, meter.demand.waiting) == (next_s, waits)


def test_subintervals_lost_in_an_outage_are_zero() -> None:
    meter = Meter(SLIDING)
    meter.run(AT_S + 900, 10)
    meter.run(AT_S + 960, 10)
    broken = meter.outage(AT_S + 1_260)
    assert broken is not None
    assert (broken.end_s, broken.demands_mw, broken.short) == (AT_S + 1_200, (440_000,), True)
    # The window at 1,500 has 50 Wh from 600 on, 10 Wh from 900 on, and 40 Wh of the running one.
    assert [i.demands_mw[0] for i in meter.run(AT_S + 2_400, 10)] == [400_000, 400_000, 560_000, 600_000]
    one = Meter(SLIDING)
    one.run(AT_S + 960, 10)
    one.outage(AT_S + 1_500)
    assert one.run(AT_S + 1_800, 10)[0].demands_mw == (240_000,)
    over = Meter(SLIDING)
    over.run(AT_S + 900, 10)
    over.outage(AT_S + 1_500)
    assert [(i.demands_mw[0], i.rate) for i in over.run(AT_S + 1_800, 10)] == [(200_000, 1)]


def test_after_an_outage_of_unknown_length_only_the_running_subinterval_is_left() -> None:
    meter = Meter(SLIDING)
    meter.run(AT_S + 960, 10)
    assert meter.outage(AT_S + 1_020, known=False) is None
    assert meter.run(AT_S + 1_200, 10)[0].demands_mw == (160_000,)
    later = Meter(SLIDING)
    later.run(AT_S + 960, 10)
    assert later.outage(AT_S + 1_260, known=False) is not None
    assert later.run(AT_S + 1_500, 10)[0].demands_mw == (160_000,)


def test_a_forgiven_subinterval_gives_no_rate_to_the_window() -> None:
    meter = Meter(replace(SLIDING, forgiveness_s=300))
    meter.outage(AT_S + 300)
    meter.run(AT_S + 600, 10)
    assert meter.told[-1].idle
    meter.rate = 2
    assert meter.demand.next_after(AT_S + 300) == AT_S + 600
    meter.demand.boundary(AT_S + 600, 2, VALID)
    told = meter.run(AT_S + 900, 10)
    assert [(i.rate, i.demands_mw, i.short) for i in told] == [(2, (200_000,), True)]
    assert meter.demand.averages().start_s == AT_S + 600


def test_an_outage_over_the_end_closes_the_period_there() -> None:
    meter = Meter(DemandConfig())
    meter.run(AT_S + 300, 10)
    broken = meter.outage(AT_S + 5_000)
    assert broken is not None
    assert (broken.end_s, broken.short, broken.demands_mw) == (AT_S + 900, True, (200_000,))
    assert meter.demand.end_s == AT_S + 5_400
    assert meter.demand.averages().captured == broken.stamp


def test_another_configuration_closes_by_the_old_one() -> None:
    meter = Meter(DemandConfig())
    meter.run(AT_S + 300, 10)
    state = meter.demand.state(meter.at_s)
    half = DemandConfig(period_s=1_800, maxima=(MaximumDemand(2), MaximumDemand(0)))
    demand, broken = Demand.resume(half, UTC, state, AT_S + 400, 1, VALID, 100)
    assert broken is not None
    assert (broken.length_s, broken.end_s, broken.demands_mw) == (900, AT_S + 300, (200_000,))
    assert [register.highest_mw for register in demand.registers.maxima] == [0, 200_000]
    assert demand.averages().quantities == (0, 2)
    told = meter.demand.programmed(half, UTC, meter.at_s, 1, VALID)
    assert (told.cause, told.demands_mw) == (EndCause.PROGRAMMED, (200_000,))
    assert meter.demand.registers == demand.registers


def test_a_synchronisation_ends_the_period_and_empties_the_window() -> None:
    meter = Meter(SLIDING)
    meter.run(AT_S + 960, 10)
    cut = meter.demand.synchronise(meter.at_s, 1, VALID)
    assert (cut.cause, cut.end_s, cut.demands_mw) == (EndCause.CONTROL_INPUT, AT_S + 960, (440_000,))
    told = meter.run(AT_S + 1_500, 10)
    assert [(interval.demands_mw[0], interval.short) for interval in told] == [(160_000, True), (360_000, True)]


def test_a_clock_outside_the_interval_is_brought_to_its_nearest_second() -> None:
    for before_s, end_s in ((AT_S - 3, AT_S), (AT_S + 903, AT_S + 900)):
        closed = Demand(DemandConfig(), UTC, AT_S, 1).clock_set(before_s, AT_S + 9_000, 1, VALID)
        assert closed.end_s == end_s
    running = Integration(DemandConfig(), UTC, AT_S, 1)
    for utc_s in (AT_S - 1, AT_S + 901):
        with pytest.raises(ValueError, match="is not within the interval"):
            running.clock_set(utc_s, AT_S, 1, VALID)


def test_negative_energy_is_refused_but_of_a_sum() -> None:
    demand = Demand(DemandConfig(averages=(0, 2, 8)), UTC, AT_S, 1)
    demand.add([0, -5, 0, 0, 0, 0, 0, 0, -5, 0, 0])
    with pytest.raises(ValueError, match="energy -1 nWh of R1 is negative"):
        demand.add([0, 0, -1, *[0] * 8])


def test_demand_is_rounded_down() -> None:
    demand = Demand(DemandConfig(averages=(0, 8)), UTC, AT_S, 1)
    demand.add([249_999, *[0] * 7, -1, 0, 0])
    assert demand.averages().current_mw == (0, -1)
    demand.add([1, *[0] * 10])
    assert demand.averages().current_mw == (1, -1)
