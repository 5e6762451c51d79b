"""Faults of the RTC's backup: a cell, or a super-capacitor."""

from collections.abc import Sequence

from firmware.events.codes import Event
from hal.units import HOUR
from sim.bench import Bench
from sim.faults.fault import Fault
from sim.faults.owed import Owed, Stamp
from sim.scenario import power_faults as tables
from sim.scenario.fault_base import FaultBase

_TEST_NS = HOUR
"""It is tested at least hourly, and once more at every power-up."""


class _OfTheCell(Fault):
    """What the meter should tell of the cell, unless that is otherwise before the meter has tested it."""

    event: Event
    stamp = Stamp.EITHER

    def __init__(self, given: FaultBase) -> None:
        super().__init__(given)
        self._undone = False
        self._tells = False

    def watch(self, bench: Bench) -> None:
        def noted(at_ns: int, who: str, text: str) -> None:
            another = who == "fault" and text.split()[-1].startswith("battery-") and text.split()[0] != self.id
            if self.begun and another and at_ns <= self.at_ns + _TEST_NS:
                self._undone = True

        bench.on_note(noted)

    def events(self) -> Sequence[Owed]:
        told = self._tells and not self._undone
        return [Owed(self.event, self.at_ns, _TEST_NS, stamp=self.stamp)] if told else []


class BatteryFail(_OfTheCell):
    """The cell was alive."""

    given: tables.BatteryFail
    owes = (Event.BATTERY_FAILED,)
    event = Event.BATTERY_FAILED

    def begin(self, bench: Bench) -> None:
        if bench.board.cell.alive:
            bench.board.cell.fail()
            self.effect = "a live cell died"
            self._tells = True


class BatteryLow(_OfTheCell):
    """The cell was alive, and its voltage under load fell below what the meter calls failed."""

    given: tables.BatteryLow
    owes = (Event.BATTERY_FAILED,)
    event = Event.BATTERY_FAILED

    def begin(self, bench: Bench) -> None:
        cell, clock = bench.board.cell, bench.setting.config.clock
        if not cell.alive:
            return
        cell.sag(self.given.voltage_mv)
        if not cell.alive:
            self.effect = "a live cell sagged too low to keep the RTC"
        elif self.given.voltage_mv < clock.cell_low_mv:
            self.effect = "a live cell sagged to what counts as failed"
        self._tells = bool(self.effect)


class BatteryReplace(_OfTheCell):
    """The cell was dead, or low."""

    given: tables.BatteryReplace
    owes = (Event.BATTERY_RESTORED,)
    event = Event.BATTERY_RESTORED
    stamp = Stamp.NOW

    def begin(self, bench: Bench) -> None:
        cell, low_mv = bench.board.cell, bench.setting.config.clock.cell_low_mv
        was_dead = not cell.alive
        if was_dead or cell.test() < low_mv:
            self.effect = f"a fresh cell took the place of a {'dead' if was_dead else 'low'} one"
            self._tells = True
        cell.replace()
