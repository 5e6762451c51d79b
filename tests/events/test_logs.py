"""The logs: each a ring of its own, entries that come back as they were, and one history of all of them."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil_clock import ClockStatus
from firmware.events.book import BEGUN_BY, BOOK, CHATTER, OVER, log_of
from firmware.events.codes import Event, LogName
from firmware.events.entry import ENTRY_BYTES, Entry, build_entry, parse_entry
from firmware.events.logs import LOGS, merged, newer, newest_first
from firmware.events.state import (
    COUNTS_KEPT,
    EVENTS_BYTES,
    LASTING_KEPT,
    LEFT_OUT_KEPT,
    EventsState,
    build_events,
    parse_events,
)
from firmware.events.tally import COUNTED, TALLIES, Tally, last_entries
from firmware.save import LayoutError
from firmware.storage.memory_map import METER, plan
from firmware.storage.operation import begin
from firmware.storage.ring import Ring
from sim.devices.flash import W25Q64, NorFlash
from sim.world import World

SURE = 1_000

ENTRIES = st.builds(
    Entry,
    event=st.sampled_from(Event),
    number=st.integers(1, 2**32 - 1),
    utc_s=st.integers(0, 2**32 - 1),
    offset_s=st.integers(-43_200, 50_400),
    clock=st.sampled_from(ClockStatus),
    detail=st.integers(0, 2**64 - 1),
    phase=st.integers(0, 4),
    duration_s=st.none() | st.integers(0, 2**32 - 2),
)


def test_each_event_has_one_log_and_each_end_goes_where_its_begin_went() -> None:
    told = Counter(event for events in BOOK.values() for event in events)
    assert told == Counter(Event)
    assert all(log_of(begin) is log_of(end) for begin, end in OVER.items())
    assert len(BEGUN_BY) == len(OVER)
    assert all(log_of(event) is log for log, event in CHATTER.items())


@given(ENTRIES)
def test_an_entry_comes_back_from_its_bytes(entry: Entry) -> None:
    data = build_entry(entry)
    assert len(data) == ENTRY_BYTES
    assert parse_entry(data) == entry


def test_an_entry_of_other_firmware_is_refused() -> None:
    data = bytearray(build_entry(Entry(Event.POWER_UP, 1, 0, 0, ClockStatus.VALID)))
    for place, value in ((0, 1), (1, 200), (3, 0xFF)):
        with pytest.raises(LayoutError):
            parse_entry(bytes((*data[:place], value, *data[place + 1 :])))
    with pytest.raises(LayoutError):
        parse_entry(bytes(data[:-1]))


def pairs(most: int, subjects: int) -> st.SearchStrategy[tuple[tuple[int, int], ...]]:
    of = st.tuples(st.integers(0, subjects), st.integers(0, 2**32 - 1))
    return st.lists(of, max_size=most, unique_by=lambda pair: pair[0]).map(tuple)


@given(
    st.builds(
        EventsState,
        number=st.integers(0, 2**32 - 1),
        places=st.tuples(*[st.integers(0, 2**32 - 1)] * len(LOGS)),
        inputs=st.integers(0, 255),
        conditions=st.integers(0, 2**64 - 1),
        counts=st.tuples(*[st.integers(0, 2**16 - 1)] * COUNTS_KEPT),
        lasting=pairs(LASTING_KEPT, 70),
        left_out=pairs(LEFT_OUT_KEPT, 70),
        alarms=st.integers(0, 2**32 - 1),
    )
)
def test_what_a_save_keeps_comes_back(state: EventsState) -> None:
    data = build_events(state)
    assert len(data) == EVENTS_BYTES
    assert parse_events(data) == state
    assert len(TALLIES) <= COUNTS_KEPT


class Shelf:
    """The logs on a flash of their own, written as the store does, and a plain account of it."""

    def __init__(self) -> None:
        self.world = World(1)
        self.flash = NorFlash(self.world, W25Q64, lambda: None)
        self.flash.power_up()
        layout = plan(METER, self.flash.geometry)
        self.rings = {log.ring: Ring(self.flash, layout.ring(log.ring)) for log in LOGS}
        self.account: dict[LogName, list[tuple[int, Entry]]] = {log: [] for log in LOGS}
        self.number = 0
        for ring in self.rings.values():
            ring.recover()

    def write(self, event: Event) -> None:
        self.number += 1
        log = log_of(event)
        ring = self.rings[log.ring]
        if ring.erase_due:
            self._do(ring.maintenance())
        entry = Entry(event, self.number, 1_000 + self.number, 3_600, ClockStatus.VALID, self.number % 7)
        appending = ring.append(build_entry(entry))
        self._do(iter(appending))
        self.account[log].append((appending.sequence, entry))

    def _do(self, operations) -> None:  # type: ignore[no-untyped-def]  # any iterator of operations
        for operation in operations:
            begin(self.flash, operation)
            self.world.run_until(self.world.now + W25Q64.erase_worst_ns)


def test_a_storm_in_one_log_flushes_no_other() -> None:
    shelf = Shelf()
    for event in (Event.TERMINAL_COVER_OPENED, Event.POWER_DOWN, Event.PHASE_FAILED, Event.PROGRAMMED):
        shelf.write(event)
    for _ in range(1_500):
        shelf.write(Event.PASSWORD_WRONG)
    held = {log: list(newest_first(shelf.rings[log.ring])) for log in LOGS}
    for log in LOGS:
        assert held[log] == shelf.account[log][::-1][: len(held[log])]
        assert len(held[log]) >= min(SURE, len(shelf.account[log]))
    assert len(held[LogName.COMMUNICATION]) < 1_500
    assert [entry.event for _, entry in held[LogName.FRAUD]] == [Event.TERMINAL_COVER_OPENED]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(Event), max_size=40), st.data())
def test_one_history_of_all_logs_and_what_is_newer_than_a_save(events: list[Event], data: st.DataObject) -> None:
    shelf = Shelf()
    saved = data.draw(st.integers(0, len(events)))
    places = [0] * len(LOGS)
    for number, event in enumerate(events, 1):
        shelf.write(event)
        if number <= saved:
            places[LOGS.index(log_of(event))] = shelf.account[log_of(event)][-1][0]
    history = [entry for _, _, entry in merged(shelf.rings)]
    assert [entry.number for entry in history] == list(range(len(events), 0, -1))
    assert [entry.event for entry in reversed(history)] == events
    assert [entry.number for _, _, entry in newer(shelf.rings, places)] == list(range(saved + 1, len(events) + 1))
    for tally in Tally:
        mine = [number for number, event in enumerate(events, 1) if event is COUNTED[tally]]
        assert [entry.number for entry in last_entries(shelf.rings, tally)] == mine[::-1][:5]


def test_the_documented_table_is_the_programs() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "supervision.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip().strip("`") for cell in line.split("|")[1:-1]] for line in lines]
    told = {row[0]: (row[1], row[2], row[5].removeprefix("since ").strip("`")) for row in rows if len(row) == 6}
    for event in Event:
        code, log, since = told[event.text]
        assert (code, log) == (str(event.value), log_of(event).value)
        if event in BEGUN_BY:
            assert since == BEGUN_BY[event].text
