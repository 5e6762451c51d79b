"""The events that a meter logs. Numbers are our own; C12.19 and COSEM codes are mappings over them.

Which event goes to which log, and which one is the end of which, is said in `firmware.events.book`.
"""

import enum


class LogName(enum.Enum):
    """The logs, each a ring of its own. Their order is that of what a save keeps of them."""

    STANDARD = "standard"
    FRAUD = "fraud"
    QUALITY = "quality"
    POWER = "power"
    COMMUNICATION = "communication"
    CONFIGURATION = "configuration"

    @property
    def ring(self) -> str:
        """Its ring in the memory map."""
        return f"log-{self.value}"


@enum.unique
class Event(enum.Enum):
    """A number for the log, a name for people."""

    POWER_DOWN = 1
    """`detail` is the number of the save that the meter went on from."""
    POWER_UP = 2
    REGISTER_BACKUP_USED = 3
    """The last power-down was incomplete; registers are those of the last whole save."""
    STATE_LOST = 4
    """No whole save was found in a flash that is not blank."""
    WATCHDOG_RESET = 5
    """The watchdog bit: a task had not yielded, or missed its deadline."""
    BATTERY_FAILED = 10
    BATTERY_RESTORED = 11
    CLOCK_RESTORED = 12
    """The RTC had lost the time; the clock goes on from the saved power-down. `detail` is that instant."""
    CLOCK_SET = 13
    """`detail` is the time before."""
    CLOCK_ADJUSTED = 15
    """The clock is going to be slewed. `detail` is the time that it should have shown, UTC in s."""
    CLOCK_SETTLED = 16
    """All of an adjustment is done."""
    RTC_FAILED = 17
    """The RTC is no longer believed; `detail` is a `firmware.clock.rtc_watch.RtcTrouble`."""
    RTC_RESTORED = 18
    """The RTC counts again as it should, and was set from the clock."""
    CLOCK_DOUBTFUL = 19
    """The meter lost trust in its clock while it ran, or while it was being set."""
    END_OF_BILLING = 20
    """`detail` is its number."""
    TARIFF_FROZEN = 21
    TARIFF_RELEASED = 22
    CLOCK_INVALID = 24
    """The meter woke without any time, and counts from where an RTC begins."""
    CLOCK_ON_CRYSTAL = 25
    """The clock no longer follows the mains, which are there; `detail` is their frequency in mHz."""
    CLOCK_ON_MAINS = 26
    """The clock follows the mains again."""
    PHASE_FAILED = 30
    """`detail` is the phase."""
    PHASE_RESTORED = 31
    VOLTAGE_LOW = 32
    """Of a phase, while another's is not: a voltage transformer or its fuse. `detail` is the phase."""
    VOLTAGE_NORMAL = 33
    NEUTRAL_LOST = 34
    """The star point has left the middle: one phase voltage is high, another low."""
    NEUTRAL_RESTORED = 35
    SEQUENCE_REVERSED = 36
    SEQUENCE_RESTORED = 37
    VOLTAGE_HIGH = 27
    """Of a phase; `detail` is the phase."""
    VOLTAGE_HIGH_ENDED = 28
    FREQUENCY_OUT_OF_RANGE = 38
    FREQUENCY_NORMAL = 39
    TERMINAL_COVER_OPENED = 40
    TERMINAL_COVER_CLOSED = 41
    MAIN_COVER_OPENED = 42
    MAIN_COVER_CLOSED = 43
    MAGNET_DETECTED = 44
    MAGNET_GONE = 45
    INPUT_CHATTER = 46
    """Changes of an input that left no entry of their own; `detail` is its number (1 terminal cover, 2 main cover, 3
    magnet, 4 reset button) times a million, and how many they were in an hour."""
    FRAUD_CHATTER = 47
    """Begins and ends of a condition of the fraud log that left no entry of their own; `detail` is its number (the
    place of its bit, from 1) times a million, and how many they were in an hour."""
    QUALITY_CHATTER = 48
    """The same, of a condition of the quality log."""
    STANDARD_CHATTER = 49
    """The same, of one of the standard log."""
    ALARMS_ACKNOWLEDGED = 57
    """`detail` are the bits of the alarm register that were cleared."""
    REVERSE_RUN = 60
    """Active energy is exported. `detail` is the phase, 0 for the total."""
    REVERSE_RUN_ENDED = 61
    CURRENTS_CROSSED = 62
    """Two current transformers are on each other's phases: `detail` 12, 13 or 23."""
    CURRENTS_UNCROSSED = 63
    CURRENT_WITHOUT_VOLTAGE = 64
    """`detail` is the phase."""
    CURRENT_WITHOUT_VOLTAGE_ENDED = 65
    FRONT_END_FAILED = 66
    """`detail` is the channel, 1 to 7 in the order of `hal.frontend.CHANNELS`; 0 if nothing new comes at all."""
    FRONT_END_RESTORED = 67
    OVER_CURRENT = 68
    """`detail` is the phase."""
    OVER_CURRENT_ENDED = 69
    FLASH_CORRUPT = 70
    """Records that did not read as they should; `detail` is their number. At boot a torn one counts as a rotten one."""
    FLASH_WORN = 71
    """A sector is no longer written to; `detail` is its number."""
    FLASH_WORN_OUT = 72
    """A ring has hardly a sound sector left, and uses worn ones again; `detail` is the ring's number."""
    SUPPLY_DISCONNECTED = 80
    """Of the disconnect relay; `detail` is the transition of IEC 62056-6-2, class 70: 1 for a, 2 for b, ..."""
    SUPPLY_CONNECTED = 81
    """`detail` as above."""
    SUPPLY_READY = 82
    """The relay is open, and may be closed at the meter; `detail` as above."""
    LIMIT_EXCEEDED = 83
    """What the limiter monitors was over the threshold for too long; `detail` is 1 for the emergency threshold."""
    LIMIT_KEPT = 84
    EMERGENCY_PROFILE_BEGAN = 85
    """`detail` is its number."""
    EMERGENCY_PROFILE_ENDED = 86
    UNEXPECTED_CONSUMPTION = 87
    """A current flows, and the relay should be open."""
    UNEXPECTED_CONSUMPTION_ENDED = 88
    TEST_MODE_BEGAN = 90
    """Energy bills no longer."""
    TEST_MODE_ENDED = 91
    VOLTAGE_DIP = 100
    """The half-cycle voltage of a phase was too low; logged when that has ended. `detail` in decimal: the phase, nine
    digits of ms that it lasted, four of the lowest voltage in permille of the nominal one."""
    VOLTAGE_SWELL = 101
    """It was too high; `detail` as above, with the highest voltage."""
    VOLTAGE_INTERRUPTION = 102
    """It was as good as none; `detail` as above."""
    VOLTAGE_EVENTS_UNTOLD = 103
    """Dips, swells and interruptions that left no entry of their own, since they were too many; `detail` is how many
    they were."""
    PASSWORD_WRONG = 50
    PROGRAMMING_LOCKED = 51
    PROGRAMMING_OPENED = 52
    """`detail` is the level of access."""
    PROGRAMMED = 54
    """`detail` is the number of the programme."""
    TARIFF_ACTIVATED = 55
    """The passive tariff has taken over; `detail` is the number of its programme."""
    PROGRAMMING_REFUSED = 58
    """A change did not fit, or could not be understood; `detail` is the number of the programme that stays in force."""
    PROGRAMME_LOST = 56
    """The programme of this number, `detail`, is no longer whole in flash: an older one is in force."""
    ACCESS_DENIED = 53
    """A command that needs more than the session's level of access, which is `detail`; once a session."""

    @property
    def text(self) -> str:
        """The name as scenarios and reports write it: battery-failed."""
        return self.name.lower().replace("_", "-")
