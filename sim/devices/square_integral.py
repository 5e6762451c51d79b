"""The squares of voltages, summed over time in closed form: what a metering IC's sum of squared samples tends to.

Named parts sum squares over an interval (71M6543: VSQSUM, from memory); with others, as ADE9000, the program adds the
squares of their 10/12-cycle rms values (xVRMS1012), which is the same sum.
"""

from hal.frontend import SquareSums
from sim.physics.waves import MILLION, Segment


class SquareIntegral:
    """From its making on. Squares include harmonics."""

    def __init__(self, now_ns: int) -> None:
        self._at_ns = now_ns
        self._elapsed_ns = 0
        self._sums = [0, 0, 0]
        self._squares = (0, 0, 0)
        self._runs = False

    def change(self, now_ns: int, segment: Segment | None, elements: tuple[int, ...]) -> None:
        """The elements in use see other mains from now on; with None nothing is summed."""
        self._advance(now_ns)
        self._runs = segment is not None
        if segment is not None:
            first, second, third = (
                wave.square if number in elements else 0 for number, wave in enumerate(segment.voltages)
            )
            self._squares = (first, second, third)

    def at(self, now_ns: int) -> SquareSums:
        self._advance(now_ns)
        first, second, third = (total // MILLION**2 for total in self._sums)
        return SquareSums((first, second, third), self._elapsed_ns)

    def _advance(self, now_ns: int) -> None:
        passed_ns = now_ns - self._at_ns
        self._at_ns = now_ns
        if self._runs:
            self._elapsed_ns += passed_ns
            for number, square in enumerate(self._squares):
                self._sums[number] += square * passed_ns
