"""Units that stand in names everywhere: time is an int of nanoseconds, angles are an int share of a turn."""

from typing import Final

NS: Final = 1
US: Final = 1_000
MS: Final = 1_000_000
S: Final = 1_000_000_000
MINUTE: Final = 60 * S
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

TURN: Final = 1 << 48
"""One whole turn of an angle. 2**48 leaves 15 bits to multiply an angle by a harmonic's order within int64."""

WH: Final = 1_000_000_000
"""Nano-watt-hours in a watt-hour; energy registers are ints of nWh, nvarh or nVAh of secondary energy."""
