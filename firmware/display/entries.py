"""What a list of the display names: a reduced ID code, and what goes with it.

`CODE[@PERIOD][#RANK][:time]`: `1.8.0` is a register of the running billing period, `1.8.0@1` the same of the last
closed one, `1.6.1#2` the second of the highest demands, `1.6.0:time` the instant of a maximum. Some codes name what is
no register; `segments` lights everything, so that a dead segment is seen.
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from firmware.registers import reduced_id
from firmware.registers.identity import PERIODS_MOST, RANKS_MOST, Kind, RegisterId


class Special(enum.Enum):
    """What can be shown besides registers."""

    SEGMENTS = "segments"
    TIME = "0.9.1"
    DATE = "0.9.2"
    DEVICE_ADDRESS = "0.0.0"
    SOFTWARE_VERSION = "0.2.0"
    """Of the legally relevant software."""
    SOFTWARE_SIGNATURE = "0.2.8"
    """Its checksum."""
    SUPPLY = "C.3.10"
    """The state of the disconnect relay."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One page. Of `special` and `register` one is None. `stamp`: its instant is shown, and not its value."""

    code: str
    special: Special | None = None
    register: RegisterId | None = None
    stamp: bool = False


_FORM: Final = re.compile(r"([^@#:]+)(?:@([1-9]\d?))?(?:#([2-9]))?(:time)?", re.ASCII)
_SPECIAL: Final[Mapping[str, Special]] = {special.value: special for special in Special}
_STAMPED: Final = frozenset({Kind.MAXIMUM_DEMAND, Kind.COINCIDENT_DEMAND})


@lru_cache(maxsize=512)
def entry(text: str) -> Entry:
    """ValueError, saying why, for a text that names nothing."""
    if text in _SPECIAL:
        return Entry(text, special=_SPECIAL[text])
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not CODE[@PERIOD][#RANK][:time]')
    code, period, rank, stamp = match.groups()
    found = reduced_id.register(code, 0)
    if found is None or "*" in code:
        raise ValueError(f'"{code}" is the reduced ID code of no register')
    if period is not None and int(period) > PERIODS_MOST:
        raise ValueError(f'"{text}" names period {period}, and {PERIODS_MOST} are kept')
    if (rank is not None or stamp is not None) and found.kind not in _STAMPED:
        raise ValueError(f'"{text}" has a rank or a time, and only a maximum demand has')
    if rank is not None and int(rank) > RANKS_MOST:
        raise ValueError(f'"{text}" names rank {rank}, and {RANKS_MOST} are kept')
    register = found._replace(period=int(period or 0), rank=int(rank or 1))
    return Entry(code, register=register, stamp=stamp is not None)
