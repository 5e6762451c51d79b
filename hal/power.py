"""The meter's own supply with its hold-up capacitor, and the cell behind the RTC."""

from typing import Protocol


class Supply(Protocol):
    """Raises `Line.POWER_FAIL` when the mains no longer feed the supply, `Line.POWER_GOOD` when they do again."""

    def mains_good(self) -> bool: ...

    def hold_up_mv(self) -> int:
        """Voltage of the hold-up capacitor in mV."""


class Battery(Protocol):
    """The RTC's backup cell."""

    def test(self) -> int:
        """Voltage in mV under the test load; near 0 with a dead or missing cell."""
