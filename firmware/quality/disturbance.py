"""What an excursion of a half-cycle voltage is called, and how the log tells it."""

from typing import Final

from firmware.events.codes import Event
from hal.frontend import Excursion, ExcursionKind
from hal.units import MS

_THOUSAND: Final = 1_000
_DURATION_MOST: Final = 10**9 - 1
"""In ms; more than 11 days."""
_LEVEL_MOST: Final = 9_999


def event_of(excursion: Excursion, nominal_uv: int, interruption_permille: int) -> Event:
    """A dip whose residual voltage lies below the threshold of an interruption is one, however long (EN 50160's table
    of dips begins at 5 %, from memory)."""
    if excursion.kind is ExcursionKind.SWELL:
        return Event.VOLTAGE_SWELL
    interrupted = excursion.extreme_uv * _THOUSAND < interruption_permille * nominal_uv
    return Event.VOLTAGE_INTERRUPTION if interrupted else Event.VOLTAGE_DIP


def detail_of(excursion: Excursion, nominal_uv: int) -> int:
    """In decimal: the phase, nine digits of ms that it lasted, four of its extreme in permille of the nominal voltage.

    ValueError for one that goes on.
    """
    if excursion.end_ns is None:
        raise ValueError(f"the excursion that began at {excursion.begin_ns} ns goes on")
    lasted_ms = min((excursion.end_ns - excursion.begin_ns + MS // 2) // MS, _DURATION_MOST)
    level = min((excursion.extreme_uv * _THOUSAND + nominal_uv // 2) // nominal_uv, _LEVEL_MOST)
    return ((excursion.element + 1) * 10**9 + lasted_ms) * 10**4 + level


def parse_detail(detail: int) -> tuple[int, int, int]:
    """Phase (1 is L1), ms, permille: what `detail_of` packed."""
    rest, level = divmod(detail, 10**4)
    phase, lasted_ms = divmod(rest, 10**9)
    return phase, lasted_ms, level
