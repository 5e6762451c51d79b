"""Every detectable fault leaves its event in the log, in the time allowed. Events bear the meter's own time, which is
never ahead of its clock, and that clock's status.

The time allowed counts while the meter has power; a fault whose time is not over when the run ends owes nothing yet.
"""

from collections.abc import Sequence

from firmware.clock.civil_clock import ClockStatus
from firmware.tariff.tariff import SAVE_PERIOD_S
from hal.probe import EventLogged
from sim.bench import Bench
from sim.faults import Fault
from sim.oracles.oracle import Oracle

_CLOCKS = frozenset(status.value for status in ClockStatus)


class EventsLogged(Oracle):
    name = "events"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self._faults = faults
        self._logged: list[tuple[int, str]] = []
        self._powered: list[list[int]] = []
        self._owed = 0

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        parts = bench.setting.parts
        apart_ppb = abs(parts.cpu_offset_ppb - parts.crystal.offset_ppb)
        self._ahead_s = 1 - (-apart_ppb * SAVE_PERIOD_S // 1_000_000_000)
        bench.probe.subscribe(EventLogged, self._log)
        bench.on_note(self._noted)

    def _log(self, at_ns: int, logged: EventLogged) -> None:
        self._logged.append((at_ns, logged.event))
        shown = self._bench.board.rtc.read()
        # Between two alarms of the RTC, a save period at most, the clock runs on the CPU's oscillator.
        # With a clock that knows no time, the meter's own is not to be seen from outside yet.
        if not shown.stopped and logged.utc_s > shown.utc_s + self._ahead_s:
            self.breaks(at_ns, f"event {logged.event} bears {logged.utc_s} s, the meter's clock shows {shown.utc_s} s")
        if logged.clock not in _CLOCKS:
            self.breaks(at_ns, f"event {logged.event} bears no clock status but {logged.clock!r}")

    def _noted(self, at_ns: int, who: str, text: str) -> None:
        if who != "power":
            return
        if text.startswith("up"):
            self._powered.append([at_ns, -1])
        elif text == "down":
            self._powered[-1][1] = at_ns

    def finish(self, bench: Bench) -> None:
        now = bench.world.now
        for fault in self._faults:
            for event, allowed in fault.events():
                deadline = self._deadline(fault.at_ns, allowed, now)
                if deadline is None:
                    continue
                self._owed += 1
                if not any(name == event.text and fault.at_ns <= at <= deadline for at, name in self._logged):
                    self.breaks(deadline, f"fault {fault.id} left no event {event.text}")

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
        return f"{self._owed} events owed to faults, all logged"
