"""Fundamentals, angles and distortion of one element, from the sums of a window.

The demodulated sums give the fundamental, the sums of squares all there is; what is left between them is distortion:
harmonics, whatever lies between them, and noise, up to half the sample rate. The oscillator runs at the frequency of
the window before, as its zero crossings told it. Off by a share r, it leaves r / 2 of the fundamental's image
in the sums, and distortion is a small difference: the window's own frequency, by its phase, tells what to take out.
"""

from math import atan2, cos, isqrt, pi, sin, tau

from firmware.metrology import dsp
from hal.frontend import FULL_SCALE, ElementWaves, SampleScale

_MILLION = 10**6
_TURN_UDEG = 360 * _MILLION

_QUIET_SHIFT = 16
"""A current whose fundamental's peak is under 2**-16 of full scale is too little to tell of its wave."""

_SHORT_PER_10_9 = 1_569
"""Lines between 2**11 points of a sine fall short of it: its square by 2 (pi / 2**11)**2 / 3."""


def element_waves(
    row: list[int], element: int, first: int, scale: SampleScale, present_uv: int, image: "Image"
) -> ElementWaves:
    """`row` is one of `dsp.measure`, `first` the first element in use; voltages count from `present_uv` on."""
    length = row[dsp.END] - row[dsp.START]
    voltage = image.taken_out(row[dsp.V_COS + element], row[dsp.V_SIN + element])
    current = image.taken_out(row[dsp.I_COS + element], row[dsp.I_SIN + element])
    reference = image.taken_out(row[dsp.V_COS + first], row[dsp.V_SIN + first])
    volts = _fundamental(voltage, length, scale.voltage_peak_uv)
    amperes = _fundamental(current, length, scale.current_peak_na)
    there = volts >= present_uv
    flows = amperes << _QUIET_SHIFT >= scale.current_peak_na
    referred = there and _fundamental(reference, length, scale.voltage_peak_uv) >= present_uv
    return ElementWaves(
        volts,
        amperes,
        _lead_udeg(voltage, reference) % _TURN_UDEG if referred else None,
        _lead_udeg(voltage, current) if there and flows else None,
        _distortion_ppm(row[dsp.V2 + element], voltage, length) if there else None,
        _distortion_ppm(row[dsp.I2 + element], current, length) if flows else None,
    )


_Sums = tuple[int, int]
"""By the cosine, and by the sine, of the oscillator: a wave that leads it has a share of the cosine."""


class Image:
    """What mains of another frequency than the oscillator's leave in the sums of a window: of a product of sines, the
    difference of the angles does not stand still, and the sum of the angles does not make whole turns."""

    def __init__(self, row: list[int], turns_a_sample: float, turns_at_middle: float) -> None:
        """The mains' frequency, and the oscillator's phase in the middle of the window."""
        samples = (row[dsp.END] - row[dsp.START]) / (1 << dsp.FRACTION_BITS)
        oscillator = row[dsp.INCREMENT] / (1 << dsp.PHASE_BITS)
        self._still = _mean_cosine((turns_a_sample - oscillator) * samples)
        turning = _mean_cosine((turns_a_sample + oscillator) * samples)
        self._straight = turning * cos(2 * tau * turns_at_middle)
        self._across = turning * sin(2 * tau * turns_at_middle)
        self._determinant = self._still**2 - turning**2

    def taken_out(self, cosine: int, sine: int) -> _Sums:
        """The sums as they were at the mains' own frequency."""
        still, straight, across = self._still, self._straight, self._across
        return (
            round(((still - straight) * cosine - across * sine) / self._determinant),
            round(((still + straight) * sine - across * cosine) / self._determinant),
        )


def _mean_cosine(turns: float) -> float:
    """The mean of a cosine from minus to plus half of so many turns."""
    return sin(pi * turns) / (pi * turns) if turns else 1.0


def _square(sums: _Sums) -> int:
    return sums[0] * sums[0] + sums[1] * sums[1]


def _fundamental(sums: _Sums, length: int, peak: int) -> int:
    """The rms value, in the unit of `peak`. The sums are n / 2 times an amplitude in counts, times 2**24."""
    bits = 2 * (dsp.SINE_BITS - dsp.FRACTION_BITS)
    mean = 8 * _square(sums) * peak * peak // (length * length * FULL_SCALE * FULL_SCALE << bits)
    return (isqrt(mean) + 1) // 2


def _lead_udeg(wave: _Sums, other: _Sums) -> int:
    """By how much one leads another, above -180 and up to 180 degrees."""
    cross = wave[0] * other[1] - wave[1] * other[0]
    dot = wave[0] * other[0] + wave[1] * other[1]
    udeg = round(atan2(cross, dot) / tau * _TURN_UDEG)
    return udeg + _TURN_UDEG if udeg == -_TURN_UDEG // 2 else udeg


def _distortion_ppm(squares: int, sums: _Sums, length: int) -> int:
    """All that is not the fundamental, over it."""
    # Both as n squared, times 2**48, times a mean square in counts.
    fundamental = 2 * _square(sums) * (10**9 + _SHORT_PER_10_9) // 10**9
    whole = squares * length << 2 * dsp.SINE_BITS - dsp.FRACTION_BITS
    rest = max(whole - fundamental, 0) * _MILLION * _MILLION // fundamental
    return (isqrt(4 * rest) + 1) // 2
