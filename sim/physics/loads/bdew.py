"""Standard load profiles of the German energy industry (BDEW), from demandlib.

A profile has a mean power for each quarter of an hour of a civil year in local standard time, without daylight saving
and without holidays. It is scaled so that each civil year has the annual energy.
"""

import calendar
import datetime
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from hal.units import MINUTE, S
from sim.physics.loads.load import LoadError
from sim.physics.service import PowerFactor, Service
from sim.physics.waves import Segment

STEP_NS: Final = 15 * MINUTE
OF_1999: Final = ("h0", "h0_dyn", "g0", "g1", "g2", "g3", "g4", "g5", "g6", "l0", "l1", "l2")
OF_2025: Final = ("g25", "h25", "l25", "p25", "s25")
PROFILES: Final = OF_1999 + OF_2025
"""Household, trade and farm profiles of 1999 (`h0_dyn` smoothed over the year), and those of the 2025 revision."""

DEFAULT_FACTOR: Final = PowerFactor(950_000)
_SHARE: Final = 10**15
"""Shares of the year become ints of this, far below a milli-watt of any load."""


class BdewLoad:
    """A profile on a service: P from the profile, Q from the power factor, on all phases or on one.

    `utc_offset_s` is that of local standard time. A LoadError for an unknown profile.
    """

    def __init__(
        self,
        service: Service,
        profile: str,
        annual_energy_wh: int,
        utc_offset_s: int,
        factor: PowerFactor = DEFAULT_FACTOR,
        phase: int | None = None,
    ) -> None:
        if profile not in PROFILES:
            raise LoadError(f"there is no BDEW profile {profile!r}: {', '.join(PROFILES)}")
        if annual_energy_wh < 0:
            raise LoadError(f"an annual energy can't be negative: {annual_energy_wh} Wh")
        if factor.ppm <= 0:
            raise LoadError(f"a profile consumes: its power factor can't be {factor.ppm} ppm")
        self._service = service
        self._profile = profile
        self._annual_energy_wh = annual_energy_wh
        self._utc_offset_s = utc_offset_s
        self._factor = factor
        self._phase = phase

    def timeline(self, start_utc_ns: int) -> Iterator[tuple[int, Segment]]:
        """A change at each quarter of an hour, for ever; a LoadError past the year 2262, where pandas ends."""
        local_ns = start_utc_ns + self._utc_offset_s * S
        year = _year_of(local_ns // S)
        quarter, into_ns = divmod(local_ns - _new_year_s(year) * S, STEP_NS)
        offset_ns = -into_ns
        while True:
            for active_mw in self.powers_mw(year)[quarter:]:
                reactive_mvar = self._factor.reactive_of(active_mw)
                yield max(offset_ns, 0), self._service.power(active_mw, reactive_mvar, self._phase)
                offset_ns += STEP_NS
            year += 1
            quarter = 0

    def powers_mw(self, year: int) -> Sequence[int]:
        """The mean active power of each quarter of an hour of a civil year, in mW."""
        shares = _shares(self._profile, year)
        whole = sum(shares)
        energy_mwh = self._annual_energy_wh * 1000
        return [(8 * energy_mwh * share + whole) // (2 * whole) for share in shares]


def _year_of(local_s: int) -> int:
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=local_s)).year


def _new_year_s(year: int) -> int:
    return calendar.timegm((year, 1, 1, 0, 0, 0))


@lru_cache(maxsize=4)
def _shares(profile: str, year: int) -> tuple[int, ...]:
    """How the energy of a year falls on its quarters of an hour, as ints of `_SHARE` of what demandlib makes of it."""
    from unittest.mock import patch  # slow to import, and of use here alone

    if not 1970 <= year < 2262:
        raise LoadError(f"BDEW profiles are made for the years 1970 to 2261, not for {year}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # demandlib (0.2.2) makes every warning of the process an error, and with pandas 3.1 it causes some itself.
        with patch.object(warnings, "simplefilter"):
            values = _year_of_1999(profile, year) if profile in OF_1999 else _year_of_2025(profile, year)
    total = sum(values)
    return tuple(round(value / total * _SHARE) for value in values)


def _year_of_1999(profile: str, year: int) -> list[float]:
    from demandlib.bdew import ElecSlp

    return [float(value) for value in ElecSlp(year).get_profiles(profile)[profile]]


def _year_of_2025(profile: str, year: int) -> list[float]:
    import pandas
    from demandlib import bdew

    index = pandas.date_range(f"{year}-01-01", periods=(365 + calendar.isleap(year)) * 96, freq="15min")
    return [float(value) for value in getattr(bdew, profile.upper())(index)]
