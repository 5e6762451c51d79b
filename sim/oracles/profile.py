"""The load profiles hold all that was registered, once, and in its place. For each of them:

- Intervals are numbered from 1 without a gap, and each is told exactly once. One that a cut made whole in its last
  moment, so that nobody was told, is found in flash.
- In every channel of an energy's advance the sum of all intervals, and what the meter says it has not reported yet, is
  the register's advance, to the nano-watt-hour. Beside such a channel, the readings and the demands of the same energy
  are within a unit of what it tells; and a mean lies between the least and the greatest value.
- An interval ends on the grid of its period, in local standard time, unless it is flagged as cut by a clock set; stamps
  rise, unless flagged as repeated; periods without an interval are counted by the next one. A filled one holds nothing.
- A day without gaps has as many intervals as its own stamps say: 46 half-hours in 23 h, 50 in 25 h.
- At the end the flash holds every interval that was whole, as far as its ring reaches, as it was told.

A meter that is programmed with another transformer ratio expresses its registers anew, and what it has not reported;
intervals that are closed stay as they are. Their sum then goes on from where the registers stand, less than a
nano-watt-hour for each rate and the carry off.

Registers that fell back to an older save, or to a billing set (flash damage), begin the sums anew.

A fault may take away the claim "journal": that what was whole stays in flash, and is told once. All else goes on to
hold.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from firmware.clock.civil import Zone
from firmware.config import Settings
from firmware.profile.config import ProfileConfig
from firmware.profile.interval import ProfileInterval
from hal.probe import Booted, ProfileRecorded, RegistersSaved, SecondProfileSaved
from hal.units import S
from sim.bench import Bench
from sim.oracles.agreed import Agreed
from sim.oracles.in_force import follow
from sim.oracles.oracle import Oracle
from sim.oracles.profile_channels import advance_of, beside, is_advance, name
from sim.oracles.profile_journal import journal, kept, told_of
from sim.oracles.ratio import factor

_DAY_S = 86_400

_CUT = frozenset({"clock-adjusted", "power-down", "parameter-changed"})
"""Flags of what may end an interval off the grid: a clock set, one that goes back in an outage, another layout."""

_NO_TIME = "invalid"
"""The status of a clock that has never been set: its stamps are no times."""

_JOURNAL = "journal"

_RECORD_NS = 60 * S
"""In this time a closed interval is in the journal; each of those that go before it has a second more."""


@dataclass(slots=True)
class _Day:
    """What a local day's intervals are, as their own stamps tell."""

    count: int
    whole: bool
    first_offset_s: int
    last_offset_s: int


@dataclass(frozen=True, slots=True)
class _Save:
    """What a save says of one profile: how many intervals are closed, and what is not reported yet."""

    sequence: int
    totals: tuple[int, ...]
    rates: int
    ratio: tuple[int, int]
    intervals: int
    unreported: tuple[int, ...]


class Profile(Oracle):
    name = "profile"

    def __init__(self, agreed: Agreed) -> None:
        super().__init__()
        self._agreed = agreed
        self._each: list[_One] = []
        self._second: SecondProfileSaved | None = None

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        self._each = [_One(bench, place, self.breaks) for place in range(len(bench.setting.config.profiles))]
        follow(bench, self._agreed, self._programmed)
        bench.probe.subscribe(Booted, self._boot)
        bench.probe.subscribe(SecondProfileSaved, self._second_saved)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(ProfileRecorded, self._recorded)

    def _programmed(self, _before: Settings, after: Settings) -> None:
        """Settings are in force that the next save has. A second profile that came or went begins with a boot."""
        count = len(after.profiles)
        self._each = self._each[:count]
        for one, profile in zip(self._each, after.profiles, strict=False):
            one.programmed(profile, after.period_of(profile), after.clock.zone)
        if len(self._each) < count:
            self._each.append(_One(self._bench, count - 1, self.breaks, after))

    def _boot(self, at_ns: int, booted: Booted) -> None:
        for one in self._each:
            one.boot(booted)

    def _second_saved(self, at_ns: int, saved: SecondProfileSaved) -> None:
        self._second = saved

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        common = saved.sequence, saved.totals, len(saved.rates), saved.ratio
        second, self._second = self._second, None
        if saved.unreported:
            self._each[0].saved(at_ns, _Save(*common, saved.intervals, saved.unreported))
        if len(self._each) == 1:
            return
        if second is None or second.sequence != saved.sequence:
            self.breaks(at_ns, f"save {saved.sequence} tells nothing of the second profile")
        else:
            self._each[1].saved(at_ns, _Save(*common, second.intervals, second.unreported))

    def _recorded(self, at_ns: int, interval: ProfileRecorded) -> None:
        if interval.profile > len(self._each):
            self.breaks(at_ns, f"an interval of profile {interval.profile}, which there is not")
        else:
            self._each[interval.profile - 1].recorded(at_ns, interval)

    def finish(self, bench: Bench) -> None:
        for one in self._each:
            one.finish()

    @property
    def message(self) -> str:
        return "; ".join(one.message for one in self._each)


class _One:
    """One profile, which is named in what is said of it if it is the second."""

    def __init__(
        self, bench: Bench, place: int, breaks: Callable[[int, str, str], None], settings: Settings | None = None
    ) -> None:
        """`settings` are those of a profile that the meter was not made with."""
        config = bench.setting.config if settings is None else settings
        profile = config.profiles[place]
        self._bench = bench
        self._profile = place + 1
        self._breaks = breaks
        self._period_s = config.period_of(profile)
        self._channels = profile.channels
        self._zone = self._zone_before = config.clock.zone
        self._told: dict[int, ProfileRecorded] = {}
        self._newest = 0
        self._sums = [0] * len(self._channels)
        self._base: tuple[int, ...] | None = None
        self._ratio = (1, 1)
        self._waiting: dict[int, tuple[int, _Save]] = {}
        self._last: ProfileRecorded | None = None
        self._latest_s = 0
        self._flagged = 0
        self._days: dict[int, _Day] = {}
        self._booted = False
        self._anew = False
        """The sums begin anew with the next save that they are held against."""
        self._fresh: set[int] = set()
        """The channels of which that is so."""
        if settings is not None:
            self._booted = True

    def programmed(self, profile: ProfileConfig, period_s: int, zone: Zone) -> None:
        """Another layout is in force: channels that both have go on, the others begin with the next save."""
        if (profile.channels, period_s, zone) == (self._channels, self._period_s, self._zone):
            return
        sums = dict(zip(self._channels, self._sums, strict=True))
        if self._base is not None:
            bases = dict(zip(self._channels, self._base, strict=True))
            self._base = tuple(bases.get(code, 0) for code in profile.channels)
        self._fresh |= set(profile.channels) - set(self._channels)
        self._sums = [sums.get(code, 0) for code in profile.channels]
        self._zone_before = self._zone
        self._channels, self._period_s, self._zone = profile.channels, period_s, zone
        self._waiting.clear()
        self._days.clear()

    def breaks(self, at_ns: int, message: str, claim: str = "") -> None:
        self._breaks(at_ns, message if self._profile == 1 else f"profile {self._profile}: {message}", claim)

    def boot(self, booted: Booted) -> None:
        self._booted = True
        # Without any save, the registers go on from a billing set, and what was reported since is not known.
        self._anew = self._anew or (not booted.save and self._base is not None)
        # What an older save was to be held against is forgotten: it may never have been made known.
        self._waiting.clear()

    def saved(self, at_ns: int, saved: _Save) -> None:
        if self._booted:
            self._booted = False
            self._begun(saved)
            if self._anew and saved.intervals < self._newest:
                # Numbers that nothing in flash tells of any more are given again.
                self._newest = saved.intervals
                self._last = self._told.get(self._newest)
                self._latest_s = 0 if self._last is None else self._last.utc_s
        self._overdue(at_ns)
        if saved.intervals > self._newest:
            self._waiting[saved.intervals] = (at_ns, saved)
        else:
            self._balance(at_ns, saved)

    def _overdue(self, now_ns: int) -> None:
        """What a whole save calls closed gets into the journal."""
        for number, (at_ns, _) in list(self._waiting.items()):
            if now_ns <= at_ns + _RECORD_NS + (number - self._newest) * S:
                continue
            self._look_up(now_ns, number + 1)
            if number > self._newest:
                self.breaks(now_ns, f"interval {number} is closed since {at_ns} ns, and not in the journal", _JOURNAL)

    def _begun(self, saved: _Save) -> None:
        """The first save of a life: the very first says where the registers began."""
        totals = self._totals(saved)
        if self._base is None:
            self._base = tuple(map(int.__sub__, totals, saved.unreported))
            self._ratio = saved.ratio
        else:
            slack = 0 if saved.ratio == self._ratio else saved.rates + 1
            known = [int(level) - slack for level in self._levels(saved.ratio)]
            if self._newest >= saved.intervals and any(map(int.__gt__, known, totals)):
                self._base = tuple(t - u - s for t, u, s in zip(totals, saved.unreported, self._sums, strict=True))
                self._ratio = saved.ratio

    def _levels(self, ratio: tuple[int, int]) -> list[Fraction]:
        """Up to where the registers are reported, as they would be under a ratio."""
        assert self._base is not None
        by = factor(self._ratio, ratio)
        return [(base + reported) * by for base, reported in zip(self._base, self._sums, strict=True)]

    def _reexpressed(self, at_ns: int, saved: _Save) -> None:
        """The first save under another ratio, all of whose intervals are told: the sums go on from there."""
        levels = self._levels(saved.ratio)
        now = [total - rest for total, rest in zip(self._totals(saved), saved.unreported, strict=True)]
        for code, level, stands in zip(self._channels, levels, now, strict=True):
            if abs(stands - level) > saved.rates + 1:
                text = f"{name(code)}: reported up to {stands} nWh, by the new ratio to {int(level)}"
                self.breaks(at_ns, text)
        self._base = tuple(map(int.__sub__, now, self._sums))
        self._ratio = saved.ratio

    def _totals(self, saved: _Save) -> tuple[int, ...]:
        return tuple(advance_of(code, saved.totals) for code in self._channels)

    def _balance(self, at_ns: int, saved: _Save) -> None:
        assert self._base is not None
        if self._anew:
            self._anew, self._ratio = False, saved.ratio
            stands = map(int.__sub__, self._totals(saved), saved.unreported)
            self._base = tuple(map(int.__sub__, stands, self._sums))
        if self._fresh:
            stands = map(int.__sub__, self._totals(saved), saved.unreported)
            begun = zip(self._channels, self._base, stands, self._sums, strict=True)
            self._base = tuple(now - told if code in self._fresh else base for code, base, now, told in begun)
            self._fresh.clear()
        if saved.ratio != self._ratio:
            self._reexpressed(at_ns, saved)
        parts = zip(self._channels, self._totals(saved), self._base, self._sums, saved.unreported, strict=True)
        for code, total, base, reported, rest in parts:
            if total - base != reported + rest:
                self.breaks(
                    at_ns,
                    f"{name(code)}: {saved.intervals} intervals hold {reported} nWh, {rest} are not reported, "
                    f"and save {saved.sequence} has registered {total - base}",
                )

    def recorded(self, at_ns: int, interval: ProfileRecorded) -> None:
        if interval.number > self._newest + 1:
            self._look_up(at_ns, interval.number)
        if interval.number != self._newest + 1:
            self.breaks(at_ns, f"interval {interval.number} is told after {self._newest}", _JOURNAL)
            if self._told.get(interval.number) == interval:
                return
            # One was lost before anybody was told; or the newest was, with every save that told of it, and its number
            # is given again. What flowed meanwhile is not to be known any more.
            self._anew, self._last = True, None
        self._take(at_ns, interval)

    def _look_up(self, at_ns: int, before: int) -> None:
        """Intervals that nobody was told of: a cut made them whole in its last moment."""
        missing = []
        for interval in journal(self._bench.board.flash, self._profile):
            if interval.number <= self._newest:
                break
            if interval.number < before:
                missing.append(interval)
        for interval in reversed(missing):
            self._take(at_ns, told_of(interval, self._profile))

    def _take(self, at_ns: int, interval: ProfileRecorded) -> None:
        self._newest = interval.number
        self._told[interval.number] = interval
        self._stamped(at_ns, interval)
        self._count_day(interval)
        sums = dict(zip(interval.kinds, interval.values, strict=True))
        for place, code in enumerate(self._channels):
            self._sums[place] += sums.get(code, 0) * interval.unit_nwh if is_advance(code) else 0
        self._compare(at_ns, interval)
        waiting = self._waiting.pop(interval.number, None)
        if waiting is not None:
            self._balance(*waiting)
        self._last = interval

    def _compare(self, at_ns: int, interval: ProfileRecorded) -> None:
        """What one interval tells of an energy in several ways must agree."""
        told = None
        if self._base is not None and not self._anew and interval.kinds == self._channels:
            told = [base + reported for base, reported in zip(self._base, self._sums, strict=True)]
        if told is not None and not {"critical-error", "parameter-changed"} & set(interval.status):
            for message in beside(interval, told):
                self.breaks(at_ns, f"interval {interval.number}: {message}")

    def _stamped(self, at_ns: int, interval: ProfileRecorded) -> None:
        flags, period_s, end_s = interval.status, interval.period_s, interval.utc_s
        self._flagged += bool(set(flags) - {"dst"})
        where = f"interval {interval.number} ends at {end_s} s"
        if (end_s + self._zone.standard_offset_s) % period_s and not _CUT & set(flags):
            self.breaks(at_ns, f"{where}, off the grid of {period_s} s, unflagged")
        if (end_s <= self._latest_s) != ("repeated" in flags):
            self.breaks(at_ns, f"{where}, the latest before at {self._latest_s} s; flags {flags}")
        self._latest_s = max(self._latest_s, end_s)
        if "parameter-changed" not in flags:
            self._zone_before = self._zone
        if interval.offset_s not in (self._zone.offset(end_s - 1), self._zone_before.offset(end_s - 1)):
            self.breaks(at_ns, f"interval {interval.number} bears the offset {interval.offset_s} s")
        if (interval.length_s < period_s) != ("short" in flags):
            self.breaks(at_ns, f"interval {interval.number} covers {interval.length_s} s; flags {flags}")
        advances = [value for code, value in zip(interval.kinds, interval.values, strict=True) if is_advance(code)]
        if not interval.length_s and any(advances) and "critical-error" not in flags:
            self.breaks(at_ns, f"interval {interval.number} covers no time, and holds energy")
        if self._last is not None and self._last.clock == _NO_TIME != interval.clock:
            if interval.missed:
                self.breaks(at_ns, f"{where}, the first with a time, and tells of {interval.missed} empty periods")
        elif self._last is not None:
            passed = (self._period_of(interval) - self._period_of(self._last)) // period_s - 1
            if max(passed, 0) != interval.missed:
                text = f"interval {interval.number} follows {passed} empty periods, and tells of {interval.missed}"
                self.breaks(at_ns, text)

    def _period_of(self, interval: ProfileRecorded) -> int:
        """The end of the whole period that an interval's stamp falls into."""
        offset_s = self._zone.standard_offset_s
        return -(-(interval.utc_s + offset_s) // interval.period_s) * interval.period_s - offset_s

    def _count_day(self, interval: ProfileRecorded) -> None:
        number = (interval.utc_s - 1 + interval.offset_s) // _DAY_S
        day = self._days.setdefault(number, _Day(0, True, interval.offset_s, interval.offset_s))
        day.count += 1
        day.last_offset_s = interval.offset_s
        whole = interval.length_s == interval.period_s and not interval.missed and "repeated" not in interval.status
        day.whole = day.whole and whole

    def _check_days(self, at_ns: int, period_s: int) -> None:
        for number in sorted(self._days)[1:-1]:
            day = self._days[number]
            length_s = _DAY_S + day.first_offset_s - day.last_offset_s
            if day.whole and number - 1 in self._days and day.count * period_s != length_s:
                self.breaks(at_ns, f"a day of {length_s} s has {day.count} intervals of {period_s} s")

    def finish(self) -> None:
        bench = self._bench
        now = bench.world.now
        self._check_days(now, self._period_s)
        held: dict[int, ProfileInterval] = {}
        before = 0
        for interval in journal(bench.board.flash, self._profile):
            if before and interval.number >= before:
                self.breaks(now, f"in flash, interval {interval.number} stands before {before}", _JOURNAL)
            before = interval.number
            held[interval.number] = interval
        least = max(self._newest - kept(bench.board.flash, self._profile) + 1, 1)
        first = max(min(least, *held, self._newest), 1) if held else least
        for number in range(first, self._newest + 1):
            interval_ = held.get(number)
            if interval_ is None:
                self.breaks(now, f"interval {number}, which was whole, is gone", _JOURNAL)
            elif number in self._told and told_of(interval_, self._profile) != self._told[number]:
                self.breaks(now, f"interval {number} in flash is not the one that was told", _JOURNAL)

    @property
    def message(self) -> str:
        return f"{self._newest} intervals and the carry are the registers' advance; {self._flagged} flagged"
