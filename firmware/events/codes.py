"""The events that a meter logs. Numbers are our own; C12.19 and COSEM codes are mappings over them."""

import enum


class Event(enum.Enum):
    """A number for the log, a name for people."""

    POWER_DOWN = 1
    """`detail` is the number of the save that the meter went on from."""
    POWER_UP = 2
    REGISTER_BACKUP_USED = 3
    """The last power-down was incomplete; registers are those of the last whole save."""
    STATE_LOST = 4
    """No whole save was found in a flash that is not blank."""
    BATTERY_FAILED = 10
    BATTERY_RESTORED = 11
    CLOCK_RESTORED = 12
    """The RTC had lost the time; the clock goes on from the saved power-down. `detail` is that instant."""
    CLOCK_SET = 13
    """`detail` is the time before."""
    END_OF_BILLING = 20
    """`detail` is its number."""
    TARIFF_FROZEN = 21
    TARIFF_RELEASED = 22
    PHASE_FAILED = 30
    """`detail` is the phase."""
    PHASE_RESTORED = 31
    TERMINAL_COVER_OPENED = 40
    TERMINAL_COVER_CLOSED = 41
    MAIN_COVER_OPENED = 42
    MAIN_COVER_CLOSED = 43
    MAGNET_DETECTED = 44
    MAGNET_GONE = 45
    PASSWORD_WRONG = 50
    PROGRAMMING_LOCKED = 51
    PROGRAMMING_OPENED = 52

    @property
    def text(self) -> str:
        """The name as scenarios and reports write it: battery-failed."""
        return self.name.lower().replace("_", "-")
