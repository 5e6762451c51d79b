"""How the counters of a week lie in a save: so many bytes, whatever is configured."""

from typing import Final

from firmware.quality.week import COUNTERS, WeekState

_BYTES_EACH: Final = 4
WEEK_BYTES: Final = _BYTES_EACH * (1 + COUNTERS)


def build_week(state: WeekState) -> bytes:
    """The number of the week, then its counters; unsigned, the lowest byte first."""
    return b"".join(value.to_bytes(_BYTES_EACH, "little") for value in (state.week, *state.counters))


def parse_week(data: bytes) -> WeekState:
    """ValueError if it has not the right length."""
    if len(data) != WEEK_BYTES:
        raise ValueError(f"a week has {WEEK_BYTES} bytes, not {len(data)}")
    values = [int.from_bytes(data[at : at + _BYTES_EACH], "little") for at in range(0, WEEK_BYTES, _BYTES_EACH)]
    return WeekState(values[0], tuple(values[1:]))
