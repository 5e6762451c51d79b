"""What the board draws from its hold-up capacitor, by consumer.

Each consumer's power is constant while it is active, so the energy drawn is linear in a few counts of active time,
which the devices keep anyway. It is worked out when somebody asks: no event in the world belongs to it.

Powers are those at the capacitor: currents at 3.3 V, over a converter of 80 % efficiency.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sim.devices.flash import FlashOperation, Stage
from sim.devices.stopwatch import Stopwatch
from sim.world import World

FJ_PER_NWH: Final = 3_600_000_000


def at_capacitor_uw(current_ua: int) -> int:
    """Power at the capacitor for a current at 3.3 V, in uW, rounded up."""
    return -(-current_ua * 33 // 8)


@dataclass(frozen=True, slots=True)
class DrawPart:
    """The board's powers in uW. Currents are typical ones, all from memory, but for `flash_uw` (the highest)."""

    cpu_sleep_uw: int = at_capacitor_uw(1_850)
    """37 uA/MHz at 50 MHz: STM32L476 data sheet, sleep mode."""
    cpu_run_uw: int = at_capacitor_uw(5_000)
    """100 uA/MHz at 50 MHz: STM32L476 data sheet, run mode."""
    front_end_uw: int = at_capacitor_uw(15_000)
    """A three-phase metering IC (ADE9000 data sheet, about 15 mA); a converter of seven channels with its reference and
    drivers is taken for as much, which is an estimate of ours."""
    flash_uw: int = at_capacitor_uw(25_000)
    """While it programs or erases: W25Q64JV data sheet, 20 mA typical, 25 mA at most. At rest nothing that counts."""
    optical_uw: int = at_capacitor_uw(10_000)
    """While it sends: the LED at 20 mA in half of the bits (estimate)."""
    rtc_uw: int = at_capacitor_uw(1)
    """0.5 uA, rounded up."""
    rest_uw: int = 170_000
    """Display and its light, module slots, losses of the regulators: an estimate of ours, always on."""

    @property
    def always_uw(self) -> int:
        """Of a board that sleeps."""
        return self.cpu_sleep_uw + self.front_end_uw + self.rtc_uw + self.rest_uw

    @property
    def most_uw(self) -> int:
        """All at once; the CPU's share with the 1 % that its oscillator may count faster than true time."""
        running = (self.cpu_run_uw - self.cpu_sleep_uw) * 102 // 100
        return self.always_uw + max(running, 0) + self.flash_uw + self.optical_uw


DRAW: Final = DrawPart()


@dataclass(frozen=True, slots=True)
class Activity:
    """Asked for active times since the start, in ns, at any instant."""

    cpu_ns: Callable[[], int]
    flash_ns: Callable[[], int]
    optical_ns: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Consumed:
    """What one consumer has drawn: for how long it was active, and the energy."""

    consumer: str
    active_ns: int
    energy_fj: int


class BoardDraw:
    """The board's account with its capacitor."""

    def __init__(self, world: World, part: DrawPart, activity: Activity) -> None:
        self.part = part
        self._world = world
        self._activity = activity
        self._powered = Stopwatch()

    def power_up(self) -> None:
        self._powered.start(self._world.now)

    def power_down(self) -> None:
        self._powered.stop(self._world.now)

    def drawn_fj(self) -> int:
        """All of it since the start; it never falls."""
        part, activity = self.part, self._activity
        return (
            part.always_uw * self._powered.total(self._world.now)
            + (part.cpu_run_uw - part.cpu_sleep_uw) * activity.cpu_ns()
            + part.flash_uw * activity.flash_ns()
            + part.optical_uw * activity.optical_ns()
        )

    def by_consumer(self) -> tuple[Consumed, ...]:
        """The same, part by part; the energies add up to `drawn_fj`."""
        part, activity = self.part, self._activity
        powered, busy = self._powered.total(self._world.now), activity.cpu_ns()
        rows = (
            ("cpu-run", busy, part.cpu_run_uw),
            ("cpu-sleep", powered - busy, part.cpu_sleep_uw),
            ("front-end", powered, part.front_end_uw),
            ("flash", activity.flash_ns(), part.flash_uw),
            ("optical", activity.optical_ns(), part.optical_uw),
            ("rtc", powered, part.rtc_uw),
            ("rest", powered, part.rest_uw),
        )
        return tuple(Consumed(name, active_ns, active_ns * power) for name, active_ns, power in rows)


class FlashActivity:
    """For how long a flash has programmed or erased; a listener to its operations."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running = Stopwatch()

    def follow(self, operation: FlashOperation) -> None:
        if operation.stage in (Stage.STARTED, Stage.RESUMED):
            self._running.start(operation.at_ns)
        else:
            self._running.stop(operation.at_ns)

    def active_ns(self) -> int:
        return self._running.total(self._world.now)
