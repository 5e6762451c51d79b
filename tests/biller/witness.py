"""Runs a scenario, and keeps what the meter told of it, beside what truly happened.

What the meter told is what its probe published, and what a reader got from its optical port.
"""

from dataclasses import dataclass, field

from hal.probe import BillingClosed, DayFrozen, IntervalClosed, ProfileRecorded, RegistersSaved
from sim.scenario.loader import parse
from sim.scenario.result import RunResult
from sim.scenario.runner import Runner
from sim.scenario.schema import Scenario
from tests.biller.agreement import Agreement
from tests.biller.bill import Bill, bill
from tests.biller.diary import Session
from tests.biller.truth import Truth


@dataclass
class Witness:
    """Saves stand beside the true instant up to which they hold energy."""

    agreed: Agreement
    truth: Truth
    intervals: list[ProfileRecorded] = field(default_factory=list)
    demands: list[IntervalClosed] = field(default_factory=list)
    sets: list[BillingClosed] = field(default_factory=list)
    freezes: list[DayFrozen] = field(default_factory=list)
    saves: list[tuple[int, RegistersSaved]] = field(default_factory=list)
    result: RunResult = None  # type: ignore[assignment]  # there is none before the run

    def registers(self, identity: str) -> dict[str, tuple[str, ...]]:
        """What a reading brought over the port."""
        return next(one.registers for one in self.result.readings if one.id == identity)

    @property
    def sessions(self) -> list[Session]:
        done = {one.id: one for one in self.result.readings}
        return [
            Session({"kind": "readout", **table}, one.started_ns, one.ended_ns, one.problem)
            for table in self.agreed.sessions
            if (one := done[table["id"]]) is not None
        ]

    def bill(self) -> Bill:
        return bill(self.agreed, self.truth, self.sessions)


def witness(text: str, scenario: Scenario | None = None, seed: int = 1) -> Witness:
    """Play a scenario, given as its text (and as what was loaded from it)."""
    runner = Runner(parse(text) if scenario is None else scenario, seed)
    bench = runner.bench
    agreed = Agreement.read(text)
    told = Witness(agreed, Truth(agreed.sums))
    told.truth.watch(bench)
    bench.probe.subscribe(ProfileRecorded, lambda _at, record: told.intervals.append(record))
    bench.probe.subscribe(IntervalClosed, lambda _at, record: told.demands.append(record))
    bench.probe.subscribe(BillingClosed, lambda _at, record: told.sets.append(record))
    bench.probe.subscribe(DayFrozen, lambda _at, record: told.freezes.append(record))

    def saved(at_ns: int, record: RegistersSaved) -> None:
        told.saves.append((min(bench.board.cpu.oscillator.true_of(record.at_ns), at_ns), record))

    bench.probe.subscribe(RegistersSaved, saved)
    told.result = runner.run()
    return told
