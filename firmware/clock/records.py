"""What the records in flash say that a save does not: how late it was at least."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import islice

from firmware.events.logs import merged
from firmware.profile.interval import parse_interval
from firmware.storage.store import Store
from firmware.tariff.billing import BillingSet


def newest_record_s(store: Store, history: Sequence[BillingSet]) -> int:
    """The latest of the times that the newest event, interval and billing set bear, UTC in s; 0 without any."""
    found = [history[-1].utc_s] if history else []
    found += [entry.utc_s for _, _, entry in islice(merged(store.rings), 1)]
    for record in store.rings["profile"].newest_first():
        with suppress(ValueError):
            found.append(parse_interval(record.payload).end_s)
            break
    return max(found, default=0)
