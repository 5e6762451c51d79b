"""Times as load-profile meters write them (VDEW-Lastenheft 2.1, ZSTs11 and ZSTs13): `s YYMMDDhhmm`, and `ss` behind it.

The season s is 0 in standard time, 1 in summer time; read, it may be 2 for UTC.
"""

from typing import Final

from firmware.clock.civil import Zone, local_at_offset

_DIGITS: Final = (11, 13)
_STANDARD, _SUMMER, _UTC = range(3)


def text(utc_s: int, offset_s: int, zone: Zone) -> str:
    """ZSTs13 of an instant, as the wall showed it at this offset."""
    at = local_at_offset(utc_s, offset_s)
    season = _STANDARD if offset_s == zone.standard_offset_s else _SUMMER
    return f"{season}{at.year % 100:02}{at.month:02}{at.day:02}{at.hour:02}{at.minute:02}{at.second:02}"


def instant(text: str, zone: Zone, second: int) -> int | None:
    """UTC in s of a ZSTs13, or of this second of a ZSTs11; None if it is neither."""
    if not (text.isascii() and text.isdecimal()) or len(text) not in _DIGITS:
        return None
    year, month, day, hour, minute, *rest = (int(text[at : at + 2]) for at in range(1, len(text), 2))
    shift_s = 0 if zone.dst is None else zone.dst.shift_s
    offsets = {_STANDARD: zone.standard_offset_s, _SUMMER: zone.standard_offset_s + shift_s, _UTC: 0}
    offset_s = offsets.get(int(text[0]))
    try:
        wall_s = Zone(0).utc(2000 + year, month, day, hour, minute, *(rest or [second]))
    except ValueError:
        return None
    return None if offset_s is None else wall_s - offset_s
