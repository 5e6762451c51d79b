"""Trust in the clock: the table as a whole."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.trust import TRUST, ClockEvent, ClockStatus

ORDER = (ClockStatus.VALID, ClockStatus.ADJUSTED, ClockStatus.DOUBTFUL, ClockStatus.INVALID)


def test_the_table_is_whole() -> None:
    assert set(TRUST) == set(product(ClockStatus, ClockEvent))


@pytest.mark.parametrize("status", ClockStatus)
def test_a_set_clock_is_trusted(status: ClockStatus) -> None:
    assert TRUST[status, ClockEvent.SET] is ClockStatus.VALID


@given(st.lists(st.sampled_from([event for event in ClockEvent if event is not ClockEvent.SET])))
def test_nothing_but_a_set_brings_trust_back(events: list[ClockEvent]) -> None:
    """A time that was doubted once is doubted until it is set; one that never was, is none until then."""
    status = ClockStatus.VALID
    for event in events:
        after = TRUST[status, event]
        if status in (ClockStatus.DOUBTFUL, ClockStatus.INVALID):
            assert ORDER.index(after) >= ORDER.index(status)
        status = after
    bad = set(events) - {ClockEvent.SLEWED, ClockEvent.SETTLED}
    assert (status in (ClockStatus.DOUBTFUL, ClockStatus.INVALID)) == bool(bad)
    assert (status is ClockStatus.INVALID) == (ClockEvent.NEVER_SET in events)
