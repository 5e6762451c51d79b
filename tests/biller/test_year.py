"""The shipped year of bills: seasons, special days, both changes of the clocks, outages, ends of billing.

Its registers, intervals, maxima and sets are held against the reference biller; rates sum to the total, and profile
and carry to the advance, to the nano-watt-hour, in every save (`comparison`). Each commit plays the days on which
something happens; `make soak` plays the year.
"""

import os
from importlib.resources import files

import pytest

from sim.scenario.loader import load
from sim.scenario.result import Verdict
from tests.acceptance.playing import troubles
from tests.biller.comparison import disagreements
from tests.biller.witness import Witness, witness

TEXT = (files("sim") / "scenarios" / "billing-year.toml").read_text(encoding="utf-8")
START, DURATION, OUTAGE = "start = 2026-01-01T00:00:00+01:00", 'duration = "365d 1h"', 'at = "4d 3h 10min"'
SOAKING = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
HALF_HOUR_S = 1_800


def part(start: str, days: int) -> str:
    """The same contract and household in some of its days, with one outage."""
    text = TEXT.partition("[[reading]]")[0]
    for old, new in (
        (START, f"start = {start}"),
        (DURATION, f'duration = "{days}d 1h"'),
        (OUTAGE, 'at = "1d 3h 10min"'),
        ("count = 52", "count = 1"),
    ):
        assert old in text
        text = text.replace(old, new)
    return text


def half_hours(told: Witness, day: str) -> int:
    """Intervals of a local day, those that are missing included."""
    place = told.agreed.place
    count = 0
    for one in told.intervals:
        for end_s in range(one.utc_s, one.utc_s - HALF_HOUR_S * (one.missed + 1), -HALF_HOUR_S):
            count += f"{place.wall(end_s - 1):%Y-%m-%d}" == day
    return count


def agrees(told: Witness) -> None:
    assert told.result.verdict is Verdict.HELD, troubles(told.result)
    assert disagreements(told) == []


@pytest.mark.parametrize(
    ("start", "days", "counts"),
    [
        ("2026-02-27T00:00:00+01:00", 3, {"2026-02-28": 48}),
        ("2026-03-27T00:00:00+01:00", 6, {"2026-03-28": 48, "2026-03-29": 46, "2026-03-30": 48}),
        ("2026-05-13T00:00:00+02:00", 3, {"2026-05-14": 48}),
        ("2026-09-13T00:00:00+02:00", 3, {"2026-09-14": 48}),
        ("2026-10-23T00:00:00+02:00", 4, {"2026-10-24": 48, "2026-10-25": 50}),
        ("2026-12-24T00:00:00+01:00", 3, {"2026-12-25": 48}),
    ],
    ids=["spring", "clocks-forward", "summer", "autumn", "clocks-back", "holidays"],
)
def test_the_days_on_which_something_changes(start: str, days: int, counts: dict[str, int]) -> None:
    told = witness(part(start, days))
    agrees(told)
    found = {day: half_hours(told, day) for day in counts}
    print(f"half-hours: {found}")
    assert found == counts


@pytest.mark.skipif(not SOAKING, reason="a minute; make soak plays it")
def test_the_whole_year() -> None:
    told = witness(TEXT, load("billing-year"))
    agrees(told)
    save = told.saves[-1][1]
    short, long = half_hours(told, "2026-03-29"), half_hours(told, "2026-10-25")
    print(
        f"{len(told.intervals)} intervals, {len(told.sets)} billing sets, {len(told.truth.lives) - 1} outages, "
        f"{len(told.saves)} saves; days of {short} and {long} half-hours; "
        f"A+ {save.totals[0]} nWh = rates {[rate[0] for rate in save.rates]}; "
        f"profile {sum(one.values[0] for one in told.intervals)} Wh and {save.unreported[0]} nWh"
    )
    assert (short, long, len(told.sets), len(told.truth.lives)) == (46, 50, 12, 53)
    assert save.totals[0] == sum(rate[0] for rate in save.rates)
    assert save.totals[0] == sum(one.values[0] for one in told.intervals) * 10**9 + save.unreported[0]
