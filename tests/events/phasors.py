"""What an ideal meter shows of voltages and currents given as phasors: floats, and complex numbers."""

from cmath import phase, rect
from math import pi

from hal.frontend import LiveValues, PhaseSequence, PhaseValues

NOMINAL = 230.0
THIRD = rect(1, 2 * pi / 3)
FORWARD = (1 + 0j, 1 / THIRD, THIRD)
REVERSED = (1 + 0j, THIRD, 1 / THIRD)


def seen(
    voltages: tuple[complex, ...],
    currents: tuple[complex, ...],
    frequency_uhz: int = 50_000_000,
    faulty: int = 0,
    alive: bool = True,
) -> LiveValues:
    """Rms phasors in V and A; P + jQ is U by the conjugate of I."""
    phases = []
    for u, i in zip(voltages, currents, strict=True):
        s = u * i.conjugate()
        phases.append(
            PhaseValues(
                round(abs(u) * 1e6), round(abs(i) * 1e9), round(s.real * 1e6), round(s.imag * 1e6), round(abs(s) * 1e6)
            )
        )
    total = PhaseValues(
        *(
            sum(getattr(values, name) for values in phases)
            for name in ("voltage_uv", "current_na", "active_uw", "reactive_uvar", "apparent_uva")
        )
    )
    present = all(abs(u) > 15 for u in voltages)
    sequence = PhaseSequence.UNKNOWN
    if present:
        forward = phase(voltages[0] / voltages[1]) + phase(voltages[1] / voltages[2]) > 0
        sequence = PhaseSequence.FORWARD if forward else PhaseSequence.REVERSED
    first, second, third = phases
    there = any(abs(u) > 15 for u in voltages)
    return LiveValues((first, second, third), total, frequency_uhz if there else 0, sequence, faulty, alive)


def balanced(amperes: float = 5.0, lag: float = 0.0, turn: tuple[complex, ...] = FORWARD) -> tuple[complex, ...]:
    """Currents that lag their voltages by an angle in radians."""
    return tuple(rect(amperes, -lag) * direction for direction in turn)


def supply(turn: tuple[complex, ...] = FORWARD) -> tuple[complex, ...]:
    return tuple(NOMINAL * direction for direction in turn)
