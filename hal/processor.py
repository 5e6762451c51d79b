"""The processor, and what a program asks of whatever drives it.

A program (the kernel) is sans-IO: `run` is a generator that yields `Busy` or `Idle`, and the driver decides how long
the one lasts and when the other ends. It sends back the monotonic instant at which the program goes on. Interrupts
come in through `interrupt`, between two yields. The simulator and the bench are two drivers of the same program.
"""

import enum
from collections.abc import Generator
from typing import NamedTuple, Protocol


class Busy(NamedTuple):
    """The CPU computes for a number of cycles; the driver picks it, `best <= cycles <= worst`."""

    best: int
    worst: int


class Idle(NamedTuple):
    """The CPU sleeps until a monotonic instant in ns, or for ever (None), or until an interrupt."""

    until: int | None


class Line(enum.Enum):
    """The interrupt lines of a meter's board. The order is their priority when several fall on one instant."""

    POWER_FAIL = "power-fail"
    POWER_GOOD = "power-good"
    SAMPLES = "samples"
    FRONT_END = "front-end"
    RTC_ALARM = "rtc-alarm"
    FLASH = "flash"
    OPTICAL_RECEIVED = "optical-received"
    OPTICAL_SENT = "optical-sent"
    INPUTS = "inputs"
    DISPLAY = "display"


class ResetCause(enum.Enum):
    """Why the processor started, as its reset controller latched it."""

    POWER_ON = "power-on"
    WATCHDOG = "watchdog"


class Processor(Protocol):
    """The CPU's clock and reset controller."""

    @property
    def hz(self) -> int:
        """Nominal frequency. A cycle is 10**9 / hz nanoseconds of the monotonic clock, by definition."""

    @property
    def reset_cause(self) -> ResetCause: ...

    def now(self) -> int:
        """The monotonic clock in ns since reset, as counted by the CPU's oscillator."""


class Program(Protocol):
    """What a processor runs."""

    def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
        """Run from the monotonic instant `start_ns`; each yield is answered with the instant at which to go on."""

    def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
        """Serve one interrupt at the monotonic instant `at_ns`; the answer is what entry and handler cost."""
