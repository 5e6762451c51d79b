"""One input or condition, and what its log says of it, within the limit of `firmware.events.chatter`."""

from collections.abc import MutableMapping
from dataclasses import dataclass

from firmware.events.chatter import Chatter


@dataclass(frozen=True, slots=True)
class Report:
    """So many changes left no entry of their own. `state`: how it stands, if the log says otherwise."""

    count: int
    state: bool | None


class Limited:
    """`told` is what the log says. `left_out` counts, by subject, the changes that no log tells of yet; who logs a
    report takes them off once it is whole."""

    def __init__(self, subject: int, told: bool, left_out: MutableMapping[int, int]) -> None:
        self.told = told
        self._state = told
        self._subject = subject
        self._left_out = left_out
        self._chatter = Chatter(left_out.get(subject, 0))

    @property
    def due_ns(self) -> int | None:
        """When `report` has something to tell although nothing changes."""
        return self._chatter.due_ns

    @property
    def chatters(self) -> bool:
        return self._chatter.chatters

    def may(self, now_ns: int) -> bool:
        """Whether a change may leave an entry now."""
        return self._chatter.may(now_ns)

    def leave_out(self, now_ns: int, state: bool) -> None:
        """A change that may leave no entry."""
        self._state = state
        self._chatter.leave_out(now_ns)
        self._left_out[self._subject] = self._left_out.get(self._subject, 0) + 1

    def left(self, now_ns: int, state: bool) -> None:
        """An entry is left."""
        self.told = self._state = state
        self._chatter.left(now_ns)

    def changed(self, now_ns: int, state: bool) -> bool:
        """It changes: whether that is to leave an entry."""
        if self.may(now_ns):
            self.left(now_ns, state)
            return True
        self.leave_out(now_ns, state)
        return False

    def report(self, now_ns: int) -> Report | None:
        """What the hour that is over leaves to tell; None while none is, or after one of rest."""
        count = self._chatter.report(now_ns)
        if not count:
            return None
        if self._state == self.told:
            return Report(count, None)
        self.left(now_ns, self._state)
        return Report(count, self._state)
