"""A consumer's service: how the grid stands at the meter, and what currents a load draws from it."""

from dataclasses import dataclass, replace
from math import isqrt
from typing import Final

from hal.frontend import Wiring
from hal.units import TURN
from sim.physics.angle import angle_of
from sim.physics.waves import MILLION, SILENT, Harmonic, Segment, Wave, neutral

_THIRD: Final = TURN // 3
_UV_NA_PER_MW: Final = 10**12


@dataclass(frozen=True, slots=True)
class PowerFactor:
    """A power factor in millionths: negative exports. `leading` is a capacitive load, its reactive power negative."""

    ppm: int
    leading: bool = False

    def __post_init__(self) -> None:
        if abs(self.ppm) > MILLION:
            raise ValueError(f"a power factor lies between -1 and 1, not at {self.ppm} ppm")

    @property
    def lag(self) -> int:
        """By how much the current lags its voltage, in 2**48ths of a turn."""
        # Twelve digits more: the sine of a power factor near one is small.
        high = isqrt((MILLION * MILLION - self.ppm * self.ppm) * 10**24)
        return angle_of(-high if self.leading else high, self.ppm * 10**12)

    def reactive_of(self, active: int) -> int:
        """The reactive power that goes with an active power (in its unit), rounded. The sign of P is the active's."""
        if not self.ppm:
            raise ValueError("with a power factor of 0 an active power tells nothing")
        scaled = abs(active) * isqrt((MILLION * MILLION - self.ppm * self.ppm) * 10**24)
        amount = (2 * scaled // (abs(self.ppm) * 10**12) + 1) >> 1
        return -amount if self.leading else amount


UNITY: Final = PowerFactor(MILLION)


@dataclass(frozen=True, slots=True)
class Service:
    """Symmetrical voltages of a wiring, and the harmonics of phase voltages and currents.

    `voltage_uv` is to neutral with four wires and with one phase, between phases with three. `reversed_sequence` swaps
    L2 and L3. Loads are spread over the phases evenly (`phase=None`), or hang on one, 0 being L1.
    """

    wiring: Wiring
    voltage_uv: int
    frequency_uhz: int = 50_000_000
    voltage_harmonics: tuple[Harmonic, ...] = ()
    current_harmonics: tuple[Harmonic, ...] = ()
    reversed_sequence: bool = False

    def idle(self) -> Segment:
        """Voltage and no load."""
        return self._segment((0, 0, 0), 0)

    def current(self, current_na: int, factor: PowerFactor = UNITY, phase: int | None = None) -> Segment:
        """A load of an rms current in each phase, or in one; the power factor is the one that each phase has."""
        return self._drawn(current_na, factor.lag, phase)

    def currents(self, currents_na: tuple[int, int, int], factor: PowerFactor = UNITY) -> Segment:
        """A load of an rms current of its own in each phase, all of one power factor. A ValueError unless there are
        three phases and a neutral: else the currents sum to zero, and are not free."""
        if self.wiring is not Wiring.THREE_PHASE_FOUR_WIRE:
            raise ValueError(f"a {self.wiring.value} service has no three currents of their own")
        return self._segment(currents_na, factor.lag)

    def power(self, active_mw: int, reactive_mvar: int, phase: int | None = None) -> Segment:
        """A load of a total fundamental power, drawn evenly or from one phase. A ValueError without voltage."""
        square = active_mw * active_mw + reactive_mvar * reactive_mvar
        if not square:
            return self.idle()
        if not self.voltage_uv:
            raise ValueError(f"a load of {active_mw} mW and {reactive_mvar} mvar needs a voltage")
        if self.wiring is Wiring.THREE_PHASE_FOUR_WIRE and phase is None:
            parts = 9
        elif self.wiring is Wiring.THREE_PHASE_THREE_WIRE:
            parts = 3
        else:
            parts = 1
        doubled = isqrt(4 * square * _UV_NA_PER_MW**2 // (parts * self.voltage_uv * self.voltage_uv))
        return self._drawn((doubled + 1) >> 1, angle_of(reactive_mvar, active_mw), phase)

    def at(self, voltage_uv: int) -> "Service":
        """The same with another voltage."""
        return self if voltage_uv == self.voltage_uv else replace(self, voltage_uv=voltage_uv)

    def _drawn(self, current_na: int, lag: int, phase: int | None) -> Segment:
        phases = self._phases()
        if phase is None:
            drawing = phases
        elif self.wiring is Wiring.THREE_PHASE_THREE_WIRE or phase not in phases:
            raise ValueError(f"a load can't hang on L{phase + 1} of a {self.wiring.value} service")
        else:
            drawing = (phase,)
        first, second, third = (current_na if n in drawing else 0 for n in range(3))
        return self._segment((first, second, third), lag)

    def _phases(self) -> tuple[int, ...]:
        return (0,) if self.wiring is Wiring.SINGLE_PHASE else (0, 1, 2)

    def _segment(self, currents_na: tuple[int, int, int], lag: int) -> Segment:
        turn = -_THIRD if self.reversed_sequence else _THIRD
        angles = (0, -turn % TURN, turn % TURN)
        three_wire = self.wiring is Wiring.THREE_PHASE_THREE_WIRE
        harmonics = self.current_harmonics
        if three_wire:
            harmonics = tuple(harmonic for harmonic in harmonics if harmonic.order % 3)
        i1, i2, i3 = (
            Wave(rms, (angle - lag) % TURN, harmonics) if rms else SILENT
            for rms, angle in zip(currents_na, angles, strict=True)
        )
        if three_wire:
            u12, u32 = self._between(0, angles[0]), self._between(2, angles[2])
            return Segment(self.frequency_uhz, (u12, SILENT, u32), (i1, SILENT, i3, SILENT))
        u1, u2, u3 = (self._to_neutral(n, angle) for n, angle in enumerate(angles))
        balanced = currents_na[0] == currents_na[1] == currents_na[2]
        return Segment(self.frequency_uhz, (u1, u2, u3), (i1, i2, i3, SILENT if balanced else neutral((i1, i2, i3))))

    def _to_neutral(self, phase: int, angle: int) -> Wave:
        if not self.voltage_uv or phase not in self._phases():
            return SILENT
        return Wave(self.voltage_uv, angle, self.voltage_harmonics)

    def _between(self, phase: int, angle: int) -> Wave:
        """The voltage of L1 (0) or L3 (2) against L2: where the one leads its phase's by 30 degrees, the other lags."""
        if not self.voltage_uv:
            return SILENT
        lead = TURN // 12 if (phase == 0) is not self.reversed_sequence else -TURN // 12
        harmonics = []
        for harmonic in self.voltage_harmonics:
            # A harmonic's own sequence is positive, negative or, and then it cancels, zero.
            sequence = (0, 1, -1)[harmonic.order % 3]
            if sequence:
                own = harmonic.angle + (sequence - harmonic.order) * lead
                harmonics.append(Harmonic(harmonic.order, harmonic.share_ppm, own % TURN))
        return Wave(self.voltage_uv, (angle + lead) % TURN, tuple(harmonics))
