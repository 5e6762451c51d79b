"""Faults of the real-time clock. While it lies, what the meter's own time is can't be told from it."""

from collections.abc import Sequence

from firmware.events.codes import Event
from hal.probe import ClockChanged
from hal.units import HOUR, MINUTE, S
from sim.bench import Bench
from sim.faults.fault import Fault, Lasting
from sim.faults.owed import Owed
from sim.oracles.premise import Premise
from sim.scenario import power_faults as tables
from sim.scenario.quantities import format_duration

_NOTICED_NS = HOUR
"""An RTC that does not tell the time is found out by then."""

_LOOKED_NS = 30 * MINUTE
"""It is looked at twice in that time, at the least."""

_TELLABLE_S = 60
"""A leap of less may pass for drift."""


class _Untrue:
    """From the fault until the clock is set, the RTC's count is no measure of the meter's own time."""

    def __init__(self) -> None:
        self.begun_ns: int | None = None
        self._first_ns: int | None = None
        self._set_ns: int | None = None

    def watch(self, bench: Bench) -> None:
        def changed(at_ns: int, change: ClockChanged) -> None:
            if self.begun_ns is not None and change.reason == "set":
                self._first_ns = at_ns if self._first_ns is None else self._first_ns
                self._set_ns = at_ns

        bench.probe.subscribe(ClockChanged, changed)

    def set_by(self, instant_ns: int) -> bool:
        """Whether somebody set the clock before an instant, and so the RTC."""
        return self._first_ns is not None and self._first_ns <= instant_ns

    def premises(self, lies_until_ns: int | None) -> Sequence[Premise]:
        """Until the clock is set, once what made the RTC lie is over."""
        if self.begun_ns is None:
            return ()
        cured = self._set_ns is not None and (lies_until_ns is None or self._set_ns >= lies_until_ns)
        return [Premise("events", self.begun_ns, self._set_ns if cured else None)]


def _found_out(fault: Fault, untrue: _Untrue) -> Sequence[Owed]:
    """A meter that goes on working finds out, unless somebody sets its clock before."""
    if not fault.effect or untrue.set_by(fault.at_ns + _LOOKED_NS):
        return ()
    return [Owed(Event.RTC_FAILED, fault.at_ns, _NOTICED_NS, unbroken_ns=_LOOKED_NS)]


class _Struck(Fault):
    """A fault of the RTC that is done at once."""

    suspends = ("events",)

    def __init__(self, given: tables.RtcJump | tables.RtcEpoch) -> None:
        super().__init__(given)
        self._untrue = _Untrue()

    def watch(self, bench: Bench) -> None:
        self._untrue.watch(bench)

    def premises(self) -> Sequence[Premise]:
        return self._untrue.premises(self.at_ns)


class _Lying(Lasting):
    """A fault of the RTC that lasts."""

    suspends = ("events",)

    def __init__(self, given: tables.RtcStop | tables.RtcDrift | tables.RtcGarbage) -> None:
        super().__init__(given)
        self._untrue = _Untrue()

    def watch(self, bench: Bench) -> None:
        self._untrue.watch(bench)

    def premises(self) -> Sequence[Premise]:
        return self._untrue.premises(self.end_ns)


class RtcStop(_Lying):
    """The counter was running."""

    given: tables.RtcStop
    owes = (Event.RTC_FAILED,)

    def begin(self, bench: Bench) -> None:
        rtc = bench.board.rtc
        if rtc.running:
            self.effect = "the counter stood still"
            self._untrue.begun_ns = self.at_ns
        rtc.halt(flagged=self.given.flagged)

    def end(self, bench: Bench) -> None:
        bench.board.rtc.resume()

    def events(self) -> Sequence[Owed]:
        lasts = self.end_ns is None or self.end_ns - self.at_ns >= _LOOKED_NS
        return _found_out(self, self._untrue) if lasts or self.given.flagged else ()


class RtcDrift(_Lying):
    """The counter was running.

    A meter without another clock to hold it against can't tell a drift, and owes no event.
    """

    given: tables.RtcDrift

    def begin(self, bench: Bench) -> None:
        rtc = bench.board.rtc
        if rtc.running and self.given.offset_ppb:
            self.effect = "the counter ran off"
            self._untrue.begun_ns = self.at_ns
        rtc.detune(self.given.offset_ppb)

    def end(self, bench: Bench) -> None:
        bench.board.rtc.detune(-self.given.offset_ppb)


class RtcJump(_Struck):
    """The counter was running, and shows another time."""

    given: tables.RtcJump
    owes = (Event.RTC_FAILED,)

    def begin(self, bench: Bench) -> None:
        rtc = bench.board.rtc
        before = rtc.shown_ns()
        rtc.jump(self.given.by_ns)
        if rtc.running and rtc.shown_ns() != before:
            self.effect = f"the counter leapt by {format_duration(abs(self.given.by_ns))}"
            self._untrue.begun_ns = self.at_ns

    def events(self) -> Sequence[Owed]:
        return _found_out(self, self._untrue) if abs(self.given.by_ns) >= _TELLABLE_S * S else ()


class RtcGarbage(_Lying):
    """The firmware read it, and got garbage."""

    given: tables.RtcGarbage
    owes = (Event.RTC_FAILED,)

    def begin(self, bench: Bench) -> None:
        rtc = bench.board.rtc
        self._before = rtc.garbled_reads
        self._untrue.begun_ns = self.at_ns
        rtc.garble(True)

    def look(self, bench: Bench) -> None:
        reads = bench.board.rtc.garbled_reads - self._before
        if reads:
            self.effect = f"{reads} reads brought garbage"

    def end(self, bench: Bench) -> None:
        bench.board.rtc.garble(False)

    def events(self) -> Sequence[Owed]:
        lasts = self.end_ns is not None and self.end_ns - self.at_ns >= _LOOKED_NS
        return _found_out(self, self._untrue) if lasts else ()


class RtcEpoch(_Struck):
    """The counter did not stand at its epoch."""

    given: tables.RtcEpoch
    owes = (Event.RTC_FAILED,)

    def begin(self, bench: Bench) -> None:
        rtc = bench.board.rtc
        before = rtc.shown_ns()
        rtc.reset_to_epoch(flagged=self.given.flagged)
        if before - rtc.shown_ns() >= S:
            self.effect = "the counter fell back to its epoch"
            self._untrue.begun_ns = self.at_ns

    def events(self) -> Sequence[Owed]:
        return _found_out(self, self._untrue)
