"""Every detectable fault leaves its event in the log, in the time allowed: with the meter's own time of it, and with
that clock's status. No event bears a time that is ahead of the meter's clock.

The time allowed counts while the meter has power; a fault whose time is not over when the run ends owes nothing yet.
An event that a cut left whole in its last moment was told to nobody, and is in the log all the same.

What status the meter's clock has, its RTC tells, and while it is off what time it is. While the RTC lies, this oracle's
premise is gone: events are owed all the same, only their time and status can't be judged. While the queue of the log
overflows, the claim "owed" is gone: that an event is logged at all. A clock whose setting a cut broke off may be in
doubt or not, until it is set.

The logs share one count of events, and each log rises in it. An input or a condition that chatters leaves no more than
it may, and a sum of the rest: `sim.oracles.input_limit`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.clock.civil_clock import ClockStatus
from firmware.events.book import OVER
from firmware.events.codes import Event
from firmware.tariff.tariff import SAVE_PERIOD_S
from hal.probe import Booted, ClockChanged, EventLogged, RegistersSaved
from hal.units import S
from sim.bench import Bench
from sim.faults.fault import Fault
from sim.faults.owed import Owed, Stamp
from sim.oracles.input_limit import ENTRIES_MOST, InputLimit, subject
from sim.oracles.meter_time import MeterTime
from sim.oracles.oracle import Oracle
from sim.oracles.reread import logged as logged_in

_CLOCKS: Final = frozenset(status.value for status in ClockStatus)
_TRUSTED: Final = frozenset({ClockStatus.VALID.value, ClockStatus.ADJUSTED.value})
_OWED: Final = "owed"
"""The claim that an event is logged at all."""

_SETTING_SAVES: Final = 3
"""A clock is set with two saves: one before its RTC is, one after that. Another may have been under way."""

_SLACK_S: Final = 2
"""Seconds are cut off on both sides, and an event is stamped before it is in flash."""


@dataclass(frozen=True, slots=True)
class _Logged:
    """An event in the log, and what the meter's clock and the last boot said when it came there."""

    at_ns: int
    record: EventLogged
    shown_s: int
    judged: bool
    """The meter's time was to be seen."""
    saved_s: int | None
    """The meter's time in the save that this life went on from; None if nobody was told of it."""
    lost: bool
    """The RTC had lost the time, and nobody has set it since."""
    broken_off: bool
    """The clock was being set when the power was cut, and nobody has set it since."""


class EventsLogged(Oracle):
    name = "events"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self._faults = faults
        self._logged: list[_Logged] = []
        self._powered: list[list[int]] = []
        self._shown: dict[int, int] = {}
        """What the meter's clock showed, in s, at the instants at which a fault or the power did something."""
        self._saves: dict[int, int] = {}
        self._saved_s: int | None = None
        self._boots: list[tuple[int, int]] = []
        """Instants of boots, and the saves that they went on from."""
        self._lost = False
        self._setting = 0
        """So many saves may belong to a clock set still."""
        self._broken_off = False
        self._limit = InputLimit()
        self._newest: dict[str, tuple[int, int]] = {}
        """By log: the number and the place of its newest entry."""
        self._per_log: dict[str, int] = {}
        self._owed = 0

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        self._time = MeterTime(bench)
        parts = bench.setting.parts
        apart_ppb = abs(parts.cpu_offset_ppb - parts.crystal.offset_ppb)
        self._ahead_s = 1 - (-apart_ppb * SAVE_PERIOD_S // 1_000_000_000)
        bench.probe.subscribe(EventLogged, self._log)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(Booted, self._booted)
        bench.probe.subscribe(ClockChanged, self._changed)
        bench.on_note(self._noted)

    # What is seen

    def _log(self, at_ns: int, logged: EventLogged) -> None:
        rtc = self._bench.board.rtc
        shown_s = self._time.shown_ns() // S
        latest_s = self._time.latest_ns() // S
        # With a clock that knows no time, the meter's own is not to be seen from outside yet.
        judged = not rtc.stopped and not self.suspended(at_ns)
        self._logged.append(_Logged(at_ns, logged, shown_s, judged, self._saved_s, self._lost, self._broken_off))
        # Between two alarms of the RTC, a save period at most, the clock runs on the CPU's oscillator.
        if judged and logged.utc_s > latest_s + self._ahead_s:
            self.breaks(at_ns, f"event {logged.event} bears {logged.utc_s} s, the meter's clock shows {latest_s} s")
        if not self._limit.heard(at_ns, logged):
            self.breaks(at_ns, f"event {logged.event} is one more than the {ENTRIES_MOST} of its input within an hour")
        self._count(at_ns, logged)
        if logged.clock not in _CLOCKS:
            self.fails(at_ns, f"event {logged.event} bears no clock status but {logged.clock!r}")

    def _count(self, at_ns: int, logged: EventLogged) -> None:
        """Numbers rise within each log, and no two events of a run share one."""
        before = self._newest.get(logged.log, (0, 0))
        if logged.sequence <= before[0] or logged.place <= before[1]:
            self.breaks(
                at_ns, f"event {logged.event} is number {logged.sequence} of log {logged.log} after {before[0]}"
            )
        self._newest[logged.log] = logged.sequence, logged.place
        self._per_log[logged.log] = self._per_log.get(logged.log, 0) + 1

    def _saved(self, _at_ns: int, saved: RegistersSaved) -> None:
        self._setting = max(self._setting - 1, 0)
        self._saves = {saved.sequence: saved.utc_s, **dict(list(self._saves.items())[:2])}

    def _booted(self, at_ns: int, booted: Booted) -> None:
        self._boots.append((at_ns, booted.save))
        self._limit.booted(at_ns)
        self._saved_s = self._saves.get(booted.save)

    def _changed(self, _at_ns: int, changed: ClockChanged) -> None:
        if changed.reason == "set":
            self._lost = self._broken_off = False
            self._setting = _SETTING_SAVES

    def _noted(self, at_ns: int, who: str, text: str) -> None:
        if who not in ("power", "fault"):
            return
        self._shown[at_ns] = self._time.shown_ns() // S
        if who == "fault":
            return
        if text.startswith("up"):
            self._powered.append([at_ns, -1])
            self._lost = self._lost or self._bench.board.rtc.stopped
            self._broken_off = self._broken_off or self._setting > 0
            self._setting = 0
        elif text == "down":
            self._powered[-1][1] = at_ns

    # What is owed

    def finish(self, bench: Bench) -> None:
        now = bench.world.now
        self._logged = sorted([*self._logged, *self._untold(bench)], key=lambda logged: logged.at_ns)
        for fault in self._faults:
            for owed in fault.events():
                deadline = self._deadline(owed.from_ns, owed.within_ns, now)
                if deadline is not None and self._unbroken(owed) and self._begun(owed):
                    self._owed += 1
                    self._hold(fault, owed, deadline)

    def _untold(self, bench: Bench) -> Iterator[_Logged]:
        """Events that are whole in flash, and were told to nobody: a cut stopped the meter in that moment."""
        told = {logged.record.sequence: logged.at_ns for logged in self._logged}
        downs = [down_ns for _, down_ns in self._powered if down_ns >= 0]
        last_ns = 0
        for record in logged_in(bench.board.flash):
            if record.sequence in told:
                last_ns = told[record.sequence]
            else:
                last_ns = min((down_ns for down_ns in downs if down_ns >= last_ns), default=bench.world.now)
                yield _Logged(last_ns, record, 0, False, None, False, False)

    def _hold(self, fault: Fault, owed: Owed, deadline: int) -> None:
        found = [
            logged
            for logged in self._logged
            if logged.record.event == owed.event.text
            and owed.from_ns <= logged.at_ns <= deadline
            and owed.detail in (None, subject(logged.record.event, logged.record.detail))
        ]
        if not found and (
            self._told_before(owed)
            or self._lost_in_queue(owed, deadline)
            or self._past_unknown(owed)
            or self._in_a_sum(owed, deadline)
        ):
            return
        if not found:
            detail = "" if owed.detail is None else f" with detail {owed.detail}"
            self.fails(deadline, f"fault {fault.id} left no event {owed.event.text}{detail}")
            return
        wrong = [self._wrong(owed, logged) for logged in found]
        if all(wrong):
            self.breaks(found[0].at_ns, f"fault {fault.id} left {owed.event.text}, {wrong[0]}")

    def _lost_in_queue(self, owed: Owed, deadline: int) -> bool:
        """Whether a fault let the log's queue overflow meanwhile."""
        return any(
            premise.oracle == self.name and premise.claim == _OWED and premise.gone(owed.from_ns, deadline)
            for premise in self._premises()
        )

    def _in_a_sum(self, owed: Owed, deadline: int) -> bool:
        """Whether it is about an input or condition that chatters, and the sum of its changes is told; or it is that
        sum, and the life that counted ended before."""
        if owed.event is Event.INPUT_CHATTER:
            return self._limit.reborn(owed.from_ns, deadline)
        lasts = [end for begin, end in self._powered if begin <= owed.from_ns and not 0 <= end < owed.from_ns]
        now = self._bench.world.now
        return self._limit.sums(
            owed.event, owed.detail or 0, owed.from_ns, now if not lasts or lasts[-1] < 0 else lasts[-1]
        )

    def _past_unknown(self, owed: Owed) -> bool:
        """Whether it is about a past of which the boot found no save at all; that it must not be so is for others."""
        boots = [save for at_ns, save in self._boots if at_ns >= owed.from_ns]
        return owed.stamp is Stamp.SAVED and boots[:1] == [0]

    def _told_before(self, owed: Owed) -> bool:
        """Whether the log says so already: the same was told, and not that it was over."""
        over = OVER.get(owed.event)
        if over is None:
            return False
        told = False
        for logged in self._logged:
            if logged.at_ns < owed.from_ns and owed.detail in (None, logged.record.detail):
                told = logged.record.event == owed.event.text or (told and logged.record.event != over.text)
        return told

    def _unbroken(self, owed: Owed) -> bool:
        """Whether the power lasted as long as the event needs."""
        end_ns = owed.from_ns + owed.unbroken_ns
        return not owed.unbroken_ns or any(
            begin <= owed.from_ns and (end < 0 or end_ns < end) for begin, end in self._powered
        )

    def _begun(self, owed: Owed) -> bool:
        """Whether what it says is over was ever told."""
        began = next((event for event, over in OVER.items() if over is owed.event), None)
        return began is None or any(
            logged.record.event == began.text and logged.at_ns < owed.from_ns for logged in self._logged
        )

    def _wrong(self, owed: Owed, logged: _Logged) -> str:
        """What is wrong with the time or the clock status of an event; nothing if it is right, or can't be judged."""
        if not logged.judged:
            return ""
        trusted = logged.record.clock in _TRUSTED
        past = owed.stamp is Stamp.SAVED or (owed.stamp is Stamp.EITHER and logged.record.utc_s == logged.saved_s)
        if past:
            if logged.saved_s is not None and logged.record.utc_s != logged.saved_s:
                return f"which bears {logged.record.utc_s} s; the save that it went on from bears {logged.saved_s} s"
            return ""
        if trusted is logged.lost and not logged.broken_off:
            lost = "had" if logged.lost else "has not"
            return f'whose clock is "{logged.record.clock}", and the RTC {lost} lost the time'
        shown_s = self._shown.get(owed.from_ns, logged.shown_s)
        passed_s = -(-(logged.at_ns - owed.from_ns) // S)
        first_s = min(shown_s, logged.shown_s - passed_s) - _SLACK_S
        if not first_s <= logged.record.utc_s <= logged.shown_s + self._ahead_s:
            return f"which bears {logged.record.utc_s} s, not one from {first_s} to {logged.shown_s + self._ahead_s} s"
        return ""

    def _deadline(self, at_ns: int, allowed_ns: int, now_ns: int) -> int | None:
        """When `allowed_ns` of powered time after `at_ns` are over; None if the run ends sooner."""
        left = allowed_ns
        for begin, end in self._powered:
            begin, end = max(begin, at_ns), now_ns if end < 0 else end
            if end - begin >= left:
                return begin + left
            left -= max(end - begin, 0)
        return None

    @property
    def message(self) -> str:
        logs = ", ".join(f"{log} {count}" for log, count in sorted(self._per_log.items()))
        return f"{self._owed} events owed to faults, all logged; entries: {logs or 'none'}"
