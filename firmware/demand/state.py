"""What a save keeps of the running interval, and the current and last averages read from it."""

from dataclasses import dataclass

from firmware.demand.averaging import Averaging
from firmware.demand.config import Method, Shape
from firmware.demand.interval import Interval
from firmware.demand.stamp import Stamp
from firmware.demand.thermal import Thermal
from firmware.demand.window import Window


@dataclass(frozen=True, slots=True)
class LastAverage:
    """The demands of the interval that ended last, in mW, with its end; for the quantities of the shape."""

    demands_mw: tuple[int, ...]
    stamp: Stamp
    short: bool
    idle: bool


def last_of(interval: Interval) -> LastAverage:
    return LastAverage(interval.demands_mw, interval.stamp, interval.short, interval.idle)


@dataclass(frozen=True, slots=True)
class IntegrationState:
    """The running interval, as a save at `at_s` keeps it. UTC in s, energies in nWh (nvarh, nVAh).

    `short`: it can no longer be whole. `counted`: demand has counted in it; `waiting`: demand does not count now, but
    from `until_s` on. `past` is what the method knows of intervals before.
    """

    shape: Shape
    at_s: int
    start_s: int
    until_s: int
    rate: int
    short: bool
    counted: bool
    waiting: bool
    energies: tuple[int, ...]
    past: Averaging
    last: LastAverage | None


@dataclass(frozen=True, slots=True)
class Averages:
    """Current and last average of every quantity integrated, as COSEM's class 5 has them (Blue Book, Demand register).

    In mW (mvar, mVA). `current_mw` is over the energy since `start_s`, when the oldest interval in it that is known
    began, nominally; divided by `periods` times `period_s`. `last_mw` was captured at the end of the last interval,
    all zeros and None if there was none. `current_short`, `last_short`: of less than `periods` times `period_s`;
    `current_idle`, `last_idle`: demand did not count. Thermal demand has no start: it is that of the running minute.
    """

    quantities: tuple[int, ...]
    current_mw: tuple[int, ...]
    last_mw: tuple[int, ...]
    start_s: int
    start_offset_s: int
    captured: Stamp | None
    current_short: bool
    current_idle: bool
    last_short: bool
    last_idle: bool
    period_s: int
    periods: int


def nothing_past(shape: Shape) -> Averaging:
    """What a method begins with."""
    if shape.method is Method.THERMAL:
        return Thermal.empty(shape.period_s, len(shape.quantities))
    return Window.empty(shape.period_s, shape.subintervals, len(shape.quantities))
