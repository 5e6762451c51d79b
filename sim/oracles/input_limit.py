"""What the log may say of an input that chatters, as `docs/supervision.md` has it; it shares nothing with the
firmware's own limit.

In no hour of a life does an input leave more than ten entries. An input that has left ten, or whose changes were told
as a sum, within the last hour owes no entry for another change: but it owes the sum, within an hour.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.events.codes import Event
from hal.probe import EventLogged
from hal.units import HOUR, MINUTE

ENTRIES_MOST: Final = 10
"""Entries that an input may leave in an hour."""

SUM_WITHIN_NS: Final = HOUR + MINUTE

_INPUTS: Final = (
    (Event.TERMINAL_COVER_OPENED, Event.TERMINAL_COVER_CLOSED),
    (Event.MAIN_COVER_OPENED, Event.MAIN_COVER_CLOSED),
    (Event.MAGNET_DETECTED, Event.MAGNET_GONE),
    (Event.END_OF_BILLING,),
)
"""What the inputs leave, by their numbers from 1 on. Ends of billing are not the button's alone."""

_NUMBERS: Final[Mapping[str, int]] = {
    event.text: number for number, events in enumerate(_INPUTS, 1) for event in events
}
_LIMITED: Final = frozenset({1, 2, 3})
_NUMBER_AT: Final = 1_000_000

_SURELY_NS: Final = HOUR - MINUTE
"""An entry may wait for its place in flash, and the next one need not."""


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the log, and when it came there."""

    at_ns: int
    event: str
    detail: int


def number_of(event: Event) -> int:
    """The number of the input that an event is about; 0 if of none."""
    return _NUMBERS.get(event.text, 0)


def subject(event: str, detail: int) -> int:
    """What an event names: the input of a sum, else its detail."""
    return detail // _NUMBER_AT if event == Event.INPUT_CHATTER.text else detail


class InputLimit:
    """The entries of inputs, life by life."""

    def __init__(self) -> None:
        self._lives_ns: list[int] = []
        self._told: list[Told] = []

    def booted(self, at_ns: int) -> None:
        self._lives_ns.append(at_ns)

    def heard(self, at_ns: int, logged: EventLogged) -> bool:
        """An entry has come to the log; False if it is one more than its input may leave."""
        number = _NUMBERS.get(logged.event, 0)
        if not number and logged.event != Event.INPUT_CHATTER.text:
            return True
        self._told.append(Told(at_ns, logged.event, logged.detail))
        since_ns = max(at_ns - _SURELY_NS, self._born_ns(at_ns))
        return number not in _LIMITED or len(self._entries(number, since_ns, at_ns)) <= ENTRIES_MOST

    def sums(self, event: Event, at_ns: int, alive_until_ns: int) -> bool:
        """Whether a change of that instant needs no entry of its own: its input is at its limit, and the sum is told,
        or the life ends sooner. `alive_until_ns` is when the power or the run ends."""
        number = number_of(event)
        since_ns = max(at_ns - SUM_WITHIN_NS, self._born_ns(at_ns))
        limited = len(self._entries(number, since_ns, at_ns)) >= ENTRIES_MOST or self._sums(number, since_ns, at_ns)
        if not number or not limited:
            return False
        until_ns = at_ns + SUM_WITHIN_NS
        ends_ns = min((born for born in self._lives_ns if born > at_ns), default=alive_until_ns)
        return min(ends_ns, alive_until_ns) < until_ns or bool(self._sums(number, at_ns, until_ns))

    def reborn(self, from_ns: int, until_ns: int) -> bool:
        """Whether a boot begins a life meanwhile, which knows nothing of a sum."""
        return any(from_ns < born <= until_ns for born in self._lives_ns)

    def _born_ns(self, at_ns: int) -> int:
        return max((born for born in self._lives_ns if born <= at_ns), default=0)

    def _entries(self, number: int, from_ns: int, until_ns: int) -> Sequence[Told]:
        return [told for told in self._told if _NUMBERS.get(told.event) == number and from_ns <= told.at_ns <= until_ns]

    def _sums(self, number: int, from_ns: int, until_ns: int) -> Sequence[Told]:
        return [
            told
            for told in self._told
            if told.event == Event.INPUT_CHATTER.text
            and told.detail // _NUMBER_AT == number
            and from_ns <= told.at_ns <= until_ns
        ]
