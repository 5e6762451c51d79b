"""What becomes of conditions that begin and end: entries in the logs, within the limit of `firmware.events.chatter`.

Whatever leaves no entry counts all the same: in the profile, the status word and the alarm register.
"""

from typing import TYPE_CHECKING, Final

from firmware.events.book import CHATTER, log_of
from firmware.events.chatter import detail
from firmware.events.limited import Limited
from hal.frontend import LiveValues

if TYPE_CHECKING:
    from firmware.core import Core
    from firmware.events.detectors import Change

_MOST: Final = 2
"""Entries of one look; a report, and how its condition stands, are as many."""


class Conditions:
    """The conditions of the voltages, the currents and the front end, and what the logs say of them."""

    def __init__(self, core: "Core") -> None:
        self._core = core
        self._detectors = core.detectors
        told, left_out = core.told.conditions, core.told.left_out
        self._limited = [Limited(bit, bool(told >> bit & 1), left_out) for bit in range(core.detectors.size)]

    def programmed(self) -> None:
        """Other thresholds and delays are in force; delays begin anew."""
        self._detectors = self._core.detectors

    @property
    def due_ns(self) -> int | None:
        """When `look` has something to do although nothing changes."""
        dues = (self._detectors.due_ns, *(limited.due_ns for limited in self._limited))
        return min((due for due in dues if due is not None), default=None)

    def look(self, live: LiveValues, now_ns: int) -> None:
        """Hold what is measured against the limits, and log what came; `_MOST` entries at most, the rest waits."""
        if self._report(now_ns):
            return
        for change in self._detectors.feed(live, now_ns, _MOST):
            if self._limited[change.bit].changed(now_ns, change.began):
                self._tell(change)
            else:
                self._core.unlogged(change.event, change.detail)

    def _report(self, now_ns: int) -> bool:
        """Tell the sum of a condition whose hour is over, and how it stands; whether there was one."""
        for bit, limited in enumerate(self._limited):
            report = limited.report(now_ns)
            if report is None:
                continue
            stands = self._detectors.change(bit, began=bool(report.state))
            self._core.log(CHATTER[log_of(stands.event)], detail(bit + 1, report.count), stands.phase)
            if report.state is not None:
                self._tell(stands)
            return True
        return False

    def _tell(self, change: "Change") -> None:
        self._core.log(change.event, change.detail, change.phase)
