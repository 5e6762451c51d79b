"""The cell that keeps the RTC going without supply: tested, and its failure remembered until it is answered to."""

from firmware.clock.trust import ClockStatus
from firmware.events.codes import Event
from firmware.events.entry import Entry
from hal.power import Battery


class BatteryWatch:
    """What the tests of one cell have found. It has failed below `low_mv`, and is healthy again `margin_mv` above."""

    def __init__(self, cell: Battery, low_mv: int, margin_mv: int) -> None:
        self._cell = cell
        self._low_mv = low_mv
        self._healthy_mv = low_mv + margin_mv
        self.failed_s = 0
        """When its failure was found, UTC; 0 while it is healthy."""
        self.not_before = False
        """It died unsupplied, some time after `failed_s`."""
        self.answered = False
        """The response to this failure is made, and is not repeated until it is armed again."""

    def programmed(self, low_mv: int, margin_mv: int) -> None:
        """Other thresholds hold from the next test on."""
        self._low_mv, self._healthy_mv = low_mv, low_mv + margin_mv

    def resume(self, failed_s: int, not_before: bool, answered: bool) -> None:
        """Go on from a save."""
        self.failed_s, self.not_before, self.answered = failed_s, not_before, answered

    def heard(self, logged: Entry) -> None:
        """The log says so, and the save that the meter went on from is older."""
        if logged.event is Event.BATTERY_FAILED:
            self.failed_s, self.not_before = logged.utc_s, bool(logged.detail)
        elif logged.event is Event.BATTERY_RESTORED:
            self.failed_s, self.not_before = 0, False
            self.arm(logged.clock)

    def test(self, utc_s: int, clock: ClockStatus) -> Event | None:
        """Test it; what there is to tell, once each. Its recovery arms the response again, if the clock is right."""
        shown_mv = self._cell.test()
        if self.failed_s and shown_mv >= self._healthy_mv:
            self.failed_s = 0
            self.not_before = False
            self.arm(clock)
            return Event.BATTERY_RESTORED
        if not self.failed_s and shown_mv < self._low_mv:
            self.failed_s = utc_s
            return Event.BATTERY_FAILED
        return None

    def arm(self, clock: ClockStatus) -> None:
        """With a healthy cell and a clock that was set, the next failure is answered to again."""
        if not self.failed_s and clock in (ClockStatus.VALID, ClockStatus.ADJUSTED):
            self.answered = False
