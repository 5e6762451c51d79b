"""Faults of the supply: cuts, dips and sags of all phases. Their witness is the meter's own supply."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

from firmware.events.codes import Event
from hal.units import HOUR
from sim.bench import Bench
from sim.devices.flash import EraseCut, ProgramCut
from sim.faults.fault import Fault, Lasting
from sim.faults.owed import Owed, Stamp
from sim.physics.overlays import Scaled
from sim.scenario import power_faults as tables
from sim.world import Phase

_ALL = (0, 1, 2)

POWER_EVENTS: Final = (Event.POWER_DOWN, Event.POWER_UP)


def _deeds(bench: Bench, heard: Callable[[int, str], None]) -> None:
    """Tell what the supply does to the processor: fail, good, down, up."""
    bench.on_note(lambda at_ns, who, text: heard(at_ns, text.split()[0]) if who == "power" else None)


def _highest_uv(bench: Bench) -> int:
    return max(wave.rms for wave in bench.mains.segment.voltages)


def power_events(down_ns: int | None) -> Sequence[Owed]:
    """What a meter that went down at an instant tells when it is up again."""
    if down_ns is None:
        return ()
    return [Owed(Event.POWER_DOWN, down_ns, HOUR, stamp=Stamp.SAVED), Owed(Event.POWER_UP, down_ns, HOUR)]


class SupplyFail(Lasting):
    """It has had an effect if it took the voltage away, and the meter was told, or went down."""

    given: tables.SupplyFail | tables.PowerCut
    owes = POWER_EVENTS

    def __init__(self, given: tables.SupplyFail | tables.PowerCut) -> None:
        super().__init__(given)
        self._down_ns: int | None = None
        self._dark = False

    def watch(self, bench: Bench) -> None:
        def heard(at_ns: int, deed: str) -> None:
            if not self._dark or self.over or deed not in ("fail", "down"):
                return
            if deed == "down":
                self._down_ns = at_ns
            self.effect = "the meter went down" if self._down_ns is not None else "the meter was told"

        _deeds(bench, heard)

    def begin(self, bench: Bench) -> None:
        self._dark = _highest_uv(bench) > 0
        bench.mains.fail()

    def end(self, bench: Bench) -> None:
        bench.mains.restore()

    def events(self) -> Sequence[Owed]:
        return power_events(self._down_ns)


class PowerCut(SupplyFail):
    """As SupplyFail, without hold-up."""

    given: tables.PowerCut

    def begin(self, bench: Bench) -> None:
        self._dark = _highest_uv(bench) > 0 or bench.board.cpu.powered
        flash = bench.board.flash
        kept = flash.forced_program_cut, flash.forced_erase_cut
        program, erase = self.given.program, self.given.erase
        flash.forced_program_cut = kept[0] if program is None else ProgramCut(program)
        flash.forced_erase_cut = kept[1] if erase is None else EraseCut(erase)
        bench.board.supply.cut()
        flash.forced_program_cut, flash.forced_erase_cut = kept
        bench.mains.fail()


class _Pulses(Fault):
    """The supply is disturbed time and again; the effect is the worst that came of it, and how often."""

    def __init__(self, given: tables.SupplyDips | tables.CutBurst | tables.BrownOut) -> None:
        super().__init__(given)
        self._open = False
        self._lowered = 0
        self._deeds = {"fail": 0, "down": 0}
        self._down_ns: int | None = None

    def watch(self, bench: Bench) -> None:
        def heard(at_ns: int, deed: str) -> None:
            if not self._lowered or deed not in self._deeds or at_ns > (self.given.end_ns or at_ns):
                return
            self._deeds[deed] += 1
            if deed == "down":
                self._down_ns = at_ns
            self._tell()

        _deeds(bench, heard)

    def lowered(self, bench: Bench, before_uv: int) -> None:
        """The voltage may have fallen from a value."""
        if _highest_uv(bench) < before_uv:
            self._lowered += 1
            self._tell()

    def _tell(self) -> None:
        if self._deeds["down"]:
            self.effect = f"the meter went down {self._deeds['down']} times"
        elif self._deeds["fail"]:
            self.effect = f"the meter was told {self._deeds['fail']} times, and stayed up"
        else:
            self.effect = f"the voltage fell {self._lowered} times, and the supply bore it"

    def events(self) -> Sequence[Owed]:
        return power_events(self._down_ns)


class SupplyDips(_Pulses):
    """It has had an effect if a voltage fell; which of meter and mains felt it, the effect says."""

    given: tables.SupplyDips
    owes = POWER_EVENTS

    def begin(self, bench: Bench) -> None:
        overlay = Scaled(_ALL, self.given.to_permille)

        def dip() -> None:
            before = _highest_uv(bench)
            bench.mains.lay(overlay)
            self.lowered(bench, before)

        for number in range(self.given.count):
            begin = self.at_ns + number * self.given.spacing_ns
            bench.world.at(begin, Phase.WORLD, dip)
            bench.world.at(begin + self.given.width_ns, Phase.WORLD, lambda: bench.mains.lift(overlay))


class BrownOut(_Pulses):
    """It has had an effect if a voltage fell; which of meter and mains felt it, the effect says."""

    given: tables.BrownOut
    owes = POWER_EVENTS

    def begin(self, bench: Bench) -> None:
        before = _highest_uv(bench)
        if before <= self.given.voltage_uv:
            return
        overlay = Scaled(_ALL, self.given.voltage_uv * 1_000 // before)
        bench.mains.lay(overlay)
        self.lowered(bench, before)
        bench.world.at(self.given.end_ns, Phase.WORLD, lambda: bench.mains.lift(overlay))


class CutBurst(_Pulses):
    """It has had an effect if a voltage fell; which of meter and mains felt it, the effect says."""

    given: tables.CutBurst
    owes = POWER_EVENTS

    def begin(self, bench: Bench) -> None:
        def cut() -> None:
            before = _highest_uv(bench)
            if not self.given.hold_up:
                bench.board.supply.cut()
            bench.mains.fail()
            self.lowered(bench, before)

        instants = count(self.at_ns, self.given.off_ns + self.given.on_ns)
        for _, begin in zip(range(self.given.count), instants, strict=False):
            bench.world.at(begin, Phase.WORLD, cut)
            bench.world.at(begin + self.given.off_ns, Phase.WORLD, bench.mains.restore)
