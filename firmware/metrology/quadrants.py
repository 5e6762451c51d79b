"""Four-quadrant energy: what the sums of a window add to the eight energies, exactly."""

from fractions import Fraction
from math import isqrt

from firmware.metrology import dsp
from hal.energy import ENERGY_KINDS
from hal.frontend import FULL_SCALE, SampleScale, Summation

_PRODUCT = FULL_SCALE * FULL_SCALE
_UV_NA_PER_UW = 10**9
_NOTHING = (0,) * len(ENERGY_KINDS)

_Direction = tuple[bool, bool]
"""Whether P is negative, and whether Q is."""


class FourQuadrantEnergy:
    """Turns the sums of each window into nWh, nvarh and nVAh; what is left of a count goes to the next window.

    Active energy is the sum of all products of voltage and current. Reactive energy is that of the fundamental, by the
    demodulated voltage and current; apparent energy the arithmetic sum of Vrms * Irms of the elements. Quadrants go by
    the signs of total P and Q; apparent energy goes with P. Active and reactive energy count from `start_power_uw` of
    the window's |P| and |Q| on, apparent energy with either, and from as much of its own on: it may be much while P and
    Q of the elements cancel. A P below it has no sign, and passes for import.

    In less than a cycle the products may sum to the opposite of the power's direction, so a window without one whole
    cycle goes where the last one went. Should that lower a register, the register waits, and the debt is carried. So it
    is with the sign of an element, where moduli are summed.
    """

    def __init__(
        self,
        scale: SampleScale,
        elements: tuple[int, ...],
        start_power_uw: int,
        summation: Summation = Summation.NET,
    ) -> None:
        unit = scale.voltage_peak_uv * scale.current_peak_na
        nwh_per_count = Fraction(unit, _UV_NA_PER_UW * 3_600 * _PRODUCT * scale.rate_hz) * 1_000
        self._numerator, self._denominator = nwh_per_count.as_integer_ratio()
        self._elements = elements
        self._unit = unit << dsp.FRACTION_BITS
        self._start_limit = start_power_uw * _UV_NA_PER_UW * _PRODUCT
        self._remainders = [0] * len(ENERGY_KINDS)
        self._direction: _Direction | None = None
        self._moduli = summation is Summation.MODULI
        self._turned = [1, 1, 1]

    def add(self, row: list[int]) -> tuple[int, ...]:
        """The eight energies of a window, given as a row of `dsp.measure`."""
        length = row[dsp.END] - row[dsp.START]
        active, cross, apparent = 0, 0, 0
        if self._moduli and row[dsp.CYCLES] > 0:
            self._turned = [-1 if product < 0 else 1 for product in row[dsp.P : dsp.P + 3]]
        for element in self._elements:
            active += self._turned[element] * row[dsp.P + element]
            cross += demodulated_cross(row, element)
            apparent += apparent_counts(row, element)
        reactive = reactive_counts(cross, length)
        limit = self._start_limit * length
        active_counts = abs(active) * self._unit >= limit
        reactive_counted = abs(reactive) * self._unit >= limit
        if not (active_counts or reactive_counted or apparent * self._unit >= limit):
            return _NOTHING
        exported, negative = self._directed(row[dsp.CYCLES] > 0, (active_counts and active < 0, reactive < 0))
        counts: list[tuple[int, int]] = [(7 if exported else 6, apparent)]
        if active_counts:
            counts.append((1, -active) if exported else (0, active))
        if reactive_counted:
            quadrant = (4 if exported else 5) if negative else (3 if exported else 2)
            counts.append((quadrant, -reactive if negative else reactive))
        return self._deliver(counts)

    def _directed(self, whole_cycle: bool, own: _Direction) -> _Direction:
        if whole_cycle:
            self._direction = own
            return own
        direction, self._direction = self._direction, None
        return own if direction is None else direction

    def _deliver(self, counts: list[tuple[int, int]]) -> tuple[int, ...]:
        energies = [0] * len(ENERGY_KINDS)
        for kind, count in counts:
            total = self._remainders[kind] + count * self._numerator
            energies[kind] = max(total // self._denominator, 0)
            self._remainders[kind] = total - energies[kind] * self._denominator
        return tuple(energies)


def demodulated_cross(row: list[int], element: int) -> int:
    """The cross product of an element's demodulated voltage and current, positive where the current lags."""
    return row[dsp.V_COS + element] * row[dsp.I_SIN + element] - row[dsp.V_SIN + element] * row[dsp.I_COS + element]


def apparent_counts(row: list[int], element: int) -> int:
    """Vrms * Irms of an element in the unit of a sum of products; rounding may leave a sum of squares at -1."""
    return isqrt(max(row[dsp.V2 + element], 0) * max(row[dsp.I2 + element], 0))


def reactive_counts(cross: int, length: int) -> int:
    """The sum of a window's reactive products, as that of its active ones, from its demodulated sums.

    For amplitudes V and I, an angle a of V before I, and n samples, the cross product of an element is
    n**2/4 * V*I*sin(a) * 2**48, and the sum is n/2 * V*I*sin(a). `cross` adds the elements; `length` is n in 2**-16.
    """
    divisor_bits = 2 * dsp.SINE_BITS - 1 - dsp.FRACTION_BITS
    return ((cross << 1) + (length << divisor_bits)) // (length << (divisor_bits + 1))
