"""The meter's civil time as it can be seen from outside: by its own word while it runs, by its RTC while it is off."""

from typing import Final

from hal.probe import ClockSighted
from hal.units import S
from sim.bench import Bench

_LATELY_NS: Final = 10 * S
"""What was stamped before a clock was set back may still be on its way to flash."""


class MeterTime:
    """Follows the probe's sights of the clock; between two of them it runs on the CPU's oscillator, as the clock
    does."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._sight: ClockSighted | None = None
        self._before: ClockSighted | None = None
        self._moved_ns = 0
        bench.probe.subscribe(ClockSighted, self._sighted)
        bench.on_note(self._noted)

    def _sighted(self, at_ns: int, sight: ClockSighted) -> None:
        if self._sight is not None and sight.utc_ns < self._carried(self._sight, sight.at_ns) - S:
            self._before, self._moved_ns = self._sight, at_ns
        self._sight = sight

    def _noted(self, at_ns: int, who: str, text: str) -> None:
        if who == "power" and (text == "down" or text.startswith("up")):
            self._sight = self._before = None

    @staticmethod
    def _carried(sight: ClockSighted, mono_ns: int) -> int:
        elapsed_ns = mono_ns - sight.at_ns
        return sight.utc_ns + elapsed_ns + elapsed_ns * sight.rate_ppb // 1_000_000_000

    def shown_ns(self) -> int:
        """UTC in ns by the meter's clock, now."""
        board = self._bench.board
        return board.rtc.shown_ns() if self._sight is None else self._carried(self._sight, board.cpu.now())

    def latest_ns(self) -> int:
        """The latest time that the clock has shown in the last ten seconds."""
        shown_ns = self.shown_ns()
        if self._before is None or self._bench.world.now > self._moved_ns + _LATELY_NS:
            return shown_ns
        return max(shown_ns, self._carried(self._before, self._bench.board.cpu.now()))
