"""Whether a window of samples lies on the other side of a level than the last one, told from its raw sums.

A window a fifth of a second asks for next to nothing: levels are turned into sums beforehand, for each count of samples
that a window has, and nothing is divided. Who wants the values themselves asks the window for them.
"""

from bisect import bisect_right

from firmware.metrology import dsp
from hal.frontend import FULL_SCALE, Levels, SampleScale, Summation

_PRODUCT = FULL_SCALE * FULL_SCALE
_UV_NA_PER_UW = 10**9

Sides = tuple[int, ...]
"""For each quantity how many of its levels it reaches, then the sign of the voltages' rotation."""

_Thresholds = tuple[list[int], list[int], list[int], list[int]]


class PassedLevels:
    """The comparators of `hal.frontend.Levels` over rows of `dsp.measure`."""

    def __init__(
        self, levels: Levels, scale: SampleScale, elements: tuple[int, ...], summation: Summation = Summation.NET
    ) -> None:
        self._levels = levels
        self._scale = scale
        self._elements = elements
        self._moduli = summation is Summation.MODULI
        self._frequencies = [
            (level << dsp.PHASE_BITS) // (scale.rate_hz * 10**6) for level in sorted(levels.frequencies_uhz)
        ]
        self._by_samples: dict[int, _Thresholds] = {}

    def sides(self, row: list[int]) -> Sides:
        """On which sides of the levels the window lies."""
        samples = row[dsp.END] - row[dsp.START] >> dsp.FRACTION_BITS
        thresholds = self._by_samples.get(samples)
        if thresholds is None:
            thresholds = self._by_samples[samples] = self._sums(samples)
        voltages, currents, powers, totals = thresholds
        sides = []
        total = 0
        for element in self._elements:
            active = row[dsp.P + element]
            sides.append(bisect_right(voltages, row[dsp.V2 + element]))
            sides.append(bisect_right(currents, row[dsp.I2 + element]))
            sides.append(bisect_right(powers, active))
            total += abs(active) if self._moduli else active
        sides.append(bisect_right(totals, total))
        sides.append(bisect_right(self._frequencies, row[dsp.MEASURED]) if row[dsp.CYCLES] else -1)
        sides.append(rotation(row, self._elements) > 0)
        return tuple(sides)

    def _sums(self, samples: int) -> _Thresholds:
        levels, scale = self._levels, self._scale
        unit = scale.voltage_peak_uv * scale.current_peak_na
        per_uw = _UV_NA_PER_UW * _PRODUCT * samples

        def squares(rms: tuple[int, ...], peak: int) -> list[int]:
            return sorted(level * level * _PRODUCT * samples // (peak * peak) for level in rms)

        return (
            squares(levels.voltages_uv, scale.voltage_peak_uv),
            squares(levels.currents_na, scale.current_peak_na),
            sorted(level * per_uw // unit for level in levels.powers_uw),
            sorted(level * per_uw // unit for level in levels.total_powers_uw),
        )


def rotation(row: list[int], elements: tuple[int, ...]) -> int:
    """Above 0 where the phase voltages follow each other as L1, L2, L3; from the fundamentals, 0 for a single phase.

    With three elements it is twice the area of the triangle that the voltages span; with two, U32 leads U12 by a sixth
    of a turn.
    """
    if len(elements) == 3:
        return _cross(row, 1, 0) + _cross(row, 2, 1) + _cross(row, 0, 2)
    return _cross(row, elements[0], elements[1]) if len(elements) == 2 else 0


def _cross(row: list[int], first: int, second: int) -> int:
    """The cross product of two voltages: above 0 where the second leads the first."""
    return row[dsp.V_SIN + first] * row[dsp.V_COS + second] - row[dsp.V_COS + first] * row[dsp.V_SIN + second]
