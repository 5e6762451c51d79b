"""From a closed interval to its record: each exactly once and in order, wherever the power is cut."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event
from firmware.profile.channel import CHANNELS, NO_VALUE, VALUE_MOST, Method, channel_of
from firmware.profile.config import Missed
from firmware.profile.interval import (
    CHANNELS_MOST,
    SHORT_MOST,
    UNIT_MOST,
    Layout,
    ProfileInterval,
    build_interval,
    interval_bytes,
    parse_interval,
)
from firmware.profile.load_profile import LoadProfile
from firmware.profile.recorder import PowerDown, ProfileRules
from firmware.profile.state import PENDING_MOST, ProfileState, Run, build_profile, parse_profile, profile_bytes
from firmware.profile.status import LASTING, IntervalStatus, uneven
from firmware.storage.record import Record
from firmware.storage.store import Request
from hal.probe import ProfileRecorded
from hal.probe import Record as Told

UNIT = 10**9
VALID = ClockStatus.VALID
BEGIN = 1_800 * 1_000_000


@dataclass
class Flash:
    """What is whole in flash: records of the journal, and the newest save (profile, time, registers)."""

    records: list[bytes] = field(default_factory=list)
    save: tuple[bytes, int, tuple[int, ...]] | None = None

    def newest_first(self) -> Iterator[Record]:
        for sequence in range(len(self.records), 0, -1):
            yield Record(5, 0, sequence, self.records[sequence - 1])


@dataclass
class Store:
    """A store that writes nothing until it is told to; two saves never wait."""

    flash: Flash
    waiting: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rings = {"profile": self.flash}

    def has_room(self, ring: str) -> bool:
        return sum(request.ring == ring for request in self.waiting) < 8

    def holds(self, request: Request) -> bool:
        return any(request is waiting for waiting in self.waiting)

    def put(self, request: Request, now_ns: int) -> bool:
        if request.ring == "registers":
            self.waiting = [waiting for waiting in self.waiting if waiting.ring != "registers"]
        self.waiting.append(request)
        return True


class Meter:
    """Life after life over one flash."""

    def __init__(self, missed: Missed = Missed.GAP) -> None:
        self.rules = ProfileRules(Layout(1_800, (0,), UNIT), Zone(0), missed)
        self.flash = Flash()
        self.now = BEGIN
        self.told: list[int] = []
        self.boot()

    def publish(self, told: Told) -> None:
        assert isinstance(told, ProfileRecorded)
        assert told.number <= len(self.flash.records), "told before it is whole"
        self.told.append(told.number)

    def boot(self) -> None:
        self.store = Store(self.flash)
        self.totals = [0] * 8
        self.profile = LoadProfile(1, "profile", self.rules, self.store, self, lambda: 0, lambda: self.totals)  # type: ignore[arg-type]
        if self.flash.save is None:
            self.profile.begin(self.now, VALID)
        else:
            data, at_s, totals = self.flash.save
            self.totals[:] = totals
            self.profile.resume(parse_profile(data)[0], PowerDown(at_s, at_s, VALID, totals, True), self.now, VALID)
        self.save()

    def save(self) -> None:
        state = self.profile.state(self.now, self.totals)
        assert len(build_profile(state)) <= profile_bytes(1)
        kept = (build_profile(state), self.now, tuple(self.totals))

        def written(_sequence: int) -> None:
            self.profile.saved(state)

        self.store.put(Request("registers", repr(kept).encode(), written), 0)
        self.newest = kept

    def run(self, seconds: int) -> None:
        until = self.now + seconds
        while self.now < until:
            step = min(self.profile.next_end(self.now), until)
            self.totals[0] += (step - self.now) * 7 * UNIT // 3
            self.now = step
            if self.now % 1_800 == 0:
                self.profile.boundary(self.now, VALID)
                self.save()

    def set(self, by_s: int) -> None:
        self.profile.clock_set(self.now, self.now + by_s, VALID)
        self.now += by_s
        self.save()

    def write(self, heard: bool = True) -> bool:
        """The next record becomes whole; or it does in the moment of the cut, and nobody hears of it."""
        if not self.store.waiting:
            return False
        request = self.store.waiting.pop(0)
        if request.ring == "profile":
            assert self.flash.save is not None
            carried = parse_profile(self.flash.save[0])[0].closed
            assert parse_interval(request.payload).number <= carried, "recorded before a save that carries it is whole"
            self.flash.records.append(request.payload)
        else:
            data, at_s, totals = self.newest
            self.flash.save = (data, at_s, totals)
        if heard:
            request.written(1)
        return True

    def drop(self) -> None:
        """Power fail gives a record up that was begun, and the mains come back."""
        self.store.waiting = [request for request in self.store.waiting if request.ring != "profile"]
        self.save()

    def cut(self, seconds: int, unheard: bool) -> None:
        if unheard:
            self.write(heard=False)
        self.now += seconds
        self.boot()

    def intervals(self) -> list[ProfileInterval]:
        return [parse_interval(payload) for payload in self.flash.records]


ACTS = st.one_of(
    st.tuples(st.just("run"), st.integers(1, 6_000)),
    st.tuples(st.just("write"), st.integers(1, 9)),
    st.tuples(st.just("cut"), st.integers(0, 9_000)),
    st.tuples(st.just("unheard"), st.integers(0, 9_000)),
    st.tuples(st.just("set"), st.integers(-4_000, 4_000)),
    st.tuples(st.just("drop"), st.just(0)),
)


@settings(max_examples=300, deadline=None)
@given(st.booleans(), st.lists(ACTS, min_size=2, max_size=25))
def test_each_interval_is_recorded_once_wherever_power_is_cut(fill: bool, acts: list[tuple[str, int]]) -> None:
    meter = Meter(Missed.FILL if fill else Missed.GAP)
    unheard = 0
    for act, amount in acts:
        if act == "run":
            meter.run(amount)
        elif act == "write":
            for _ in range(amount):
                meter.write()
        elif act == "set":
            meter.set(amount)
        elif act == "drop":
            meter.drop()
        else:
            unheard += act == "unheard"
            meter.cut(amount, act == "unheard")
    meter.save()
    while meter.write():
        pass
    found = meter.intervals()
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert meter.told == sorted(set(meter.told))
    assert len(found) - len(meter.told) <= unheard
    state = meter.profile.state(meter.now, meter.totals)
    assert (state.closed, state.pending) == (len(found), ())
    assert sum(one.values[0] for one in found) * UNIT + state.unreported[0] == meter.totals[0]


def test_no_record_overtakes_the_save_that_carries_it() -> None:
    """The second interval ends while the first one's record waits, and its save is put off by a newer one."""
    meter = Meter()
    meter.run(1_800)
    meter.write()
    meter.run(1_800)
    meter.write()
    meter.save()
    meter.write()
    meter.cut(5, unheard=False)
    while meter.write():
        pass
    assert meter.told == [1, 2]


def test_what_waits_is_bounded_and_nothing_of_it_is_lost() -> None:
    """Nothing can be written for a day: the interval grows long, and holds all."""
    meter = Meter()
    meter.run(86_400)
    assert len(meter.profile.state(meter.now, meter.totals).pending) == PENDING_MOST
    while meter.write():
        pass
    meter.run(1_800)
    while meter.write():
        pass
    found = meter.intervals()
    assert [one.length_s for one in found] == [1_800] * PENDING_MOST + [86_400 - PENDING_MOST * 1_800 + 1_800]
    assert IntervalStatus.LONG in found[-1].status
    assert found[-1].missed == 86_400 // 1_800 - PENDING_MOST


def test_outages_while_nothing_can_be_recorded_add_no_more_than_may_wait() -> None:
    """The ring takes nothing, the saves do; each outage spans the end of an interval, and periods to fill."""
    meter = Meter(Missed.FILL)
    for _ in range(8):
        meter.run(1_000)
        meter.save()
        meter.store.waiting = [waiting for waiting in meter.store.waiting if waiting.ring == "registers"]
        meter.write()
        meter.cut(5_000, unheard=False)
    assert len(meter.profile.state(meter.now, meter.totals).pending) <= PENDING_MOST
    while meter.write():
        pass
    meter.run(1_800)
    while meter.write():
        pass
    found = meter.intervals()
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    state = meter.profile.state(meter.now, meter.totals)
    assert sum(one.values[0] for one in found) * UNIT + state.unreported[0] == meter.totals[0]


def test_a_save_that_has_rotted_tells_nothing_twice() -> None:
    """The journal is ahead of the save that a boot finds: what it has told is not told again, and no number comes
    twice."""
    meter = Meter()
    meter.run(1_000)
    while meter.write():
        pass
    old = meter.newest
    meter.run(4_000)
    while meter.write():
        pass
    meter.flash.save = old
    meter.cut(10, unheard=False)
    meter.run(4_000)
    while meter.write():
        pass
    found = meter.intervals()
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert IntervalStatus.CRITICAL_ERROR in found[2].status
    assert IntervalStatus.CRITICAL_ERROR not in found[3].status
    after = sum(one.values[0] for one in found[2:])
    assert after * UNIT <= meter.totals[0] - old[2][0]


def test_a_meter_that_lost_every_save_goes_on_behind_its_journal() -> None:
    meter = Meter()
    meter.run(4_000)
    while meter.write():
        pass
    meter.flash.save = None
    meter.cut(10, unheard=False)
    meter.profile.heard(Event.STATE_LOST, 0)
    meter.run(4_000)
    while meter.write():
        pass
    found = meter.intervals()
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert IntervalStatus.CRITICAL_ERROR in found[2].status


LAYOUTS = st.builds(
    Layout,
    st.sampled_from([60, 900, 3_600]),
    st.lists(st.sampled_from(sorted(CHANNELS.values())), max_size=CHANNELS_MOST, unique=True).map(tuple),
    st.integers(1, UNIT_MOST),
)
WORDS = st.integers(0, 2**32 - 1)
STATUSES = st.integers(0, 2**16 - 1).map(lambda word: IntervalStatus(word) & ~IntervalStatus.IRREGULAR)


@st.composite
def intervals(draw: st.DrawFn, layouts: st.SearchStrategy[Layout] = LAYOUTS) -> ProfileInterval:
    layout = draw(layouts)
    length_s, missed = draw(st.integers(0, SHORT_MOST)), draw(st.integers(0, SHORT_MOST))
    return ProfileInterval(
        number=draw(WORDS),
        end_s=draw(WORDS),
        offset_s=60 * draw(st.integers(-720, 840)),
        clock=draw(st.sampled_from(ClockStatus)),
        status=draw(STATUSES) | uneven(layout.period_s, length_s, missed),
        length_s=length_s,
        missed=missed,
        turn=draw(WORDS),
        layout=layout,
        values=tuple(draw(values(code)) for code in layout.channels),
    )


def values(code: int) -> st.SearchStrategy[int]:
    if channel_of(code).method is Method.READING:
        return WORDS
    return st.integers(NO_VALUE, VALUE_MOST)


@given(intervals(), st.binary(max_size=5))
def test_a_record_is_read_back_as_it_was(interval: ProfileInterval, behind: bytes) -> None:
    data = build_interval(interval)
    assert len(data) == interval_bytes(len(interval.values)) <= 112
    assert parse_interval(data + behind) == interval
    with pytest.raises(ValueError, match="profile record"):
        parse_interval(data[:-1])


@st.composite
def states(draw: st.DrawFn) -> ProfileState:
    layout = draw(LAYOUTS)
    count = len(layout.channels)
    pending = st.builds(Run, intervals(st.one_of(st.just(layout), LAYOUTS)), st.integers(1, 65_535))
    amounts = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=count, max_size=count)
    counts = st.lists(st.integers(0, 2**16 - 1), min_size=count, max_size=count)
    return ProfileState(
        number=draw(WORDS),
        end_s=draw(WORDS),
        length_s=draw(WORDS),
        status=draw(STATUSES),
        last_s=draw(WORDS),
        latest_s=draw(WORDS),
        stamp_s=draw(WORDS),
        turn=draw(WORDS),
        layout=layout,
        lasting=tuple(range(len(LASTING))),
        kept=(tuple(draw(amounts)), tuple(draw(counts))),
        pending=tuple(draw(st.lists(pending, max_size=PENDING_MOST))),
    )


@settings(max_examples=60)
@given(states(), st.binary(max_size=9))
def test_a_state_is_read_back_as_it_was(state: ProfileState, behind: bytes) -> None:
    data = build_profile(state)
    assert parse_profile(data + behind) == (state, behind)
    channels = max([len(state.layout.channels), *(len(run.first.layout.channels) for run in state.pending)])
    assert len(data) <= profile_bytes(channels)
    for cut in (0, 1, len(data) - 1):
        with pytest.raises(ValueError, match="profile"):
            parse_profile(data[:cut])


def test_a_record_of_sixteen_channels_fits_its_slot() -> None:
    assert interval_bytes(14) <= interval_bytes(16) <= 112
