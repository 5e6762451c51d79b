"""What the channels of a profile interval mean, read as a utility would read their codes; see docs/profile.md. Nothing
of the firmware's own arithmetic is used.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from hal.energy import ENERGY_KINDS
from hal.probe import ProfileRecorded

_READING: Final = 16
_DEMAND: Final = 32
_SAMPLES: Final = 48
_MEAN, _LEAST, _GREATEST = range(3)

_ROLLS_OVER: Final = 1 << 32
_NOTHING: Final = -(1 << 31)

_NAMES: Final = (*ENERGY_KINDS, "C1", "C2", "C3", "A", "|A|", "R+", "R-")
_SUMS: Final = {11: ((1, 0), (-1, 1)), 12: ((1, 0), (1, 1)), 13: ((1, 2), (1, 3)), 14: ((1, 4), (1, 5))}


def is_advance(code: int) -> bool:
    """Whether a channel holds what an energy has advanced."""
    return code < _READING


def name(code: int) -> str:
    """A channel, for people."""
    return _NAMES[code] if code < len(_NAMES) else f"channel {code}"


def advance_of(code: int, totals: Sequence[int]) -> int:
    """What an energy stands at, in nWh, if a channel holds its advance; else 0, as nothing of it is carried."""
    if not is_advance(code):
        return 0
    return sum(sign * totals[place] for sign, place in _SUMS.get(code, ((1, code),)))


def beside(interval: ProfileRecorded, told: Sequence[int]) -> Iterator[str]:
    """What does not agree in an interval; `told` are the levels in nWh up to which its advances have told."""
    values = dict(zip(interval.kinds, interval.values, strict=True))
    levels = dict(zip(interval.kinds, told, strict=True))
    unit = interval.unit_nwh
    for code, value in values.items():
        if is_advance(code) and code + _READING in values:
            apart = (values[code + _READING] - levels[code] // unit + 2) % _ROLLS_OVER
            if apart > 4:
                yield f"{name(code)} reads {values[code + _READING]} units, and {levels[code]} nWh are told"
        if is_advance(code) and code + _DEMAND in values:
            nwh_s = values[code + _DEMAND] * 10**6 * max(interval.length_s, interval.period_s)
            slack = 3_600 * unit + 10**6 * max(interval.length_s, interval.period_s)
            if interval.length_s and abs(nwh_s - value * unit * 3_600) > slack:
                yield f"{name(code)}: a demand of {values[code + _DEMAND]} mW, and {value} units"
    for code in values:
        if code >= _SAMPLES and (code - _SAMPLES) % 4 == _MEAN:
            least, mean, greatest = (values.get(code + more) for more in (_LEAST, _MEAN, _GREATEST))
            if mean is None or mean == _NOTHING:
                continue
            if (least is not None and least > mean) or (greatest is not None and mean > greatest):
                yield f"channel {code}: a mean of {mean} from {least} to {greatest}"
