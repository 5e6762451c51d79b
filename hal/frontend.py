"""Measuring front ends: an ADC that delivers samples, or a metering IC that computes in its own registers."""

import enum
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

CHANNELS: Final = ("U1", "U2", "U3", "I1", "I2", "I3", "IN")
"""Rows of a sample block: three voltages to neutral, three phase currents, the neutral current."""

FULL_SCALE: Final = 1 << 23
"""A 24-bit converter: samples run from -2**23 to 2**23 - 1."""


class Wiring(enum.Enum):
    """How the meter is connected. Two-element meters measure U12 on channel 1, U32 on channel 3, with I1 and I3."""

    THREE_PHASE_FOUR_WIRE = "3p4w"
    THREE_PHASE_THREE_WIRE = "3p3w"
    SINGLE_PHASE = "1p2w"

    @property
    def elements(self) -> tuple[int, ...]:
        """The measuring elements in use, as indices into the voltage and current channels."""
        return {"3p4w": (0, 1, 2), "3p3w": (0, 2), "1p2w": (0,)}[self.value]


@dataclass(frozen=True, slots=True)
class SampleScale:
    """What the counts of a sampled front end mean: the peak value, in micro-volts and nano-amperes, of 2**23 counts."""

    voltage_peak_uv: int
    current_peak_na: int
    rate_hz: int


@dataclass(frozen=True, slots=True)
class SampleBlock:
    """A block of samples, valid until the next one is taken.

    `samples` is int32 of shape (7, n) in the order of `CHANNELS`. `first` counts samples since `start`; `end_ns` is the
    monotonic instant at which the last sample was complete. `lost` samples were overwritten unread just before it.
    """

    samples: NDArray[np.int32]
    first: int
    end_ns: int
    lost: int


@runtime_checkable
class SampledFrontEnd(Protocol):
    """Delivers blocks of samples by DMA; `Line.SAMPLES` says that a block is full."""

    @property
    def scale(self) -> SampleScale: ...

    @property
    def block_samples(self) -> int:
        """Samples a channel in a full block; 200 ms by default."""

    def start(self) -> None:
        """Begin to sample; the first sample is complete one sample period later."""

    def take(self) -> SampleBlock | None:
        """The newest full block, once; None if there is none since the last call."""

    def flush(self) -> SampleBlock | None:
        """The samples since the last full block, for the power-fail save; they will not be delivered again."""


@dataclass(frozen=True, slots=True)
class EnergyCounters:
    """Energy since the front end was reset, in nWh, nvarh and nVAh. Quadrants by the signs of P and Q of all phases."""

    active_import: int
    active_export: int
    reactive_q1: int
    reactive_q2: int
    reactive_q3: int
    reactive_q4: int
    apparent_import: int
    apparent_export: int

    def values(self) -> tuple[int, ...]:
        """All eight, in the order in which they are declared; the order of `ENERGY_KINDS`."""
        return (
            self.active_import,
            self.active_export,
            self.reactive_q1,
            self.reactive_q2,
            self.reactive_q3,
            self.reactive_q4,
            self.apparent_import,
            self.apparent_export,
        )


ENERGY_KINDS: Final = ("A+", "A-", "R1", "R2", "R3", "R4", "S+", "S-")
"""Short names of the eight cumulated energies, in the order of every tuple of energies in this program."""


@dataclass(frozen=True, slots=True)
class PhaseValues:
    """One measuring element, or the total: RMS, powers. `voltage_uv` and `current_na` of the total are sums."""

    voltage_uv: int
    current_na: int
    active_uw: int
    reactive_uvar: int
    apparent_uva: int


@dataclass(frozen=True, slots=True)
class LiveValues:
    """What the meter measures now. `phases` has one entry for each of three elements; unused ones are zero."""

    phases: tuple[PhaseValues, PhaseValues, PhaseValues]
    total: PhaseValues
    frequency_uhz: int
    """0 while no voltage gives a frequency."""


@runtime_checkable
class MeteringFrontEnd(Protocol):
    """A metering IC, as ADE9000 or 90E36A: it integrates in its own registers, and sends the meter's pulses itself."""

    def configure(self, wiring: Wiring, start_power_uw: int, pulse_energy_nwh: int) -> None:
        """Set what to sum, the power below which nothing is counted, and the energy of a pulse (active and
        reactive)."""

    def energy(self) -> EnergyCounters:
        """Latch and read the energy registers."""

    def live(self) -> LiveValues:
        """Read the instantaneous registers."""
