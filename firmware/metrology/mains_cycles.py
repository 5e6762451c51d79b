"""The count of mains cycles of the sampled chain: whole cycles between zero crossings, and their share of a window."""

from firmware.metrology import dsp
from firmware.metrology.window import Window
from hal.units import S


class MainsCycles:
    """Cycles in 2**16ths. It never goes back; since the last window it goes on with that one's frequency."""

    def __init__(self, rate_hz: int, beyond_ns: int) -> None:
        """`beyond_ns` is how far it goes on: the longest time until a window is measured."""
        self._rate_hz = rate_hz
        self._beyond_ns = beyond_ns
        self._counted = 0
        self._counted_ns = 0
        self._increment = 0
        self._told = 0

    def add(self, window: Window) -> None:
        """Count a window; one in which no crossing was seen has no cycles."""
        row = window.row
        self._increment = row[dsp.MEASURED] if row[dsp.CYCLES] else 0
        if row[dsp.WHOLE]:
            self._counted += row[dsp.CYCLES] << dsp.FRACTION_BITS
        else:
            self._counted += self._increment * (row[dsp.END] - row[dsp.START]) >> dsp.PHASE_BITS
        self._counted_ns = window.end_ns

    def at(self, now_ns: int) -> int:
        """The count at an instant, interpolated."""
        since_ns = min(max(now_ns - self._counted_ns, 0), self._beyond_ns)
        samples = (since_ns * self._rate_hz << dsp.FRACTION_BITS) // S
        self._told = max(self._told, self._counted + (self._increment * samples >> dsp.PHASE_BITS))
        return self._told
