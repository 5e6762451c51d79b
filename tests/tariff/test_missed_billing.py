"""Ends of billing that fall into an outage: whichever of them were made before, one is made for those that were not."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.tariff.billing import BillingSource
from firmware.tariff.tariff import Tariff
from tests.tariff.test_tariff import ZONE, rules, sets

MONTHS = [ZONE.utc(2026, month, 1) for month in range(2, 6)]
JANUARY = ZONE.utc(2026, 1, 15)


@given(st.integers(0, 4), st.integers(0, 4), st.integers(1, 27 * 86_400))
def test_a_clock_that_was_ahead_takes_no_end_of_billing_from_an_outage(ahead: int, lasts: int, into: int) -> None:
    """The clock was set forward over some months, and back to January; then the supply fails for some months."""
    tariff = Tariff(rules(), JANUARY)
    made = sets(tariff.clock_set(JANUARY, (JANUARY, *MONTHS)[ahead] + 60))
    assert [one.scheduled_s for one in made] == MONTHS[:ahead][-1:]
    assert tariff.clock_set((JANUARY, *MONTHS)[ahead] + 120, JANUARY) is not None
    up_s = (JANUARY, *MONTHS)[lasts] + into if lasts else JANUARY + into // 2
    caught_up = sets(tariff.catch_up(JANUARY, up_s))
    owed = [at_s for at_s in MONTHS[:lasts] if at_s not in [one.scheduled_s for one in made]]
    assert [one.scheduled_s for one in caught_up] == owed[-1:]
    assert {one.source for one in caught_up} <= {BillingSource.POWER_UP}
    # Nor does another outage bring one of them again.
    assert sets(tariff.catch_up(up_s, up_s + 3_600)) == []


@given(st.integers(0, 4))
def test_a_clock_that_had_no_time_makes_up_for_nothing_when_it_is_set(months: int) -> None:
    tariff = Tariff(rules(), JANUARY)
    after_s = (JANUARY, *MONTHS)[months] + 60
    assert sets(tariff.clock_set(JANUARY, after_s, known=False)) == []
    assert tariff.next_boundary(MONTHS[3] - 1) == MONTHS[3]
    assert len(sets(tariff.boundary(ZONE.utc(2026, 6, 1)))) == 1
