"""What the records in flash say that a save does not: how late it was at least, and what was logged after the save."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from firmware.clock.trust import ClockStatus
from firmware.events.codes import Event
from firmware.events.told import REPLAYED_MOST
from firmware.profile.interval import parse_interval
from firmware.save import LayoutError, event_time, parse_event
from firmware.storage.store import Store
from firmware.tariff.tariff import BillingSet


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """A whole event of the log: its time, UTC in s, and the status of its clock."""

    event: Event
    utc_s: int
    clock: ClockStatus
    detail: int


def newest_record_s(store: Store, history: Sequence[BillingSet]) -> int:
    """The latest of the times that the newest event, interval and billing set bear, UTC in s; 0 without any."""
    found = [history[-1].utc_s] if history else []
    for record in store.rings["events"].newest_first():
        with suppress(LayoutError):
            found.append(event_time(record.payload)[0])
            break
    for record in store.rings["profile"].newest_first():
        with suppress(ValueError):
            found.append(parse_interval(record.payload).end_s)
            break
    return max(found, default=0)


def logged_since(store: Store, sequence: int) -> Iterator[LoggedEvent]:
    """The events after this one, oldest first, as many as a boot looks at."""
    newer = []
    for record, _ in zip(store.rings["events"].newest_first(), range(REPLAYED_MOST), strict=False):
        if record.sequence <= sequence:
            break
        newer.append(record.payload)
    for payload in reversed(newer):
        with suppress(ValueError):
            code, detail = parse_event(payload)
            utc_s, clock = event_time(payload)
            yield LoggedEvent(Event(code), utc_s, clock, detail)
