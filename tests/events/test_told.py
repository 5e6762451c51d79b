"""Durations, alarms and limits over lives and outages, against plain accounts of the same rules."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from firmware.clock.civil_clock import ClockStatus
from firmware.config import SupervisionConfig
from firmware.events.alarms import RAISED_BY, Alarm, AlarmConfig, Alarms
from firmware.events.book import OVER, log_of
from firmware.events.codes import Event
from firmware.events.entry import Entry
from firmware.events.limits import limits_of
from firmware.events.logs import LOGS, Placed
from firmware.events.state import EventsState, build_events, parse_events
from firmware.events.tally import COUNTED, TALLIES
from firmware.events.told import Log
from hal.units import S
from tests.events.test_detectors import CONFIG, nameplate

BEGUN = (Event.TERMINAL_COVER_OPENED, Event.PHASE_FAILED, Event.REVERSE_RUN, Event.UNEXPECTED_CONSUMPTION)
DETAILS = {Event.PHASE_FAILED: 2, Event.REVERSE_RUN: 0}


def log() -> Log:
    return Log(SupervisionConfig(), limits_of(CONFIG, nameplate()))


@dataclass
class Life:
    """A meter's logs over saves and cuts. Every entry is whole at once; `told` is the account: what lasts, since when
    by a clock that never stops."""

    now_s: int = 1_000
    log: Log = field(default_factory=log)
    state: EventsState = field(default_factory=EventsState)
    entries: list[Placed] = field(default_factory=list)
    told: dict[Event, int] = field(default_factory=dict)
    counts: dict[Event, int] = field(default_factory=dict)
    ends: list[tuple[int | None, int]] = field(default_factory=list)
    """Of each end: the duration told, and the true one."""

    def leave(self, event: Event) -> None:
        end = OVER[event] if event in self.told else event
        detail = DETAILS.get(event, 0)
        lasted = self.log.logged(end, detail, self.now_s * S)
        if end is event:
            self.told[event] = self.now_s
            self.counts[event] = self.counts.get(event, 0) + 1
        else:
            self.ends.append((lasted, self.now_s - self.told.pop(event)))
        place = 1 + sum(log_of(entry.event) is log_of(end) for _, _, entry in self.entries)
        entry = Entry(end, self.log.next_number(), self.now_s, 0, ClockStatus.VALID, detail, 0, lasted)
        self.log.heard(log_of(end), place, entry)
        self.entries.append((log_of(end), place, entry))

    def save(self) -> None:
        self.state = parse_events(build_events(self.log.kept(0, self.now_s * S)))
        self.saved_s = self.now_s

    def cut(self, off_s: int) -> None:
        """The power is gone for so long; the next life counts its monotonic time anew."""
        self.now_s += off_s
        self.log = log()
        newer = [placed for placed in self.entries if placed[1] > self.state.places[LOGS.index(placed[0])]]
        self.log.resume(self.state, newer)
        saved_s = getattr(self, "saved_s", 1_000)
        self.log.time_known(self.state, self.now_s * S, self.now_s, self.now_s - saved_s)


STEPS = st.lists(
    st.one_of(
        st.sampled_from(BEGUN),
        st.integers(1, 50_000),
        st.just("save"),
        st.tuples(st.just("cut"), st.integers(1, 10**7)),
    ),
    max_size=30,
)


@given(STEPS)
@example([Event.REVERSE_RUN, 100, Event.REVERSE_RUN, 1_000, Event.REVERSE_RUN, 10, ("cut", 7), 5, Event.REVERSE_RUN])
def test_an_end_tells_how_long_it_lasted_whatever_saves_and_outages_come_between(steps: list[object]) -> None:
    life = Life()
    life.save()
    for step in steps:
        if isinstance(step, Event):
            life.leave(step)
        elif isinstance(step, int):
            life.now_s += step
        elif step == "save":
            life.save()
        else:
            life.cut(step[1])  # type: ignore[index]  # the tuple
    assert [told for told, _ in life.ends] == [true for _, true in life.ends]
    for tally in TALLIES:
        assert life.log.count(tally) == life.counts.get(COUNTED[tally], 0)
    assert life.log.inputs.bit_count() + life.log.conditions.bit_count() == len(life.told)


def test_an_outage_of_unknown_length_counts_nothing() -> None:
    life = Life()
    life.leave(Event.TERMINAL_COVER_OPENED)
    life.now_s += 100
    life.save()
    life.now_s += 5_000
    again = log()
    again.resume(life.state, [])
    again.time_known(life.state, 7 * S, life.now_s, None)
    assert again.logged(Event.TERMINAL_COVER_CLOSED, 0, 8 * S) == 101


RAISING = sorted(RAISED_BY, key=lambda event: event.value)


@given(
    st.sets(st.sampled_from(Alarm)),
    st.data(),
    st.lists(st.one_of(st.sampled_from(RAISING), st.integers(0, 2**21 - 1)), max_size=30),
)
def test_the_alarm_output_shows_the_alarms_that_stand(
    heeded: set[Alarm], data: st.DataObject, steps: list[Event | int]
) -> None:
    output = data.draw(st.sets(st.sampled_from(sorted(heeded, key=lambda alarm: alarm.value)))) if heeded else set()
    driven: list[bool] = []
    alarms = Alarms(AlarmConfig(tuple(heeded), tuple(output)), driven.append)
    alarms.resume(0)
    stand: set[Alarm] = set()
    for step in steps:
        if isinstance(step, Event):
            alarms.heard(step, 0)
            stand |= {RAISED_BY[step]} & heeded
        else:
            alarms.heard(Event.ALARMS_ACKNOWLEDGED, step)
            stand = {alarm for alarm in stand if not step >> alarm.value & 1}
        assert alarms.register == sum(1 << alarm.value for alarm in stand)
        assert driven[-1] is bool(stand & output)
    assert all(one is not other for one, other in pairwise(driven))
    resumed: list[bool] = []
    Alarms(AlarmConfig(tuple(heeded), tuple(output)), resumed.append).resume(alarms.register)
    assert resumed == driven[-1:]
