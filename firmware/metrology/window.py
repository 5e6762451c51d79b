"""A window of 10 or 12 cycles: the energy that flowed in it, and the quantities that held in it."""

from math import atan2, isqrt, tau

from firmware.metrology import dsp
from firmware.metrology.increment import Increment
from firmware.metrology.passed_levels import rotation
from firmware.metrology.quadrants import apparent_counts, demodulated_cross, reactive_counts
from firmware.metrology.row_waves import Image, element_waves
from hal.frontend import (
    FULL_SCALE,
    ElementWaves,
    LiveValues,
    PhaseSequence,
    PhaseValues,
    SampleScale,
    Summation,
    Waves,
)

_PRODUCT = FULL_SCALE * FULL_SCALE
_UV_NA_PER_UW = 10**9
_UHZ = 10**6
_TURN = 1 << (dsp.PHASE_BITS + dsp.FRACTION_BITS + 1)
_UNUSED = PhaseValues(0, 0, 0, 0, 0)
_FLAT = ElementWaves(0, 0)


class Window:
    """What the sampled chain measured between two instants. Quantities are computed when first asked for.

    `increment` is the energy, with the window's begin and end; `cycles` the whole cycles seen in it.
    """

    __slots__ = ("_before", "_elements", "_live", "_present_uv", "_scale", "_summation", "increment", "row")

    def __init__(
        self,
        increment: Increment,
        row: list[int],
        before: list[int] | None,
        scale: SampleScale,
        elements: tuple[int, ...],
        present_uv: int,
        summation: Summation = Summation.NET,
    ) -> None:
        """`row` is a row of `dsp.measure`, `before` that of the window just before, if there was one. Voltages count as
        present from `present_uv` on."""
        self.increment = increment
        self.row = row
        self._present_uv = present_uv
        self._summation = summation
        self._before = before
        self._scale = scale
        self._elements = elements
        self._live: LiveValues | None = None

    @property
    def start_ns(self) -> int:
        return self.increment.start_ns

    @property
    def end_ns(self) -> int:
        return self.increment.end_ns

    @property
    def cycles(self) -> int:
        return self.row[dsp.CYCLES]

    @property
    def live(self) -> LiveValues:
        if self._live is None:
            self._live = self._measured()
        return self._live

    @property
    def neutral_current_na(self) -> int:
        return self._rms(self.row[dsp.N2], self._scale.current_peak_na)

    @property
    def turns_a_sample(self) -> float:
        """The mains' frequency over the sample rate; the oscillator's, if no crossing was seen."""
        frequency_uhz = self.live.frequency_uhz
        if frequency_uhz:
            return frequency_uhz / (self._scale.rate_hz * _UHZ)
        return self.row[dsp.INCREMENT] / (1 << dsp.PHASE_BITS)

    @property
    def waves(self) -> Waves:
        image = Image(self.row, self.turns_a_sample, oscillator(self.row) % _TURN / _TURN)
        first, second, third = (
            element_waves(self.row, element, self._elements[0], self._scale, self._present_uv, image)
            if element in self._elements
            else _FLAT
            for element in range(3)
        )
        return Waves((first, second, third), self.neutral_current_na)

    def _measured(self) -> LiveValues:
        phases = [self._phase(element) if element in self._elements else _UNUSED for element in range(3)]
        actives = [phase.active_uw for phase in phases]
        total = PhaseValues(
            voltage_uv=sum(phase.voltage_uv for phase in phases),
            current_na=sum(phase.current_na for phase in phases),
            active_uw=sum(map(abs, actives)) if self._summation is Summation.MODULI else sum(actives),
            reactive_uvar=sum(phase.reactive_uvar for phase in phases),
            apparent_uva=sum(phase.apparent_uva for phase in phases),
        )
        return LiveValues((phases[0], phases[1], phases[2]), total, self._frequency_uhz(), self._sequence(phases))

    def _sequence(self, phases: list[PhaseValues]) -> PhaseSequence:
        if len(self._elements) < 2 or any(phases[element].voltage_uv < self._present_uv for element in self._elements):
            return PhaseSequence.UNKNOWN
        return PhaseSequence.FORWARD if rotation(self.row, self._elements) > 0 else PhaseSequence.REVERSED

    def _phase(self, element: int) -> PhaseValues:
        row = self.row
        return PhaseValues(
            voltage_uv=self._rms(row[dsp.V2 + element], self._scale.voltage_peak_uv),
            current_na=self._rms(row[dsp.I2 + element], self._scale.current_peak_na),
            active_uw=self._power(row[dsp.P + element]),
            reactive_uvar=self._power(reactive_counts(demodulated_cross(row, element), self._length)),
            apparent_uva=self._power(apparent_counts(row, element)),
        )

    @property
    def _length(self) -> int:
        return self.row[dsp.END] - self.row[dsp.START]

    def _rms(self, squares: int, peak: int) -> int:
        mean = 4 * (max(squares, 0) << dsp.FRACTION_BITS) * peak * peak // (self._length * _PRODUCT)
        return (isqrt(mean) + 1) // 2

    def _power(self, products: int) -> int:
        unit = self._scale.voltage_peak_uv * self._scale.current_peak_na
        return _round((products * unit) << dsp.FRACTION_BITS, self._length * _PRODUCT * _UV_NA_PER_UW)

    def _frequency_uhz(self) -> int:
        """From the phase between this window and the last, both of whole cycles; else from the zero crossings."""
        row, before, rate = self.row, self._before, self._scale.rate_hz
        if row[dsp.CYCLES] == 0:
            return 0
        crossings_uhz = _round(row[dsp.MEASURED] * rate * _UHZ, 1 << dsp.PHASE_BITS)
        if before is None or not (row[dsp.WHOLE] and before[dsp.WHOLE]) or row[dsp.REFERENCE] != before[dsp.REFERENCE]:
            return crossings_uhz
        elapsed = middle(row) - middle(before)
        phase = oscillator(row) - oscillator(before) + round(_advance(before, row) * _TURN)
        expected = row[dsp.MEASURED] * elapsed
        phase += _round(expected - phase, _TURN) * _TURN
        return _round(phase * rate * _UHZ, elapsed << dsp.PHASE_BITS)


def _round(numerator: int, denominator: int) -> int:
    """The nearest integer to a quotient, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def middle(row: list[int]) -> int:
    """The middle of a window, in 2**-17 of a sample."""
    return row[dsp.START] + row[dsp.END]


def oscillator(row: list[int]) -> int:
    """The oscillator's phase in the middle of a window, in 2**-57 of a turn, whole turns left out."""
    since = middle(row) - (row[dsp.PHASE_AT] << (dsp.FRACTION_BITS + 1))
    return (row[dsp.PHASE] << (dsp.FRACTION_BITS + 1)) + row[dsp.INCREMENT] * since


def _advance(before: list[int], row: list[int]) -> float:
    """The reference voltage's phase against the oscillator, in this window less in the last, -0.5 to 0.5 turns."""
    sine, cosine = dsp.V_SIN + row[dsp.REFERENCE], dsp.V_COS + row[dsp.REFERENCE]
    real = row[sine] * before[sine] + row[cosine] * before[cosine]
    imaginary = row[cosine] * before[sine] - row[sine] * before[cosine]
    return atan2(imaginary, real) / tau
