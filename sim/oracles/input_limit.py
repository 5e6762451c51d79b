"""What the logs may say of an input or a condition that chatters, as `docs/supervision.md` has it; it shares nothing
with the firmware's own limit.

In no hour of a life does one leave more than ten entries. One that has left ten, or whose changes were told as a sum,
within the last hour owes no entry for another change: but it owes the sum, within an hour.
"""

from collections.abc import Iterator, Mapping, Sequence
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


def _conditions() -> Iterator[tuple[Event, Event, Event, int]]:
    """The sum, the begin and the end of each condition, and the detail that tells it apart, in the order of the
    numbers."""
    quality, fraud, standard = Event.QUALITY_CHATTER, Event.FRAUD_CHATTER, Event.STANDARD_CHATTER
    for detail in (1, 2, 3):
        yield quality, Event.PHASE_FAILED, Event.PHASE_RESTORED, detail
    for detail in (1, 2, 3):
        yield quality, Event.VOLTAGE_LOW, Event.VOLTAGE_NORMAL, detail
    yield fraud, Event.NEUTRAL_LOST, Event.NEUTRAL_RESTORED, 0
    yield fraud, Event.SEQUENCE_REVERSED, Event.SEQUENCE_RESTORED, 0
    yield quality, Event.FREQUENCY_OUT_OF_RANGE, Event.FREQUENCY_NORMAL, 0
    for detail in (0, 1, 2, 3):
        yield fraud, Event.REVERSE_RUN, Event.REVERSE_RUN_ENDED, detail
    for detail in (1, 2, 3):
        yield fraud, Event.CURRENT_WITHOUT_VOLTAGE, Event.CURRENT_WITHOUT_VOLTAGE_ENDED, detail
    for detail in (12, 23, 13):
        yield fraud, Event.CURRENTS_CROSSED, Event.CURRENTS_UNCROSSED, detail
    for detail in range(8):
        yield standard, Event.FRONT_END_FAILED, Event.FRONT_END_RESTORED, detail
    for detail in (1, 2, 3):
        yield quality, Event.VOLTAGE_HIGH, Event.VOLTAGE_HIGH_ENDED, detail
    for detail in (1, 2, 3):
        yield quality, Event.OVER_CURRENT, Event.OVER_CURRENT_ENDED, detail


_Subject = tuple[str, int]
"""The event that tells its sum, and its number there."""

_CONDITIONS: Final[Mapping[tuple[str, int], _Subject]] = {
    (event.text, detail): (chatter.text, number)
    for number, (chatter, begin, end, detail) in enumerate(_conditions(), 1)
    for event in (begin, end)
}
_SUMS: Final = frozenset({Event.INPUT_CHATTER.text, *(chatter for chatter, _ in _CONDITIONS.values())})
_BUTTON: Final = (Event.INPUT_CHATTER.text, 4)
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
    """What an event names: the input or condition of a sum, else its detail."""
    return detail // _NUMBER_AT if event in _SUMS else detail


def _subject_of(event: str, detail: int) -> _Subject | None:
    """Whose entry it is; None for one of neither an input nor a condition."""
    if event in _NUMBERS:
        return Event.INPUT_CHATTER.text, _NUMBERS[event]
    return _CONDITIONS.get((event, detail))


class InputLimit:
    """The entries of inputs, life by life."""

    def __init__(self) -> None:
        self._lives_ns: list[int] = []
        self._told: list[Told] = []

    def booted(self, at_ns: int) -> None:
        self._lives_ns.append(at_ns)

    def heard(self, at_ns: int, logged: EventLogged) -> bool:
        """An entry has come to the log; False if it is one more than its input may leave."""
        whose = _subject_of(logged.event, logged.detail)
        if whose is None and logged.event not in _SUMS:
            return True
        self._told.append(Told(at_ns, logged.event, logged.detail))
        since_ns = max(at_ns - _SURELY_NS, self._born_ns(at_ns))
        return whose in (None, _BUTTON) or len(self._entries(whose, since_ns, at_ns)) <= ENTRIES_MOST

    def sums(self, event: Event, detail: int, at_ns: int, alive_until_ns: int) -> bool:
        """Whether a change of that instant needs no entry of its own: its input is at its limit, and the sum is told,
        or the life ends sooner. `alive_until_ns` is when the power or the run ends."""
        whose = _subject_of(event.text, detail)
        since_ns = max(at_ns - SUM_WITHIN_NS, self._born_ns(at_ns))
        if whose is None or not (self._full(whose, since_ns, at_ns) or self._sums(whose, since_ns, at_ns)):
            return False
        until_ns = at_ns + SUM_WITHIN_NS
        ends_ns = min((born for born in self._lives_ns if born > at_ns), default=alive_until_ns)
        return min(ends_ns, alive_until_ns) < until_ns or bool(self._sums(whose, at_ns, until_ns))

    def reborn(self, from_ns: int, until_ns: int) -> bool:
        """Whether a boot begins a life meanwhile, which knows nothing of a sum."""
        return any(from_ns < born <= until_ns for born in self._lives_ns)

    def _full(self, whose: _Subject, from_ns: int, until_ns: int) -> bool:
        """Whether it was at its limit at an instant between: ten entries in the hour before. It may chatter since."""
        born_ns = self._born_ns(until_ns)
        entries = [told.at_ns for told in self._entries(whose, max(from_ns - SUM_WITHIN_NS, born_ns), until_ns)]
        tenths = zip(entries, entries[ENTRIES_MOST - 1 :], strict=False)
        return any(last - first <= SUM_WITHIN_NS for first, last in tenths)

    def _entries(self, whose: _Subject, from_ns: int, until_ns: int) -> Sequence[Told]:
        between = (told for told in self._told if from_ns <= told.at_ns <= until_ns)
        return [told for told in between if _subject_of(told.event, told.detail) == whose]

    def _sums(self, whose: _Subject, from_ns: int, until_ns: int) -> Sequence[Told]:
        between = (told for told in self._told if from_ns <= told.at_ns <= until_ns)
        return [told for told in between if (told.event, told.detail // _NUMBER_AT) == whose]

    def _born_ns(self, at_ns: int) -> int:
        return max((born for born in self._lives_ns if born <= at_ns), default=0)
