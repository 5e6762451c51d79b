"""What stands at the meter's terminals while nothing changes: sine waves and their harmonics."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt
from typing import Final

from hal.units import TURN
from sim.physics.angle import COSINE_BITS, angle_of, cosine, sine

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Harmonic:
    """A harmonic of a wave: order from 2, rms as a share of the fundamental's, angle.

    The angle is the harmonic's own, in 2**48ths of a turn of the harmonic, where the fundamental crosses zero upwards.
    So `angle = 0` is "in phase at the positive zero crossing", as the harmonics test of IEC 62053-21 and -22 has it.
    """

    order: int
    share_ppm: int
    angle: int = 0

    def __post_init__(self) -> None:
        if self.order < 2:
            raise ValueError(f"a harmonic's order is 2 or more, not {self.order}")
        if self.share_ppm < 0:
            raise ValueError(f"a harmonic's share can't be negative: {self.share_ppm} ppm")


@dataclass(frozen=True, slots=True)
class Wave:
    """A voltage (rms in uV) or a current (rms in nA); rms and angle are the fundamental's.

    With the mains' own phase w in turns it is `sqrt(2) rms (sin(w + angle) + sum of share sin(order (w + angle) + its
    angle))`. `angle` is in 2**48ths of a turn.
    """

    rms: int
    angle: int = 0
    harmonics: tuple[Harmonic, ...] = ()

    def __post_init__(self) -> None:
        if self.rms < 0:
            raise ValueError(f"an rms value can't be negative: {self.rms}")
        if len({harmonic.order for harmonic in self.harmonics}) != len(self.harmonics):
            raise ValueError("a wave has two harmonics of the same order")

    @property
    def square(self) -> int:
        """The square of the whole wave's rms value, harmonics included, times 10**12."""
        shares = sum(harmonic.share_ppm**2 for harmonic in self.harmonics)
        return self.rms * self.rms * (MILLION * MILLION + shares)

    @property
    def total_rms(self) -> int:
        """The whole wave's rms value, harmonics included, rounded down."""
        return isqrt(self.square // (MILLION * MILLION)) if self.harmonics else self.rms


SILENT: Final = Wave(0)
"""No voltage, or no current."""

Voltages = tuple[Wave, Wave, Wave]
Currents = tuple[Wave, Wave, Wave, Wave]


@dataclass(frozen=True, slots=True)
class Segment:
    """The stationary mains, as the seven channels of `hal.frontend.CHANNELS` see them.

    With four wires the voltages are L1, L2, L3 to neutral; with three wires U12 stands first, U32 last, and nothing
    between; a single-phase meter has its voltage and current first. The fourth current is the neutral's: the sum of the
    three, as a transformer around the neutral sees it with its arrow towards the source.
    """

    frequency_uhz: int
    voltages: Voltages
    currents: Currents

    def __post_init__(self) -> None:
        if self.frequency_uhz < 0:
            raise ValueError(f"a frequency can't be negative: {self.frequency_uhz} uHz")


def dead(frequency_uhz: int = 50_000_000) -> Segment:
    """Mains without voltage or current; their phase runs on at `frequency_uhz`, as the grid's does elsewhere."""
    return Segment(frequency_uhz, (SILENT, SILENT, SILENT), (SILENT, SILENT, SILENT, SILENT))


def _vector_sum(parts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Length and angle of a sum of vectors, each of a length and an angle."""
    x = y = 0
    for length, angle in parts:
        x += length * cosine(angle)
        y += length * sine(angle)
    return (isqrt(x * x + y * y) + (1 << (COSINE_BITS - 1))) >> COSINE_BITS, angle_of(y, x)


def neutral(currents: tuple[Wave, Wave, Wave]) -> Wave:
    """The current in the neutral: the sum of three phase currents.

    Harmonics of a sum whose fundamental cancels can't be told as shares of it, and are left out.
    """
    flowing = [wave for wave in currents if wave.rms]
    if len(flowing) < 2:
        return flowing[0] if flowing else SILENT
    rms, angle = _vector_sum((wave.rms, wave.angle) for wave in flowing)
    # What is left of a balanced sum is the rounding of angles and rms values.
    if rms <= 2 + (max(wave.rms for wave in flowing) >> 30):
        return SILENT
    parts: dict[int, list[tuple[int, int]]] = {}
    for wave in flowing:
        for harmonic in wave.harmonics:
            whole = harmonic.order * wave.angle + harmonic.angle
            parts.setdefault(harmonic.order, []).append((wave.rms * harmonic.share_ppm, whole % TURN))
    harmonics = []
    for order in sorted(parts):
        length, whole = _vector_sum(parts[order])
        share = (2 * length + rms) // (2 * rms)
        if share:
            harmonics.append(Harmonic(order, share, (whole - order * angle) % TURN))
    return Wave(rms, angle, tuple(harmonics))
