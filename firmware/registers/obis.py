"""OBIS codes, IEC 62056-6-1: which register has which.

A register has at most one code, and a code at most one register. Group B is 0. Group F is 255 for the running billing
period; a closed one has the value, modulo 100, that the billing period counter had when it was closed, so codes are
read together with the counter's value now. Codes 101 to 125 of group F, which count back instead, are not given out.

Averaging scheme 1 is the demand's, scheme 3 that of the instantaneous values. Customer's sums have codes 128 to 130 of
group C, in the range that is a manufacturer's own.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from firmware.registers.identity import (
    ORDERS_MOST,
    PERIODS_MOST,
    Direction,
    Kind,
    Phase,
    Quantity,
    RegisterId,
)

RATES_MOST: Final = 63
CURRENT: Final = 255
"""Value group F of what belongs to no closed billing period."""

_COUNTER: Final = 100
_PHASE_STEP: Final = 20
_ANGLES: Final = 81
_DISTORTION: Final = 124
_Q, _D, _K, _P = Quantity, Direction, Kind, Phase


class Obis(NamedTuple):
    """Value groups A to F."""

    a: int
    b: int
    c: int
    d: int
    e: int
    f: int = CURRENT

    @property
    def text(self) -> str:
        """As DLMS writes it: `1-0:1.8.0.255`."""
        return f"{self.a}-{self.b}:{self.c}.{self.d}.{self.e}.{self.f}"


POWERS: Final[Mapping[tuple[Quantity, Direction], int]] = {
    (_Q.ACTIVE, _D.IMPORT): 1,
    (_Q.ACTIVE, _D.EXPORT): 2,
    (_Q.REACTIVE, _D.IMPORT): 3,
    (_Q.REACTIVE, _D.EXPORT): 4,
    (_Q.REACTIVE, _D.Q1): 5,
    (_Q.REACTIVE, _D.Q2): 6,
    (_Q.REACTIVE, _D.Q3): 7,
    (_Q.REACTIVE, _D.Q4): 8,
    (_Q.APPARENT, _D.IMPORT): 9,
    (_Q.APPARENT, _D.EXPORT): 10,
    (_Q.ACTIVE, _D.ABSOLUTE): 15,
    (_Q.ACTIVE, _D.NET): 16,
}
"""Value group C of powers and energies of all phases; 20, 40, 60 more for L1, L2, L3."""

CUSTOMERS: Final[Mapping[tuple[Quantity, Direction], int]] = {
    (_Q.CUSTOMER_1, _D.NONE): 128,
    (_Q.CUSTOMER_2, _D.NONE): 129,
    (_Q.CUSTOMER_3, _D.NONE): 130,
}
"""Value group C of customer's sums."""

PRESENT: Final[Mapping[Quantity, int]] = {
    _Q.CURRENT: 11,
    _Q.VOLTAGE: 12,
    _Q.POWER_FACTOR: 13,
    _Q.FREQUENCY: 14,
}
"""Value group C of other quantities, of any phase or of all; 20, 40, 60 more for L1, L2, L3."""

NEUTRAL: Final[Mapping[Quantity, int]] = {_Q.CURRENT: 91, _Q.VOLTAGE: 92}
"""Value group C of the neutral conductor."""

ACCOUNTED_KINDS: Final[Mapping[Kind, int]] = {
    _K.CUMULATIVE_DEMAND: 2,
    _K.AVERAGE_DEMAND: 4,
    _K.LAST_AVERAGE: 5,
    _K.MAXIMUM_DEMAND: 6,
    _K.ENERGY: 8,
}
"""Value group D of what is billed: cumulative maximum, averages and maximum of scheme 1, time integral 1."""

MEASURED_KINDS: Final[Mapping[Kind, int]] = {
    _K.INSTANTANEOUS: 7,
    _K.MINIMUM: 23,
    _K.MEAN: 25,
    _K.MAXIMUM: 26,
}
"""Value group D of what is measured: instantaneous value, minimum, last average, maximum of scheme 3."""

LIMIT_KINDS: Final[Mapping[Kind, int]] = {
    _K.UNDER_COUNT: 32,
    _K.UNDER_DURATION: 33,
    _K.UNDER_MAGNITUDE: 34,
    _K.OVER_COUNT: 36,
    _K.OVER_DURATION: 37,
    _K.OVER_MAGNITUDE: 38,
    _K.MISSING_COUNT: 40,
    _K.MISSING_DURATION: 41,
    _K.MISSING_MAGNITUDE: 42,
}
"""Value group D of what passed a limit: occurrence counters, durations, magnitudes."""

ANGLES: Final[Mapping[tuple[Quantity, Phase], int]] = {
    (_Q.VOLTAGE_ANGLE, _P.L1): 0,
    (_Q.VOLTAGE_ANGLE, _P.L2): 1,
    (_Q.VOLTAGE_ANGLE, _P.L3): 2,
    (_Q.CURRENT_ANGLE, _P.L1): 4,
    (_Q.CURRENT_ANGLE, _P.L2): 15,
    (_Q.CURRENT_ANGLE, _P.L3): 26,
    (_Q.CURRENT_ANGLE, _P.NEUTRAL): 7,
}
"""Value group E of 81.7: the angle of U(L2) to U(L1), of I(L2) to U(L2), of I(L0) to U(L1), and so on."""

SINGLE: Final[Mapping[RegisterId, Obis]] = {
    RegisterId(_Q.BILLING, _P.TOTAL, _D.NONE, _K.COUNT): Obis(0, 0, 0, 1, 0),
    RegisterId(_Q.PROGRAMMING, _P.TOTAL, _D.NONE, _K.COUNT): Obis(0, 0, 96, 2, 0),
    RegisterId(_Q.PROGRAMMING, _P.TOTAL, _D.NONE, _K.TIME): Obis(0, 0, 96, 2, 1),
    RegisterId(_Q.BATTERY, _P.TOTAL, _D.NONE, _K.INSTANTANEOUS): Obis(0, 0, 96, 6, 3),
    RegisterId(_Q.POWER_FAILURE, _P.TOTAL, _D.NONE, _K.COUNT): Obis(0, 0, 96, 7, 0),
    RegisterId(_Q.POWER_FAILURE, _P.L1, _D.NONE, _K.COUNT): Obis(0, 0, 96, 7, 1),
    RegisterId(_Q.POWER_FAILURE, _P.L2, _D.NONE, _K.COUNT): Obis(0, 0, 96, 7, 2),
    RegisterId(_Q.POWER_FAILURE, _P.L3, _D.NONE, _K.COUNT): Obis(0, 0, 96, 7, 3),
    RegisterId(_Q.POWER_FAILURE, _P.TOTAL, _D.NONE, _K.DURATION): Obis(0, 0, 96, 7, 15),
    RegisterId(_Q.POWER_FAILURE, _P.L1, _D.NONE, _K.DURATION): Obis(0, 0, 96, 7, 16),
    RegisterId(_Q.POWER_FAILURE, _P.L2, _D.NONE, _K.DURATION): Obis(0, 0, 96, 7, 17),
    RegisterId(_Q.POWER_FAILURE, _P.L3, _D.NONE, _K.DURATION): Obis(0, 0, 96, 7, 18),
    RegisterId(_Q.TEMPERATURE, _P.TOTAL, _D.NONE, _K.INSTANTANEOUS): Obis(0, 0, 96, 9, 0),
    RegisterId(_Q.ENERGY_RATE, _P.TOTAL, _D.NONE, _K.STATE): Obis(0, 0, 96, 14, 0),
    RegisterId(_Q.DEMAND_RATE, _P.TOTAL, _D.NONE, _K.STATE): Obis(0, 0, 96, 14, 1),
    RegisterId(_Q.STATUS, _P.TOTAL, _D.NONE, _K.STATE): Obis(0, 0, 97, 97, 0),
    RegisterId(_Q.ALARM, _P.TOTAL, _D.NONE, _K.STATE): Obis(0, 0, 97, 98, 0),
}
"""Registers with codes of their own."""

CLOSED_KINDS: Final = frozenset(
    {_K.ENERGY, _K.CUMULATIVE_DEMAND, _K.MAXIMUM_DEMAND, _K.MINIMUM, _K.MAXIMUM, _K.TIME, *LIMIT_KINDS}
)
"""What closed billing periods have."""

_BILLED: Final = (_Q.BILLING, _P.TOTAL, _D.NONE, _K.TIME, 0)
_PHASES: Final = (_P.TOTAL, _P.L1, _P.L2, _P.L3)

_Key = tuple[Quantity, Phase, Direction, Kind, int]
"""A register but for its rate and period; the last is the order of a harmonic."""

_Groups = tuple[int, int, int, int]


def _rated() -> dict[_Key, _Groups]:
    """Registers that are kept by rate, and groups A to D of their codes; E is the rate."""
    found: dict[_Key, _Groups] = {(_Q.OPERATING_TIME, _P.TOTAL, _D.NONE, _K.DURATION, 0): (0, 0, 96, 8)}
    for kind, d in (*ACCOUNTED_KINDS.items(), *LIMIT_KINDS.items()):
        for (quantity, direction), c in POWERS.items():
            for phase in _PHASES:
                found[quantity, phase, direction, kind, 0] = (1, 0, c + _PHASE_STEP * phase, d)
        for (quantity, direction), c in CUSTOMERS.items():
            found[quantity, _P.TOTAL, direction, kind, 0] = (1, 0, c, d)
    return found


def _channel(quantity: Quantity, phase: Phase) -> int | None:
    """Value group C of a quantity without direction."""
    if phase is _P.NEUTRAL:
        return NEUTRAL.get(quantity)
    c = PRESENT.get(quantity)
    return None if c is None else c + _PHASE_STEP * phase


def _fixed() -> dict[_Key, Obis]:
    """Registers that are not kept by rate."""
    found = {(*identity[:4], 0): code for identity, code in SINGLE.items()}
    found[_BILLED] = Obis(0, 0, 0, 1, 2)
    for (quantity, phase), e in ANGLES.items():
        found[quantity, phase, _D.NONE, _K.INSTANTANEOUS, 0] = Obis(1, 0, _ANGLES, 7, e)
    for kind, d in MEASURED_KINDS.items():
        for (quantity, direction), c in POWERS.items():
            if quantity is not _Q.APPARENT:
                for phase in _PHASES:
                    found[quantity, phase, direction, kind, 0] = Obis(1, 0, c + _PHASE_STEP * phase, d, 0)
        for phase in _PHASES:
            # Measured apparent power has no direction; import is where meters show it.
            c = POWERS[_Q.APPARENT, _D.IMPORT] + _PHASE_STEP * phase
            found[_Q.APPARENT, phase, _D.NONE, kind, 0] = Obis(1, 0, c, d, 0)
    for kind, d in (*MEASURED_KINDS.items(), *LIMIT_KINDS.items()):
        for quantity in PRESENT:
            for phase in Phase:
                channel = _channel(quantity, phase)
                if channel is not None:
                    found[quantity, phase, _D.NONE, kind, 0] = Obis(1, 0, channel, d, 0)
    waves = ((_Q.VOLTAGE, _Q.THD_VOLTAGE, _Q.HARMONIC_VOLTAGE), (_Q.CURRENT, _Q.THD_CURRENT, _Q.HARMONIC_CURRENT))
    for of, distortion, harmonic in waves:
        for phase in Phase:
            channel = _channel(of, phase)
            if channel is not None and phase is not _P.TOTAL:
                found[distortion, phase, _D.NONE, _K.INSTANTANEOUS, 0] = Obis(1, 0, channel, 7, _DISTORTION)
                for order in range(1, ORDERS_MOST + 1):
                    found[harmonic, phase, _D.NONE, _K.INSTANTANEOUS, order] = Obis(1, 0, channel, 7, order)
    return found


_RATED: Final = _rated()
_FIXED: Final = _fixed()
_BY_GROUPS: Final = {groups: key for key, groups in _RATED.items()}
_BY_CODE: Final = {code: key for key, code in _FIXED.items()}


@lru_cache(maxsize=2048)
def _bare(quantity: Quantity, phase: Phase, direction: Direction, kind: Kind, rate: int, order: int) -> Obis | None:
    """The code of the running billing period."""
    groups = _RATED.get((quantity, phase, direction, kind, order))
    if groups is not None:
        return Obis(*groups, rate) if 0 <= rate <= RATES_MOST else None
    return _FIXED.get((quantity, phase, direction, kind, order)) if rate == 0 else None


def code(identity: RegisterId, counter: int) -> Obis | None:
    """The code of a register; None if it has none. `counter` is the billing period counter: the number of the last
    closed period.

    None have ranks below the highest, coincident demands, daily freezes, continuous cumulative demand, unbalance.
    """
    bare, f = parts(identity, counter)
    return None if bare is None else bare if f == CURRENT else Obis(bare.a, bare.b, bare.c, bare.d, bare.e, f)


def parts(identity: RegisterId, counter: int) -> tuple[Obis | None, int]:
    """The code as that of the running billing period, and value group F that takes the place of its own."""
    quantity, phase, direction, kind, rate, period, rank, order, day, beside = identity
    if rank != 1 or day or beside is not None:
        return None, CURRENT
    bare = _bare(quantity, phase, direction, kind, rate, order)
    if period == 0 and (kind is not _K.TIME or quantity is not _Q.BILLING):
        return bare, CURRENT
    if period == 0 or not _has_periods(quantity, kind) or not 0 < period <= PERIODS_MOST:
        return None, CURRENT
    return bare, (counter - period + 1) % _COUNTER


def _has_periods(quantity: Quantity, kind: Kind) -> bool:
    return kind in CLOSED_KINDS and (kind is not _K.TIME or quantity is _Q.BILLING)


def register(code: Obis, counter: int) -> RegisterId | None:
    """The register with this code; None if the code is no register's. `counter` as for `code`."""
    key = _BY_GROUPS.get(code[:4])
    rate = 0
    if key is not None:
        rate = code.e
        if not 0 <= rate <= RATES_MOST:
            return None
    else:
        key = _BY_CODE.get(code._replace(f=CURRENT))
        if key is None:
            return None
    quantity, phase, direction, kind, order = key
    period = 0
    if code.f != CURRENT:
        period = (counter - code.f) % _COUNTER + 1
        if not _has_periods(quantity, kind) or not 0 <= code.f < _COUNTER or period > PERIODS_MOST:
            return None
    elif key == _BILLED:
        return None
    return RegisterId(quantity, phase, direction, kind, rate, period, order=order)
