"""A branch of a live run: the power is cut at an instant, and the meter must come back with all that was whole.

A branch is the run that a scenario with this cut among its faults would be from its start: the same log, the same
digest. `document_of` writes that scenario.
"""

from dataclasses import dataclass
from typing import Final, Self, cast

from pydantic import TypeAdapter

from hal.units import HOUR, S
from sim.devices.flash import EraseCut, ProgramCut
from sim.explore.children import Json
from sim.explore.document import FaultEntry, ending, own_faults, with_faults
from sim.explore.loss import LossWatch
from sim.explore.operations import Cut
from sim.explore.run import Breach, Outcome, judged, stopped
from sim.faults import fault_of
from sim.scenario.fault_tables import FaultTable
from sim.scenario.library import Document
from sim.scenario.quantities import format_duration
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner

ID: Final = "the-cut"
OFF_NS: Final = S
"""How long the mains stay away."""

SETTLED_NS: Final = 5 * S
"""So long after the first whole save of a life all that a boot has to say is in flash."""

PATIENCE_NS: Final = HOUR
"""How long a meter with power may take to its first whole save before it counts as lost; an outage of the scenario
may last longer."""

_STEP_NS: Final = S
_TABLE: Final[TypeAdapter[FaultTable]] = TypeAdapter(FaultTable)


@dataclass(frozen=True, slots=True)
class CutFound:
    """What came of a cut: the verdict, where the branch ended, and what the power-down cost of active import (nWh)."""

    outcome: Outcome
    end_ns: int
    recovered: bool
    lost_nwh: int
    since_save_nwh: int
    quarter_nwh: int

    def flat(self) -> Json:
        """As JSON carries it."""
        return {
            "end_ns": self.end_ns,
            "recovered": self.recovered,
            "lost_nwh": self.lost_nwh,
            "since_save_nwh": self.since_save_nwh,
            "quarter_nwh": self.quarter_nwh,
            **self.outcome.flat(),
        }

    @classmethod
    def of(cls, flat: Json) -> Self:
        """What `flat` gave; KeyError, TypeError or ValueError for anything else."""
        lost, since, quarter = (cast(int, flat[key]) for key in ("lost_nwh", "since_save_nwh", "quarter_nwh"))
        return cls(Outcome.of(flat), cast(int, flat["end_ns"]), bool(flat["recovered"]), lost, since, quarter)

    @classmethod
    def died(cls, why: str) -> Self:
        """The process of the branch is gone."""
        return cls(Outcome.died(why), 0, False, 0, 0, 0)


def fault_entry(cut: Cut) -> FaultEntry:
    """The cut as a table `[[fault]]`."""
    entry: dict[str, object] = {
        "id": ID,
        "kind": "power-cut",
        "at": format_duration(cut.at_ns),
        "duration": format_duration(OFF_NS),
    }
    if isinstance(cut.mode, ProgramCut):
        entry["program"] = cut.mode.value
    elif isinstance(cut.mode, EraseCut):
        entry["erase"] = cut.mode.value
    return entry


def document_of(document: Document, cut: Cut, end_ns: int) -> Document:
    """The scenario that is, from its start to `end_ns`, what the branch was."""
    return ending(with_faults(document, (*own_faults(document), fault_entry(cut))), end_ns)


def branch(runner: Runner, watch: LossWatch, cut: Cut) -> CutFound:
    """Cut the power of a run that stands before the cut; the run is of no use to anybody afterwards."""
    runner.add(fault_of(_TABLE.validate_python(fault_entry(cut))))
    try:
        recovered = _come_back(runner, watch, cut)
        now = runner.bench.world.now
        result = runner.finish()
    except Exception as problem:
        return CutFound(stopped(runner, problem), runner.bench.world.now, False, 0, 0, 0)
    struck = [fault for fault in runner.faults if fault.at_ns < now]
    checks = [check for check in result.faults if check.name in {fault.id for fault in struck}]
    outcome = judged(result.oracles, checks, result.digest)
    loss = watch.loss
    breaches = list(outcome.breaches)
    # What the scenario's end cut off was not given the time.
    if not recovered and now < runner.scenario.end_ns:
        breaches.append(Breach("recovery", now, "no whole save after power came back"))
    if loss is not None and loss.problem:
        breaches.append(Breach("loss", cut.at_ns, loss.problem))
    if outcome.verdict is not Verdict.INVALID and breaches:
        outcome = Outcome(Verdict.BROKEN, outcome.digest, tuple(breaches))
    if loss is None:
        return CutFound(outcome, now, recovered, 0, 0, 0)
    return CutFound(outcome, now, recovered, loss.lost_nwh, loss.since_save_nwh, loss.quarter_nwh)


def _come_back(runner: Runner, watch: LossWatch, cut: Cut) -> bool:
    """Run on until the meter has booted, saved and settled; at most to the scenario's end, or until patience ends."""
    end = runner.scenario.end_ns
    runner.advance(min(cut.at_ns, end))
    boots = watch.boots
    powered_ns = 0
    while watch.boots == boots or not watch.saves:
        now = runner.bench.world.now
        if now >= end or powered_ns > PATIENCE_NS:
            return False
        powered_ns += _STEP_NS if runner.bench.board.cpu.powered else 0
        runner.advance(min(now + _STEP_NS, end))
    runner.advance(min(runner.bench.world.now + SETTLED_NS, end))
    return True
