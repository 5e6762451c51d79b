"""Configurations that can't be: each is refused with the path and the rule."""

from dataclasses import replace

import pytest

from firmware.demand.config import Coincident, DemandConfig, ExcessThreshold, MaximumDemand, Method

GOOD = DemandConfig(
    maxima=(MaximumDemand(0), MaximumDemand(0, 1)), coincidents=(Coincident(1, 4),), excesses=(ExcessThreshold(7, 1),)
)
SIXTEEN = tuple(MaximumDemand(quantity, rate) for quantity in range(4) for rate in range(4))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"period_s": 420}, r"demand\.period_s: 420 s is not of whole minutes that divide an hour"),
        ({"period_s": 0}, r"demand\.period_s: 0 s"),
        ({"period_s": 90}, r"demand\.period_s: 90 s"),
        ({"subintervals": 3}, r"demand\.subintervals: 3; only sliding"),
        ({"method": Method.THERMAL, "subintervals": 2}, r"demand\.subintervals: 2; only sliding"),
        ({"method": Method.SLIDING}, r"demand\.subintervals: 1 is not within 2 to 15"),
        ({"method": Method.SLIDING, "subintervals": 16, "period_s": 3_600}, r"demand\.subintervals: 16 is not within"),
        ({"method": Method.SLIDING, "subintervals": 4}, r"demand\.subintervals: 4 in 900 s are not of whole minutes"),
        (
            {"method": Method.SLIDING, "subintervals": 15, "averages": (0, 1, 4)},
            r"demand\.subintervals: 15 of 4 quantities: 14 x 4 values are more than 48",
        ),
        ({"maxima": (*SIXTEEN, MaximumDemand(5))}, r"demand\.maxima: 17 are more than 16"),
        ({"maxima": (*GOOD.maxima, MaximumDemand(11))}, r"demand\.maxima\[2\]\.quantity: 11 is not within 0 to 10"),
        ({"maxima": (*GOOD.maxima, MaximumDemand(0, 49))}, r"demand\.maxima\[2\]\.rate: 49 is not within 0 to 48"),
        ({"maxima": (*GOOD.maxima, MaximumDemand(0))}, r"demand\.maxima\[2\]: the same as demand\.maxima\[0\]"),
        ({"coincidents": (Coincident(2, 0),)}, r"demand\.coincidents\[0\]\.maximum: 2 is not within 0 to 1"),
        ({"coincidents": (Coincident(0, -1),)}, r"demand\.coincidents\[0\]\.quantity: -1 is not within"),
        ({"coincidents": tuple(Coincident(0, q) for q in range(6))}, r"demand\.coincidents: 6 are more than 5"),
        ({"excesses": (ExcessThreshold(12, 1),)}, r"demand\.excesses\[0\]\.quantity: 12 is not within"),
        ({"excesses": (ExcessThreshold(0, 0),)}, r"demand\.excesses\[0\]\.threshold_mw: 0 is not within 1 to"),
        ({"excesses": tuple(ExcessThreshold(0, 1 + n) for n in range(11))}, r"demand\.excesses: 11 are more than 10"),
        ({"averages": (0, 11)}, r"demand\.averages\[1\]: 11 is not within 0 to 10"),
        (
            {"averages": (), "maxima": (), "coincidents": (), "excesses": ()},
            r"demand\.averages: no quantity is asked for",
        ),
        ({"forgiveness_s": 15_301}, r"demand\.forgiveness_s: 15301 is not within 0 to 15300"),
        ({"forgiveness_outage_s": -1}, r"demand\.forgiveness_outage_s: -1 is not within"),
    ],
)
def test_what_breaks_a_rule_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(GOOD, **change)  # type: ignore[arg-type]  # each case has the type of its own field


def test_every_whole_minute_that_divides_the_hour_will_do() -> None:
    good = [minutes for minutes in range(1, 121) if _accepted(60 * minutes)]
    assert good == [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]


def _accepted(period_s: int) -> bool:
    try:
        DemandConfig(period_s=period_s)
    except ValueError:
        return False
    return True


def test_all_that_a_register_or_an_average_needs_is_integrated() -> None:
    assert replace(GOOD, averages=(10, 2)).quantities == (0, 2, 4, 7, 10)


def test_a_rate_that_the_calendar_does_not_have_is_refused() -> None:
    GOOD.require_rates(1)
    with pytest.raises(ValueError, match=r"demand\.maxima\[1\]\.rate: 1 is not within 0 to 0"):
        GOOD.require_rates(0)
