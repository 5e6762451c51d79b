"""What keeps the RTC alive without mains: a lithium cell, or a super-capacitor that the board's rail charges.

Charges are ints of nA ns, so that draining is exact. Both know in closed form when they are spent, and keep one wake-up
in the world's queue, however often the power comes and goes.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sim.devices.backup_part import REFERENCE_MC, UAH, CellPart, SuperCapacitorPart, doubled
from sim.physics.reservoir import Reservoir
from sim.world import Phase, World


@dataclass(frozen=True, slots=True)
class BackupUse:
    """What was taken since the start, or since the last replacement: charges in nA ns.

    Times in ns: on the board's rail, and on the backup, whether it was alive or not.
    """

    supplied_ns: int
    on_backup_ns: int
    rtc: int
    tests: int
    lost: int
    """Self-discharge or leakage while it could have kept the RTC, whether the RTC lived on it or not."""


class Backup(Protocol):
    """What the board needs of either; a `hal.power.Battery` too."""

    @property
    def alive(self) -> bool:
        """Whether it can keep the RTC."""

    @property
    def full(self) -> int:
        """What it holds when it is full, in nA ns."""

    def test(self) -> int: ...

    def subscribe(self, listener: Callable[[bool], None]) -> None:
        """Tell a listener when it can't keep the RTC any more, or can again."""

    def rail(self, stands: bool) -> None:
        """The board's rail feeds the RTC from now on, or it lives on this."""

    def temperature(self, millidegrees: int) -> None: ...

    def fail(self) -> None:
        """It dies now, whatever charge it had."""

    def sag(self, voltage_mv: int) -> None:
        """Under the test load it shows no more than this from now on, until it is replaced: a low one."""

    def replace(self) -> None:
        """Another one takes its place at once: a fresh cell, an empty capacitor."""

    def use(self) -> BackupUse: ...


class _Store(ABC):
    """What both have in common: a charge, the flows in and out of it, and the instant when it is spent."""

    def __init__(self, world: World, full: int, floor: int, least_mv: int, rtc_na: int, temperature_mc: int) -> None:
        self._world = world
        self._charge = Reservoir(full, full, world.now)
        self._floor = floor
        """Charge at which it can't keep the RTC any more."""
        self._least_mv = least_mv
        self._rtc_na = rtc_na
        self._temperature_mc = temperature_mc
        self._rail = True
        self._sagged_mv: int | None = None
        self._broken = False
        self._was_alive = True
        self._armed: int | None = None
        self._listeners: list[Callable[[bool], None]] = []
        self._counted_ns = world.now
        self._supplied_ns = self._on_backup_ns = self._fed = self._lost = self._tested = 0

    @property
    def alive(self) -> bool:
        if self._broken or (self._sagged_mv is not None and self._sagged_mv < self._least_mv):
            return False
        return self._charge.at(self._world.now) > self._floor

    @property
    def full(self) -> int:
        return self._charge.full

    def subscribe(self, listener: Callable[[bool], None]) -> None:
        self._listeners.append(listener)

    def rail(self, stands: bool) -> None:
        if stands != self._rail:
            self._count()
            self._rail = stands
            self._plan()

    def temperature(self, millidegrees: int) -> None:
        self._count()
        self._temperature_mc = millidegrees
        self._plan()

    def fail(self) -> None:
        self._count()
        self._broken = True
        self._charge.take(self._world.now, self._charge.full)
        self._plan()

    def sag(self, voltage_mv: int) -> None:
        self._sagged_mv = voltage_mv
        self._plan()

    def use(self) -> BackupUse:
        self._count()
        return BackupUse(self._supplied_ns, self._on_backup_ns, self._fed, self._tested, self._lost)

    def _shown_mv(self, millivolts: int) -> int:
        """Under the test load."""
        if self._broken:
            return 0
        return millivolts if self._sagged_mv is None else min(millivolts, self._sagged_mv)

    def _renew(self, charge: int) -> None:
        self._charge = Reservoir(self._charge.full, charge, self._world.now)
        self._counted_ns = self._world.now
        self._supplied_ns = self._on_backup_ns = self._fed = self._lost = self._tested = 0
        self._sagged_mv = None
        self._broken = False
        self._plan()

    @abstractmethod
    def _loss_na(self) -> int:
        """What it loses by itself now."""

    def _charging_na(self) -> int:
        return 0

    def _count(self) -> None:
        """What has flowed since the last change; what flowed after it was spent never did."""
        now = self._world.now
        passed, self._counted_ns = now - self._counted_ns, now
        if self._rail:
            self._supplied_ns += passed
        else:
            self._on_backup_ns += passed
        if self._was_alive:
            self._lost += self._loss_na() * passed
            self._fed += 0 if self._rail else self._rtc_na * passed

    def _plan(self) -> None:
        """The flow has changed: tell who cares, and look for the instant at which that changes by itself."""
        now = self._world.now
        out = self._loss_na() + (0 if self._rail else self._rtc_na)
        rate = (self._charging_na() if self._rail else 0) - out
        self._charge.flow(now, 0 if self._broken else rate)
        alive = self.alive
        if alive != self._was_alive:
            self._was_alive = alive
            for listener in self._listeners:
                listener(alive)
        # Up to the floor it is spent; a unit above it, it lives.
        turn = self._charge.reaches(self._floor if rate < 0 else self._floor + 1)
        if turn is not None and (self._armed is None or turn < self._armed):
            self._armed = turn
            self._world.at(turn, Phase.WORLD, lambda: self._wake(turn))

    def _wake(self, instant: int) -> None:
        if instant == self._armed:
            self._armed = None
            self._count()
            self._plan()


class Cell(_Store):
    """A lithium cell: never charged, dead when it is spent, low before."""

    def __init__(self, world: World, part: CellPart | None = None, temperature_mc: int = REFERENCE_MC) -> None:
        self.part = part if part is not None else CellPart()
        super().__init__(world, self.part.full, 0, self.part.least_mv, self.part.rtc_na, temperature_mc)
        self._plan()

    def test(self) -> int:
        """The test load takes its share of the charge."""
        part = self.part
        shown = self._shown_mv(self._loaded_mv())
        self._count()
        self._tested += self._charge.take(self._world.now, part.test_na * part.test_ns)
        self._plan()
        return shown

    def replace(self, capacity_uah: int | None = None) -> None:
        """A fresh cell takes its place at once; `capacity_uah` is what is left in it, if it is not a full one."""
        full = self.part.full
        self._renew(full if capacity_uah is None else min(capacity_uah * UAH, full))

    def _loaded_mv(self) -> int:
        part, left = self.part, self._charge.at(self._world.now)
        if not left:
            return 0
        cold_k = max(REFERENCE_MC - self._temperature_mc, 0) // 1_000
        whole = part.full * part.sag_permille // 1_000
        missing = max(whole - left, 0)
        sag = (part.flat_mv - part.end_mv) * missing // whole if whole else 0
        return max(part.flat_mv - sag - cold_k * part.cold_mv_per_k, 0)

    def _loss_na(self) -> int:
        return self.part.self_na(self._temperature_mc)


class SuperCapacitor(_Store):
    """Charged while the rail stands; leaks; can't keep the RTC below a voltage. The meter leaves the works with a full
    one."""

    def __init__(
        self, world: World, part: SuperCapacitorPart | None = None, temperature_mc: int = REFERENCE_MC
    ) -> None:
        self.part = part = part if part is not None else SuperCapacitorPart()
        if not 0 < part.least_mv < part.full_mv or part.capacitance_mf < 1:
            raise ValueError(f"a super-capacitor of {part.capacitance_mf} mF at {part.full_mv} mV keeps nothing")
        super().__init__(
            world, part.charge(part.full_mv), part.charge(part.least_mv), part.least_mv, part.rtc_na, temperature_mc
        )
        self._plan()

    def test(self) -> int:
        """Its voltage; a test load takes nothing that counts."""
        return self._shown_mv(self.millivolts())

    def replace(self) -> None:
        """Another one takes its place at once, empty; the rail charges it."""
        self._renew(0)

    def millivolts(self) -> int:
        """What stands at its terminals."""
        return self._charge.at(self._world.now) // self.part.charge(1)

    def _loss_na(self) -> int:
        return doubled(self.part.leak_na, self._temperature_mc)

    def _charging_na(self) -> int:
        return self.part.charge_na
