"""A clock on a wall that somebody sets by hand twice a year: slow, and shares no code with the firmware's."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from hypothesis import strategies as st

from firmware.clock.civil import LocalTime, Zone
from firmware.clock.dst import ChangeRule, DstRule
from sim.oracles.clerk import EPOCH, change_wall


def quiet_month(rule: DstRule) -> tuple[int, bool]:
    """A month that begins without a change near, and whether daylight saving holds then."""
    busy = {rule.start.month, rule.end.month}
    busy |= {month % 12 + 1 for month in busy}
    month = next(month for month in range(1, 13) if month not in busy)
    back = month
    while back not in (rule.start.month, rule.end.month):
        back = (back - 2) % 12 + 1
    return month, back == rule.start.month


def wall_clock(zone: Zone, year: int, step_s: int, ticks: int) -> Iterator[tuple[int, datetime, bool]]:
    """UTC in s, what the clock shows, and whether it shows summer time; `step_s` must divide the times of change."""
    rule = zone.dst
    month, dst = (1, False) if rule is None else quiet_month(rule)
    wall = datetime(year, month, 1)
    shift = timedelta(seconds=rule.shift_s if rule else 0)
    utc_s = int((wall - EPOCH).total_seconds()) - zone.standard_offset_s - (int(shift.total_seconds()) if dst else 0)
    starts = {change_wall(rule.start, y) for y in range(year - 1, year + 3)} if rule else set()
    ends = {change_wall(rule.end, y) for y in range(year - 1, year + 3)} if rule else set()
    for _ in range(ticks):
        if not dst and wall in starts:
            wall, dst = wall + shift, True
        elif dst and wall in ends:
            wall, dst = wall - shift, False
        yield utc_s, wall, dst
        wall += timedelta(seconds=step_s)
        utc_s += step_s


def shown(local: LocalTime) -> datetime:
    return datetime(local.year, local.month, local.day, local.hour, local.minute, local.second)


EUROPE = DstRule(ChangeRule.parse("last Sunday March 02:00"), ChangeRule.parse("last Sunday October 03:00"))
AMERICA = DstRule(ChangeRule.parse("2nd Sunday March 02:00"), ChangeRule.parse("first Sunday November 02:00"))
AUSTRALIA = DstRule(ChangeRule.parse("first Sunday October 02:00"), ChangeRule.parse("first Sunday April 03:00"))

BERLIN = Zone(3_600, EUROPE)
NEW_YORK = Zone(-5 * 3_600, AMERICA)
SYDNEY = Zone(10 * 3_600, AUSTRALIA)


def change_rules(month: int, minute_step: int) -> st.SearchStrategy[ChangeRule]:
    return st.builds(
        ChangeRule,
        week=st.integers(1, 5),
        weekday=st.integers(0, 6),
        month=st.just(month),
        minute=st.integers(0, 1440 // minute_step).map(lambda steps: minute_step * steps),
    )


@st.composite
def zones(draw: st.DrawFn, minute_step: int = 1) -> Zone:
    """Any zone, three in four with daylight saving, north and south of the equator."""
    offset_s = 60 * draw(st.integers(-12 * 60, 14 * 60))
    if draw(st.integers(0, 3)) == 0:
        return Zone(offset_s)
    start_month = draw(st.integers(1, 12))
    end_month = (start_month - 1 + draw(st.integers(2, 10))) % 12 + 1
    start = draw(change_rules(start_month, minute_step))
    end = draw(change_rules(end_month, minute_step))
    return Zone(offset_s, DstRule(start, end, draw(st.sampled_from((3_600, 7_200)))))


@st.composite
def instants(draw: st.DrawFn, zone: Zone) -> int:
    """UTC seconds of 2000 to 2098; half of them within three hours of a change of the clock."""
    utc_s = draw(st.integers(946_684_800, 4_070_908_799))
    change_s = zone.next_change(utc_s)
    if change_s is not None and draw(st.booleans()):
        return change_s + draw(st.integers(-10_800, 10_800))
    return utc_s
