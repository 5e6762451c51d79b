"""An RTC to be lied with: it shows what the test says, from a list or from time that passes."""

from dataclasses import dataclass, field

from hal.rtc import RTC_TICKS, RtcReading
from hal.units import S

NOON_S = 1_781_524_800


@dataclass
class TestRtc:
    """Counts from `base_ns` when `pass_time` says so, unless readings are queued."""

    __test__ = False

    base_ns: int = NOON_S * S
    stopped: bool = False
    queued: list[RtcReading] = field(default_factory=list)
    sets: list[int] = field(default_factory=list)

    def read(self) -> RtcReading:
        if self.queued:
            return self.queued.pop(0)
        return RtcReading(self.base_ns // S, self.base_ns % S * RTC_TICKS // S, self.stopped)

    def set(self, utc_s: int) -> None:
        self.sets.append(utc_s)
        self.base_ns, self.stopped = utc_s * S, False

    def set_alarm(self, utc_s: int | None) -> None:
        """None rings here."""
