"""What a channel of a load profile holds: a source, and what is made of it in each interval.

A channel has a code of one byte, so that each record in flash tells what it holds. Codes are for ever: one that is
given is never given to another, and sources are only added at the end.

    0 + s     energy s, its advance: whole units, the rest is carried
    16 + s    energy s, the register's reading at the end, modulo 2**32 units
    32 + s    energy s, its demand: the advance over the period's length, in mW (mvar, mVA), truncated
    48 + 4m   measured value m, the mean of its samples; + 1 the least, + 2 the greatest, + 3 the last one

Codes 0 to 7 are the places of `hal.energy.ENERGY_KINDS`.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from firmware.registers.energy import ENERGY_QUANTITIES, SOURCES, TERMS, Terms
from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId

if TYPE_CHECKING:
    from firmware.metrology.instrumentation import Instrumentation

VALUE_BYTES: Final = 4
READING_MODULUS: Final = 1 << 8 * VALUE_BYTES
VALUE_MOST: Final = (1 << 8 * VALUE_BYTES - 1) - 1
"""Of all values but a reading, up and down: what an energy has beyond it stays in the carry."""

NO_VALUE: Final = -VALUE_MOST - 1
"""Nothing was measured in the interval."""


class Method(enum.Enum):
    """What is made of a source, with the register kind that it is a history of, and its name in scenarios."""

    ADVANCE = "advance"
    READING = "reading"
    DEMAND = "demand"
    MEAN = "mean"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    LAST = "last"


KINDS: Final[Mapping[Method, Kind]] = {
    Method.ADVANCE: Kind.ENERGY,
    Method.READING: Kind.ENERGY,
    Method.DEMAND: Kind.LAST_AVERAGE,
    Method.MEAN: Kind.MEAN,
    Method.MINIMUM: Kind.MINIMUM,
    Method.MAXIMUM: Kind.MAXIMUM,
    Method.LAST: Kind.INSTANTANEOUS,
}

_OF_ENERGY: Final = (Method.ADVANCE, Method.READING, Method.DEMAND)
_OF_SAMPLES: Final = (Method.MEAN, Method.MINIMUM, Method.MAXIMUM, Method.LAST)
_ENERGIES_MOST: Final = 16
_MEASURED_FROM: Final = _ENERGIES_MOST * len(_OF_ENERGY)

Read = Callable[["Instrumentation"], int | None]


@dataclass(frozen=True, slots=True)
class Energy:
    """An energy that is counted, or a sum of some: its name, and the places that make it up."""

    name: str
    quantity: Quantity
    direction: Direction
    terms: Terms

    def level(self, totals: Sequence[int]) -> int:
        """What it stands at, in nWh, when the registers stand at `totals`."""
        (sign, place), *more = self.terms
        level = sign * totals[place]
        for other, also in more:
            level += other * totals[also]
        return level


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that is measured: its name, what it is, how it is read in the unit in which it is kept."""

    name: str
    quantity: Quantity
    phase: Phase
    direction: Direction
    decimals: int
    """Decimals of the unit that a value is kept with: 3 for mV, mW, mHz, thousandths of a degree; 6 for uA and ppm."""
    read: Read


_SUMS: Final = (
    ("A", Quantity.ACTIVE, Direction.NET),
    ("|A|", Quantity.ACTIVE, Direction.ABSOLUTE),
    ("R+", Quantity.REACTIVE, Direction.IMPORT),
    ("R-", Quantity.REACTIVE, Direction.EXPORT),
)

ENERGIES: Final[tuple[Energy, ...]] = (
    *[Energy(name, *source, TERMS[source]) for name, source in zip(ENERGY_QUANTITIES, SOURCES, strict=True)],
    *[Energy(name, quantity, direction, TERMS[quantity, direction]) for name, quantity, direction in _SUMS],
)

_MICRO: Final = 6
_MILLI: Final = 3


def _thousandth(value: int) -> int:
    return value // 1_000 if value >= 0 else -(-value // 1_000)


def _of_element(
    name: str,
    quantity: Quantity,
    decimals: int,
    read: Callable[["Instrumentation", int], int | None],
    direction: Direction = Direction.NONE,
) -> list[Measured]:
    def of(element: int) -> Measured:
        return Measured(
            f"{name}{element + 1}", quantity, Phase(element + 1), direction, decimals, lambda now: read(now, element)
        )

    return [of(element) for element in range(3)]


def _total(name: str, quantity: Quantity, direction: Direction, read: Read, decimals: int = _MILLI) -> Measured:
    return Measured(name, quantity, Phase.TOTAL, direction, decimals, read)


def _powers(name: str, quantity: Quantity, read: Callable[["Instrumentation"], int]) -> list[Measured]:
    return [
        _total(name, quantity, Direction.NET, lambda now: _thousandth(read(now))),
        _total(f"{name}+", quantity, Direction.IMPORT, lambda now: max(_thousandth(read(now)), 0)),
        _total(f"{name}-", quantity, Direction.EXPORT, lambda now: max(_thousandth(-read(now)), 0)),
    ]


def _angle(value: int | None) -> int | None:
    return None if value is None else _thousandth(value)


def _voltage_unbalance(now: "Instrumentation") -> int | None:
    unbalance = now.voltage_unbalance
    return None if unbalance is None else unbalance.negative_ppm


def _current_unbalance(now: "Instrumentation") -> int | None:
    unbalance = now.current_unbalance
    return None if unbalance is None else unbalance.negative_ppm


MEASURED: Final[tuple[Measured, ...]] = (
    *_of_element("U", Quantity.VOLTAGE, _MILLI, lambda now, at: now.live.phases[at].voltage_uv // 1_000),
    *_of_element("I", Quantity.CURRENT, _MICRO, lambda now, at: now.live.phases[at].current_na // 1_000),
    Measured(
        "IN",
        Quantity.CURRENT,
        Phase.NEUTRAL,
        Direction.NONE,
        _MICRO,
        lambda now: now.waves.neutral_current_na // 1_000,
    ),
    *_of_element(
        "P", Quantity.ACTIVE, _MILLI, lambda now, at: _thousandth(now.live.phases[at].active_uw), Direction.NET
    ),
    *_powers("P", Quantity.ACTIVE, lambda now: now.live.total.active_uw),
    *_of_element(
        "Q", Quantity.REACTIVE, _MILLI, lambda now, at: _thousandth(now.live.phases[at].reactive_uvar), Direction.NET
    ),
    *_powers("Q", Quantity.REACTIVE, lambda now: now.live.total.reactive_uvar),
    *_of_element("S", Quantity.APPARENT, _MILLI, lambda now, at: now.live.phases[at].apparent_uva // 1_000),
    _total("S", Quantity.APPARENT, Direction.NONE, lambda now: now.live.total.apparent_uva // 1_000),
    *_of_element("PF", Quantity.POWER_FACTOR, _MICRO, lambda now, at: now.power_factors_ppm[at]),
    _total("PF", Quantity.POWER_FACTOR, Direction.NONE, lambda now: now.power_factor_ppm, _MICRO),
    _total("f", Quantity.FREQUENCY, Direction.NONE, lambda now: now.live.frequency_uhz // 1_000),
    *_of_element(
        "angle-U", Quantity.VOLTAGE_ANGLE, _MILLI, lambda now, at: _angle(now.waves.elements[at].voltage_angle_udeg)
    ),
    *_of_element(
        "angle-I", Quantity.CURRENT_ANGLE, _MILLI, lambda now, at: _angle(now.waves.elements[at].current_angle_udeg)
    ),
    *_of_element("THD-U", Quantity.THD_VOLTAGE, _MICRO, lambda now, at: now.waves.elements[at].voltage_thd_ppm),
    *_of_element("THD-I", Quantity.THD_CURRENT, _MICRO, lambda now, at: now.waves.elements[at].current_thd_ppm),
    _total("unbalance-U", Quantity.VOLTAGE_UNBALANCE, Direction.NONE, _voltage_unbalance, _MICRO),
    _total("unbalance-I", Quantity.CURRENT_UNBALANCE, Direction.NONE, _current_unbalance, _MICRO),
)


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel. Either `energy` or `measured` is its source."""

    code: int
    method: Method
    energy: Energy | None
    measured: Measured | None

    @property
    def text(self) -> str:
        """As scenarios and reports write it: "A+", "demand A+", "reading C1", "mean U1"."""
        name = self.energy.name if self.energy is not None else self.measured.name if self.measured is not None else ""
        return name if self.method is Method.ADVANCE else f"{self.method.value} {name}"

    @property
    def highest_place(self) -> int:
        """The highest place in `ENERGY_QUANTITIES` that it is made of; -1 for a measured value."""
        return -1 if self.energy is None else max(place for _, place in self.energy.terms)

    @property
    def identity(self) -> RegisterId:
        """The register of which this is a history."""
        kind = KINDS[self.method]
        if self.measured is not None:
            return RegisterId(self.measured.quantity, self.measured.phase, self.measured.direction, kind)
        assert self.energy is not None
        return RegisterId(self.energy.quantity, Phase.TOTAL, self.energy.direction, kind)


@lru_cache(maxsize=256)
def channel_of(code: int) -> Channel:
    """The channel with this code; a ValueError if there is none."""
    if 0 <= code < _MEASURED_FROM:
        number, source = divmod(code, _ENERGIES_MOST)
        if source < len(ENERGIES):
            return Channel(code, _OF_ENERGY[number], ENERGIES[source], None)
    elif _MEASURED_FROM <= code < 256:
        source, number = divmod(code - _MEASURED_FROM, len(_OF_SAMPLES))
        if source < len(MEASURED):
            return Channel(code, _OF_SAMPLES[number], None, MEASURED[source])
    raise ValueError(f"{code} is no channel of a profile")


CHANNELS: Final[Mapping[str, int]] = {
    channel_of(code).text: code
    for code in (
        *[_ENERGIES_MOST * number + place for number in range(len(_OF_ENERGY)) for place in range(len(ENERGIES))],
        *range(_MEASURED_FROM, _MEASURED_FROM + len(_OF_SAMPLES) * len(MEASURED)),
    )
}
"""Codes by the names of their channels."""


def sampled(codes: Sequence[int]) -> bool:
    """Whether one of these channels is made of samples."""
    return any(code >= _MEASURED_FROM for code in codes)
