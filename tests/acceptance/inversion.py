"""The opposite of an expectation: tables that must break wherever the expectation holds."""

from collections.abc import Iterator
from typing import Any, Final

from sim.scenario.expect_tables import (
    BillingExpectation,
    ClockErrorExpectation,
    EnergyErrorExpectation,
    EventExpectation,
    ExpectTable,
    FramesRefusedExpectation,
    HistoryExpectation,
    IntervalExpectation,
    OutcomeExpectation,
    ProfileCountExpectation,
    PulsesExpectation,
    RateExpectation,
    ReadingExpectation,
    RegisterExpectation,
)

_FAR: Final = 10**18
"""Beyond any energy, time or number that a run shows."""

_RATES_MOST: Final = 8

Change = dict[str, Any]


def inverses(expectation: ExpectTable) -> list[ExpectTable]:
    """At least one; each differs from the expectation in one thing, and none is held to the schema's rules."""
    changed = [
        expectation.model_copy(update={**change, "id": f"{expectation.id}-{place}"})
        for place, change in enumerate(_changes(expectation))
    ]
    if isinstance(expectation, IntervalExpectation) and expectation.status:
        changed.append(_flagged_by_none(expectation))
    assert changed, f"{expectation} has no inverse"
    return changed


def _changes(expectation: ExpectTable) -> Iterator[Change]:
    match expectation:
        case EventExpectation():
            yield from _event(expectation)
        case RegisterExpectation():
            yield from _beyond(expectation)
        case ReadingExpectation():
            if expectation.text is not None:
                yield {"text": f"{expectation.text}?"}
            yield from _beyond(expectation)
        case OutcomeExpectation():
            yield {"ends": f"{expectation.ends}?"}
        case FramesRefusedExpectation():
            yield {"frames_refused": _FAR}
        case HistoryExpectation():
            yield from _other_counts("history", expectation.history)
        case BillingExpectation():
            yield from _other_counts("billing", expectation.billing)
        case ClockErrorExpectation():
            least, most = expectation.clock_error_ns
            yield {"clock_error_ns": (most + 1, most + _FAR)}
            yield {"clock_error_ns": (least - _FAR, least - 1)}
        case RateExpectation():
            yield from ({"rate": rate} for rate in range(1, _RATES_MOST + 1) if rate != expectation.rate)
        case EnergyErrorExpectation():
            yield {"energy_error_ppb": 0}
        case IntervalExpectation():
            yield from _interval(expectation)
        case ProfileCountExpectation():
            yield from _other_counts("profile_count", expectation.profile_count)
            yield from _beyond(expectation)
        case PulsesExpectation():
            yield {"least": expectation.most + 1, "most": _FAR}
            if expectation.least:
                yield {"least": 0, "most": expectation.least - 1}


def _event(expectation: EventExpectation) -> Iterator[Change]:
    if expectation.never:
        yield {"never": None, "count": 1}
        return
    yield {"never": True, "count": None}
    if expectation.count is not None:
        yield {"count": expectation.count + 1}
        if expectation.count > 1:
            yield {"count": expectation.count - 1}


def _interval(expectation: IntervalExpectation) -> Iterator[Change]:
    yield {"interval_at_ns": expectation.interval_at_ns + 1}
    for flag in expectation.without:
        yield {"status": (*expectation.status, flag), "without": ()}
    if expectation.missed is not None:
        yield {"missed": expectation.missed + 1}
    yield from _beyond(expectation)


def _flagged_by_none(expectation: IntervalExpectation) -> ProfileCountExpectation:
    """Several may end there, after a clock was set back: that one lacks a flag is no opposite of one having it."""
    return ProfileCountExpectation.model_construct(
        id=f"{expectation.id}-flags",
        profile_count=0,
        within_ns=(expectation.interval_at_ns, expectation.interval_at_ns),
        status=expectation.status,
    )


def _beyond(
    expectation: RegisterExpectation | ReadingExpectation | IntervalExpectation | ProfileCountExpectation,
) -> Iterator[Change]:
    """Bounds on the far side of each bound."""
    if expectation.equals_nwh is not None:
        yield {"equals_nwh": expectation.equals_nwh + 1}
    if expectation.min_nwh is not None:
        yield {"min_nwh": None, "max_nwh": expectation.min_nwh - 1}
    if expectation.max_nwh is not None:
        yield {"min_nwh": expectation.max_nwh + 1, "max_nwh": None}


def _other_counts(key: str, count: int) -> Iterator[Change]:
    yield {key: count + 1}
    if count:
        yield {key: count - 1}
