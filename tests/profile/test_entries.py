"""Reading by number and by time finds what a search through everything finds, and reads little more than that."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.profile.config import Missed
from firmware.profile.entries import Entries
from firmware.profile.interval import Layout, ProfileInterval, build_interval
from firmware.profile.recorder import ProfileRules
from firmware.storage.record import Defect, Record
from firmware.storage.region import Region
from tests.profile.test_recorder import BERLIN, EVENING, UNIT, Meter, meter

LAYOUTS = (Layout(1_800, (0, 2), UNIT), Layout(900, (0,), UNIT), Layout(3_600, (2, 0), 10 * UNIT))


@dataclass
class Shelf:
    """A ring of few sectors, whose oldest sector goes when it is full; some slots hold no whole record."""

    sectors: int
    torn: list[bool]
    skips: list[bool]
    records: dict[int, bytes] = field(default_factory=dict)
    firsts: list[int] = field(default_factory=list)
    next: int = 1
    newest_sequence: int = 0
    seen: set[int] = field(default_factory=set)
    region: Region = field(init=False)

    def __post_init__(self) -> None:
        # 32 slots a page, so that there are four in a sector of two pages of 512 bytes.
        self.region = Region("profile", 5, 0, self.sectors + 3, 128, 512, 1_024, 1)

    @property
    def sectors_held(self) -> tuple[int, ...]:
        return tuple(first for first in self.firsts if first <= self.newest_sequence)

    def read(self, sequence: int) -> Record | Defect:
        assert any(first <= sequence < first + self.region.slots_per_sector for first in self.firsts)
        self.seen.add(self.region.sector_of(sequence))
        if sequence in self.records:
            return Record(5, 0, sequence, self.records[sequence])
        return Defect.BLANK if sequence >= self.next else Defect.CRC

    def append(self, interval: ProfileInterval) -> None:
        while self._take() and self.torn.pop():
            # Cut, and written again.
            pass
        self.records[self.next - 1] = build_interval(interval)
        self.newest_sequence = self.next - 1

    def _take(self) -> bool:
        slots = self.region.slots_per_sector
        if (self.next - 1) % slots == 0:
            if self.skips and self.skips.pop():
                # A worn sector is stepped over.
                self.next += slots
            self.firsts.append(self.next)
            if len(self.firsts) > self.sectors:
                gone = self.firsts.pop(0)
                self.records = {at: data for at, data in self.records.items() if at >= gone + slots}
        self.next += 1
        return bool(self.torn)


@dataclass
class Life:
    """A recorder whose layout may change in an outage."""

    meter: Meter

    def act(self, act: str, amount: int) -> None:
        if act == "run":
            self.meter.run(amount, UNIT)
        elif act == "set":
            self.meter.set(amount)
        elif act == "layout":
            self.meter.rules = replace(self.meter.rules, layout=LAYOUTS[amount % len(LAYOUTS)])
            self.meter.outage(amount)
        else:
            self.meter.outage(amount)


ACTS = st.one_of(
    st.tuples(st.just("run"), st.integers(0, 40_000)),
    st.tuples(st.just("run"), st.integers(0, 40_000)),
    st.tuples(st.just("outage"), st.one_of(st.integers(-9_000, 9_000), st.integers(0, 90_000))),
    st.tuples(st.just("set"), st.one_of(st.integers(-90_000, 90_000), st.integers(-4_000, 4_000))),
    st.tuples(st.just("layout"), st.integers(0, 5_000)),
)


@settings(max_examples=150, deadline=None)
@given(
    st.booleans(),
    st.lists(ACTS, min_size=1, max_size=16),
    st.lists(st.integers(0, 3).map(lambda draw: draw == 0), max_size=60),
    st.lists(st.booleans(), max_size=6),
    st.integers(2, 40),
    st.data(),
)
def test_what_is_found_is_what_a_search_through_all_finds(
    fill: bool, acts: list[tuple[str, int]], torn: list[bool], skips: list[bool], sectors: int, data: st.DataObject
) -> None:
    """Over clock sets, outages, other layouts, torn slots, sectors stepped over, and a ring that has wrapped around."""
    life = Life(meter(now=EVENING, missed=Missed.FILL if fill else Missed.GAP))
    life.meter.rules = ProfileRules(LAYOUTS[0], BERLIN, life.meter.rules.missed)
    for act, amount in acts:
        life.act(act, amount)
    shelf = Shelf(sectors, torn, skips)
    everything = life.meter.intervals()
    for interval in everything:
        shelf.append(interval)
    kept = [one for one in everything if any(data == build_interval(one) for data in shelf.records.values())]
    naive = sorted(kept, key=lambda one: one.number)
    known = (shelf.newest_sequence, everything[-1]) if everything and data.draw(st.booleans()) else None
    entries = Entries(shelf, known)
    assert entries.newest == (naive[-1] if naive else None)
    assert entries.oldest == (naive[0] if naive else None)
    stamps = [one.end_s for one in everything] or [EVENING]
    when = st.one_of(st.sampled_from(stamps), st.integers(min(stamps) - 5_000, max(stamps) + 5_000))
    for _ in range(3):
        first, last = data.draw(when), data.draw(when)
        wanted = [one for one in naive if first <= one.end_s <= last]
        assert list(Entries(shelf, known).by_time(first, last)) == wanted
        assert list(entries.by_time(first, last, newest_first=True)) == wanted[::-1]
        low, high = data.draw(st.integers(0, len(everything) + 2)), data.draw(st.integers(0, len(everything) + 2))
        wanted = [one for one in naive if low <= one.number <= high]
        assert list(Entries(shelf, known).by_number(low, high)) == wanted
        assert list(entries.by_number(low, high, newest_first=True)) == wanted[::-1]


def filled(days: int, spoil: Callable[[Meter, int], None]) -> tuple[Shelf, list[ProfileInterval]]:
    """A ring with so many days of half-hours; `spoil` is what happens on each day."""
    ours = meter(now=EVENING)
    for day in range(days):
        ours.run(86_400, UNIT)
        spoil(ours, day)
    shelf = Shelf(days * 48, [], [])
    everything = ours.intervals()
    for interval in everything:
        shelf.append(interval)
    return shelf, everything


def test_nothing_but_the_day_is_read_where_no_interval_is_missing() -> None:
    shelf, everything = filled(60, lambda _meter, _day: None)
    for day in (1, 30, 58):
        begin = EVENING - EVENING % 86_400 + day * 86_400
        shelf.seen.clear()
        entries = Entries(shelf, (shelf.newest_sequence, everything[-1]))
        found = list(entries.by_time(begin + 1_800, begin + 86_400))
        assert len(found) == 48
        # The day's own slots.
        assert len(shelf.seen) == len({shelf.region.sector_of(one.number) for one in found})


def test_outages_and_clock_sets_cost_some_sectors_and_no_search_through_all() -> None:
    """An outage each day, and a clock set back each tenth day: six more rows to go back through."""

    def spoil(ours: Meter, day: int) -> None:
        ours.outage(3_000 + 977 * day)
        if day % 10 == 5:
            ours.set(-5_000)

    shelf, everything = filled(60, spoil)
    begin = everything[len(everything) // 3].end_s
    entries = Entries(shelf, (shelf.newest_sequence, everything[-1]))
    found = list(entries.by_time(begin, begin + 86_400))
    assert found == [one for one in everything if begin <= one.end_s <= begin + 86_400]
    own = len({shelf.region.sector_of(one.number) for one in found})
    assert len(shelf.sectors_held) > 500
    assert len(shelf.seen) <= own + 60
