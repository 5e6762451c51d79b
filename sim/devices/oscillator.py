"""An oscillator: counts nanoseconds of its own while true time passes, a little faster or slower.

Conversions are integer. `true_of` rounds up, so `mono_at(true_of(m)) >= m`: a kernel woken a nanosecond early would
sleep for nothing, for ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LIMIT_PPB: Final = 10_000_000
"""1 %: the worst of an RC oscillator that a UART can still live with; a crystal is 100 to 1,000 times better."""

_ONE: Final = 1_000_000_000


class Oscillator:
    """Monotonic ns as a piecewise linear function of true ns; `offset_ppb` is its frequency error, parts per 10**9.

    ValueError for an error of more than `LIMIT_PPB`.
    """

    def __init__(self, offset_ppb: int = 0) -> None:
        self._rate = self._checked(offset_ppb)
        self._since = 0
        self._counted = 0
        """What it had counted at `_since`, in parts of 10**9 of a tick, so that changes of rate lose nothing."""
        self._nominal = offset_ppb == 0
        """It has run at its nominal frequency since it counted from 0."""
        self._followers: list[Callable[[], None]] = []

    @staticmethod
    def _checked(offset_ppb: int) -> int:
        if abs(offset_ppb) > LIMIT_PPB:
            raise ValueError(f"an oscillator {offset_ppb} ppb off is no oscillator (at most {LIMIT_PPB} ppb)")
        return _ONE + offset_ppb

    def mono_at(self, true_ns: int) -> int:
        """What the oscillator has counted at a true instant, not before the last change."""
        return (self._counted + (true_ns - self._since) * self._rate) // _ONE

    def true_of(self, mono_ns: int) -> int:
        """The first true instant at which the count is `mono_ns` or more."""
        if self._nominal:
            return self._since + mono_ns
        return self._since - (self._counted - mono_ns * _ONE) // self._rate

    def restart(self, true_ns: int) -> None:
        """Count from 0 again: the CPU has been reset."""
        self._since, self._counted = true_ns, 0
        self._nominal = self._rate == _ONE

    def change(self, true_ns: int, offset_ppb: int) -> None:
        """From a true instant on, not before the last change, run at another frequency."""
        rate = self._checked(offset_ppb)
        self._counted += (true_ns - self._since) * self._rate
        self._since = true_ns
        self._rate = rate
        self._nominal = False
        for follower in self._followers:
            follower()

    def follow(self, changed: Callable[[], None]) -> None:
        """Have `changed` called after each change of frequency, by one who has computed instants to come."""
        self._followers.append(changed)


@dataclass(frozen=True, slots=True)
class AtCutCrystal:
    """The crystal of a CPU: an AT cut, whose frequency is a cubic of the temperature, counted from 23 C.

    0.105 ppb/K^3 is that of all AT cuts; the slope of -200 ppb/K is that of a usual angle: within 4 ppm from -10 to
    55 C, and 14 ppm off at -40 C (from memory). Its inflexion lies at 25 to 30 C; it is taken for 23 C, where offsets
    are told.
    """

    slope_ppb_per_k: int = -200
    cubic_ppt_per_k3: int = 105
    reference_mc: int = 23_000

    def error_ppb(self, millidegrees: int) -> int:
        """Its error less that at the reference temperature."""
        away = millidegrees - self.reference_mc
        return (self.slope_ppb_per_k * away + self.cubic_ppt_per_k3 * away**3 // 10**9) // 1_000


class Quartz:
    """Drives an oscillator: an offset, and what the temperature adds. Together they stay within `LIMIT_PPB`."""

    def __init__(self, crystal: AtCutCrystal, offset_ppb: int, temperature_mc: int) -> None:
        self._crystal = crystal
        self._offset_ppb = offset_ppb
        self._temperature_mc = temperature_mc
        self.oscillator = Oscillator(self._error_ppb())

    def retune(self, true_ns: int, offset_ppb: int) -> None:
        """From now on it has another offset; ValueError for one of more than `LIMIT_PPB`."""
        Oscillator._checked(offset_ppb)
        self._offset_ppb = offset_ppb
        self.oscillator.change(true_ns, self._error_ppb())

    def temperature(self, true_ns: int, millidegrees: int) -> None:
        """From now on it is so warm."""
        self._temperature_mc = millidegrees
        self.oscillator.change(true_ns, self._error_ppb())

    def _error_ppb(self) -> int:
        wanted = self._offset_ppb + self._crystal.error_ppb(self._temperature_mc)
        return max(-LIMIT_PPB, min(LIMIT_PPB, wanted))
