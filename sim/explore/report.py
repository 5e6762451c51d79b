"""What an exploration found, as text for people and as fields for machines.

All of it but `Effort` is the same however many processes worked on it, and whether it was done in one go or resumed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sim.explore.branch import CutFound
from sim.explore.children import Json
from sim.explore.failure import Failure
from sim.explore.loss import BOUND_NS
from sim.explore.operations import Cut
from sim.explore.swarm import Found
from sim.scenario.quantities import format_duration
from sim.scenario.result import Verdict

_ALSO_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Effort:
    """What it took: wall and CPU time in ms, of all processes; `fresh` is how much was not known from before."""

    wall_ms: int
    cpu_ms: int
    fresh: int

    def rate(self, count: int) -> str:
        """How many a second of CPU time."""
        return f"{count * 1_000 / self.cpu_ms:.1f}" if self.cpu_ms else "-"


def failed(verdicts: Iterable[Verdict]) -> bool:
    """Whether any run broke something, or no valid schedule could be drawn."""
    return any(verdict is not Verdict.HELD for verdict in verdicts)


def swarm_fields(found: Sequence[Found], failures: Sequence[Failure], effort: Effort) -> Json:
    """For machines."""
    return {
        "faults": "swarm",
        "seeds": len(found),
        **_verdicts(one.outcome.verdict for one in found),
        "drawn": _drawn(found),
        "redrawn": sum(one.redrawn for one in found),
        "kinds": _kinds(found),
        "failures": [asdict(failure) for failure in failures],
        "runs": [
            {"seed": one.seed, "verdict": one.outcome.verdict.value, "digest": one.outcome.digest} for one in found
        ],
        "effort": asdict(effort),
    }


def swarm_lines(found: Sequence[Found], failures: Sequence[Failure], effort: Effort) -> Iterator[str]:
    """For people."""
    drawn, redrawn = _drawn(found), sum(one.redrawn for one in found)
    yield f"{len(found)} seeds: {_counted(one.outcome.verdict for one in found)}"
    yield (
        f"{drawn} schedules drawn, {redrawn} of them invalid ({_share(redrawn, drawn)}): a fault had no effect, "
        f"and the schedule was drawn anew"
    )
    yield "runs with each kind of fault: " + ", ".join(f"{kind} {count}" for kind, count in _kinds(found).items())
    yield from _failures(failures)
    yield _effort(effort, len(found), "runs")


def cut_fields(
    found: Sequence[tuple[Cut, CutFound]], planned: int, possible: int, failures: Sequence[Failure], effort: Effort
) -> Json:
    """For machines."""
    worst = _worst(found)
    return {
        "faults": "exhaustive-power-cut",
        "cuts": len(found),
        "planned": planned,
        "possible": possible,
        **_verdicts(one.outcome.verdict for _, one in found),
        "recovered": sum(one.recovered for _, one in found),
        "tried": [
            {"operation": kind, "left": mode, "cuts": count} for (kind, mode), count in sorted(_tried(found).items())
        ],
        "worst_loss": None
        if worst is None
        else {
            "cut": worst[0].key,
            "at_ns": worst[0].at_ns,
            "lost_nwh": worst[1].lost_nwh,
            "since_save_nwh": worst[1].since_save_nwh,
            "bound_nwh": worst[1].quarter_nwh,
        },
        "failures": [asdict(failure) for failure in failures],
        "effort": asdict(effort),
    }


def cut_lines(
    found: Sequence[tuple[Cut, CutFound]], planned: int, possible: int, failures: Sequence[Failure], effort: Effort
) -> Iterator[str]:
    """For people."""
    sampled = "" if planned == possible else f", a sample of the {possible} possible"
    operations = len({cut.operation.number for cut, _ in found})
    recovered = sum(one.recovered for _, one in found)
    verdicts = _counted(one.outcome.verdict for _, one in found)
    yield f"{len(found)} cuts in {operations} storage operations{sampled}: {verdicts}"
    tried = _tried(found)
    for kind in sorted({kind for kind, _ in tried}):
        modes = ", ".join(f"{mode} {count}" for (name, mode), count in sorted(tried.items()) if name == kind)
        yield f"cuts at {kind}s, by what they left: {modes}"
    yield f"recoveries: {recovered}; cut off by the scenario's end: {len(found) - recovered}"
    worst = _worst(found)
    if worst is not None:
        cut, one = worst
        yield (
            f"worst loss of unbilled energy: {_wh(one.lost_nwh)} of "
            f"{_wh(one.since_save_nwh)} since the last whole save; "
            f"bound: {_wh(one.quarter_nwh)}, what flowed in {format_duration(BOUND_NS)} "
            f"(cut {cut.key} at {format_duration(cut.at_ns)})"
        )
    yield from _failures(failures)
    yield _effort(effort, len(found), "cuts")


def _verdicts(verdicts: Iterable[Verdict]) -> Json:
    counted = Counter(verdicts)
    return {verdict.value: counted[verdict] for verdict in Verdict}


def _counted(verdicts: Iterable[Verdict]) -> str:
    counted = Counter(verdicts)
    return ", ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict)


def _drawn(found: Sequence[Found]) -> int:
    """Schedules; a seed without a valid one has judged none."""
    return sum(one.redrawn + (one.outcome.verdict is not Verdict.INVALID) for one in found)


def _kinds(found: Sequence[Found]) -> dict[str, int]:
    counted = Counter(kind for one in found for kind in {str(fault["kind"]) for fault in one.schedule})
    return dict(sorted(counted.items()))


def _tried(found: Sequence[tuple[Cut, CutFound]]) -> Counter[tuple[str, str]]:
    return Counter((cut.operation.kind.value, "not begun" if cut.mode is None else cut.mode.value) for cut, _ in found)


def _worst(found: Sequence[tuple[Cut, CutFound]]) -> tuple[Cut, CutFound] | None:
    known = [(cut, one) for cut, one in found if one.recovered]
    return max(known, key=lambda pair: pair[1].lost_nwh, default=None)


def _wh(nwh: int) -> str:
    """To the milli-watt-hour below."""
    sign, size = ("-" if nwh < 0 else ""), abs(nwh) // 1_000_000
    return f"{sign}{size // 1_000}.{size % 1_000:03} Wh"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _failures(failures: Sequence[Failure]) -> Iterator[str]:
    for failure in failures:
        at = "" if failure.at_ns is None else f" at {format_duration(failure.at_ns)}"
        yield f"BROKEN: {failure.name}{at}, {failure.place}: {failure.message}"
        spent = ", when the tries were used up" if failure.spent else ""
        shrunk = f"shrunk from {failure.faults_before} faults to {failure.faults} in {failure.tries} tries{spent}"
        yield f"  {shrunk if failure.tries else f'{failure.faults} faults, not shrunk'}"
        if failure.also:
            more = len(failure.also) - _ALSO_MOST
            yield f"  also: {', '.join(failure.also[:_ALSO_MOST])}{f' and {more} more' if more > 0 else ''}"
        yield f"  repeat with: {failure.command}"


def _effort(effort: Effort, count: int, what: str) -> str:
    known = f"; {count - effort.fresh} were known" if effort.fresh < count else ""
    return (
        f"{effort.wall_ms / 1_000:.1f} s, {effort.cpu_ms / 1_000:.1f} s of CPU, "
        f"{effort.rate(effort.fresh)} {what} a CPU second{known}"
    )
