"""What the logs say of inputs and conditions: which of them were told to have begun, and not to be over; since when;
and how often that was.

A save keeps it with the place in each log up to which it holds. The logs may go on after the save: what they say from
there on is added at boot. So nothing is told twice, and nothing that began is left without its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.config import SupervisionConfig
from firmware.events.book import CHATTER, OVER
from firmware.events.chatter import number_and_count
from firmware.events.codes import Event, LogName
from firmware.events.detectors import condition_events
from firmware.events.entry import Entry
from firmware.events.lasting import Lasting
from firmware.events.limits import Limits
from firmware.events.logs import LOGS, Placed
from firmware.events.state import NO_EVENTS, EventsState
from firmware.events.tally import TALLIES, Tally, counted
from firmware.events.watched import WATCHED
from hal.inputs import Input

INPUT_SUBJECTS: Final = 64
"""Subjects below are conditions, by their bit; from here on they are inputs, by their number less one."""

_OTHERS_FROM: Final = 48
_OTHERS: Final = (
    Event.BATTERY_FAILED,
    Event.RTC_FAILED,
    Event.CLOCK_ON_CRYSTAL,
    Event.UNEXPECTED_CONSUMPTION,
    Event.LIMIT_EXCEEDED,
    Event.EMERGENCY_PROFILE_BEGAN,
    Event.TEST_MODE_BEGAN,
)
"""What lasts, and is detected elsewhere: their bits follow each other, for ever."""

_SUMS: Final[Mapping[Event, int]] = {Event.INPUT_CHATTER: INPUT_SUBJECTS, **dict.fromkeys(CHATTER.values(), 0)}
"""The subject of number 1 of a sum."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What an event means for a subject. `bit` is that of the mask of inputs, or of conditions."""

    subject: int
    bit: int
    began: bool


class Log:
    """Follows what the logs say."""

    def __init__(self, config: SupervisionConfig, limits: Limits) -> None:
        self._state = NO_EVENTS
        """What whole entries say; `alarms`, `lasting` and `left_out` are elsewhere."""
        self._number = 0
        self._lasting = Lasting()
        self.left_out: dict[int, int] = {}
        """Changes of the running hour, by subject, that no whole entry tells of."""
        self._begun_s: dict[int, int | None] = {}
        """Between a boot and `time_known`: what lasts, and since when, if an entry behind the save tells; else None."""
        inputs = [*WATCHED]
        self._inputs: Mapping[Event, _Meaning] = {
            event: _Meaning(INPUT_SUBJECTS + inputs.index(which), 1 << bit, began)
            for bit, which in enumerate(Input)
            for event, began in zip(WATCHED.get(which, ()), (True, False), strict=False)
        }
        self._conditions: Mapping[tuple[Event, int], _Meaning] = {
            (event, detail): _Meaning(bit, 1 << bit, began)
            for bit, (began_by, ended_by, detail) in enumerate(condition_events(config, limits))
            for event, began in ((began_by, True), (ended_by, False))
        }
        self._others: Mapping[Event, _Meaning] = {
            event: _Meaning(_OTHERS_FROM + place, 1 << _OTHERS_FROM + place, began)
            for place, begun_by in enumerate(_OTHERS)
            for event, began in ((begun_by, True), (OVER[begun_by], False))
        }

    @property
    def inputs(self) -> int:
        """A bit each in the order of `hal.inputs.Input`: what the logs say of them."""
        return self._state.inputs

    @property
    def conditions(self) -> int:
        """What the logs say that lasts; the lowest bits are those of `firmware.events.detectors`."""
        return self._state.conditions

    def count(self, tally: Tally) -> int:
        """How often the logs were told of it."""
        return self._state.counts[TALLIES.index(tally)]

    def next_number(self) -> int:
        """The number of the event that is logged now."""
        self._number += 1
        return self._number

    def logged(self, event: Event, detail: int, now_ns: int) -> int | None:
        """An event is logged now: how long in s what it ends has lasted, None if it is no end, or nobody knows."""
        meaning = self._meaning(event, detail)
        if meaning is None:
            return None
        if not meaning.began:
            return self._lasting.ended(meaning.subject, now_ns)
        self._lasting.began(meaning.subject, now_ns)
        return None

    def heard(self, log: LogName, place: int, entry: Entry) -> None:
        """An entry is whole in flash."""
        state, at = self._state, LOGS.index(log)
        inputs, conditions = state.inputs, state.conditions
        meaning = self._meaning(entry.event, entry.detail)
        if meaning is not None and meaning.subject >= INPUT_SUBJECTS:
            inputs = _set(inputs, meaning)
        elif meaning is not None:
            conditions = _set(conditions, meaning)
        if entry.event in _SUMS:
            self._told_of(entry)
        self._state = EventsState(
            number=max(state.number, entry.number),
            places=(*state.places[:at], max(place, state.places[at]), *state.places[at + 1 :]),
            inputs=inputs,
            conditions=conditions,
            counts=counted(state.counts, entry.event),
        )

    def _told_of(self, entry: Entry) -> None:
        number, count = number_and_count(entry.detail)
        subject = _SUMS[entry.event] + number - 1
        left = self.left_out.pop(subject, 0) - count
        if left > 0:
            self.left_out[subject] = left

    def _meaning(self, event: Event, detail: int) -> _Meaning | None:
        return self._inputs.get(event) or self._others.get(event) or self._conditions.get((event, detail))

    # Saves and boots

    def kept(self, alarms: int, now_ns: int) -> EventsState:
        """What a save keeps now."""
        state = self._state
        return EventsState(
            number=self._number,
            places=state.places,
            inputs=state.inputs,
            conditions=state.conditions,
            counts=state.counts,
            lasting=self._lasting.kept(now_ns),
            left_out=tuple(sorted(self.left_out.items(), key=lambda item: -item[1])),
            alarms=alarms,
        )

    def resume(self, state: EventsState, newer: Sequence[Placed]) -> None:
        """Go on from a save: with the entries behind it, oldest first."""
        self._state, self.left_out = state, dict(state.left_out)
        self._begun_s = {subject: None for subject, _ in state.lasting}
        for log, place, entry in newer:
            self.heard(log, place, entry)
            meaning = self._meaning(entry.event, entry.detail)
            if meaning is not None and meaning.began:
                self._begun_s.setdefault(meaning.subject, entry.utc_s)
            elif meaning is not None:
                self._begun_s.pop(meaning.subject, None)
        self._number = max(state.number, self._state.number)

    def time_known(self, state: EventsState, now_ns: int, utc_s: int, off_s: int | None) -> None:
        """At boot, after `resume`: it is `utc_s`. The save was made `off_s` ago; None if nobody knows."""
        saved_s = dict(state.lasting)
        lasted_s: dict[int, int] = {}
        for subject, begun_s in self._begun_s.items():
            if not self._lasts(subject):
                continue
            if begun_s is None:
                lasted_s[subject] = saved_s[subject] + (off_s or 0)
            else:
                lasted_s[subject] = 0 if off_s is None else max(utc_s - begun_s, 0)
        self._lasting.resume(lasted_s, now_ns)

    def _lasts(self, subject: int) -> bool:
        """Whether the logs say so."""
        if subject < INPUT_SUBJECTS:
            return bool(self._state.conditions >> subject & 1)
        which = [*WATCHED][subject - INPUT_SUBJECTS]
        return bool(self._state.inputs >> tuple(Input).index(which) & 1)


def _set(mask: int, meaning: _Meaning) -> int:
    return mask | meaning.bit if meaning.began else mask & ~meaning.bit
