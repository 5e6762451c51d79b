"""The squares of the voltages over time, from the sums of windows."""

from firmware.metrology import dsp
from firmware.metrology.window import Window
from hal.frontend import FULL_SCALE, SampleScale, SquareSums
from hal.units import S


class WindowSquares:
    """Sums windows; whatever lies between two of them is not measured, and not in the sum."""

    def __init__(self, scale: SampleScale) -> None:
        self._scale = scale
        self._squares = [0, 0, 0]
        self._length = 0

    def add(self, window: Window) -> None:
        row = window.row
        for element in range(3):
            self._squares[element] += row[dsp.V2 + element]
        self._length += row[dsp.END] - row[dsp.START]

    @property
    def sums(self) -> SquareSums:
        """Squares are counts, a sample long each; the time is that of the samples."""
        peak, rate = self._scale.voltage_peak_uv, self._scale.rate_hz
        first, second, third = (
            squares * peak * peak * S // (FULL_SCALE * FULL_SCALE * rate) for squares in self._squares
        )
        return SquareSums((first, second, third), self._length * S // (rate << dsp.FRACTION_BITS))
