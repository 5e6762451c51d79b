"""Plays a scenario given as TOML text and keeps what it showed: the result, and every record of the probe."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from hal.probe import (
    BillingClosed,
    Booted,
    ClockChanged,
    EventLogged,
    IntervalClosed,
    ProfileRecorded,
    RateSelected,
    Record,
    RegistersSaved,
)
from hal.units import HOUR, MINUTE, S
from sim.scenario.loader import parse
from sim.scenario.result import Check, RunResult
from sim.scenario.runner import Runner

R = TypeVar("R", bound=Record)

KINDS: tuple[type[Record], ...] = (
    BillingClosed,
    Booted,
    ClockChanged,
    EventLogged,
    IntervalClosed,
    ProfileRecorded,
    RateSelected,
    RegistersSaved,
)

POWER_WH_S = 1
"""A load of 3.6 kW: one watt-hour a second, so that energy in Wh is time in s."""

NWH = 10**9


def text_of(start: str, duration: str, body: str = "", board: str = "afe", load: str = 'power = "3.6 kW"') -> str:
    """A scenario: 3.6 kW constantly, rate 1 from 06:00 to 22:00, ends of billing on the first of each month."""
    head = f'schema = 1\ntitle = "acceptance"\nstart = {start}\nduration = "{duration}"\nboard = "{board}"\n'
    return f"{head}\n[load]\n{load}\n\n{body}\n"


def fault(kind: str, at: str, duration: str | None = None, more: str = "") -> str:
    """A table [[fault]]; its id is its kind and instant."""
    identity = f"{kind}-{at.replace(' ', '')}"
    lasts = "" if duration is None else f'duration = "{duration}"\n'
    return f'\n[[fault]]\nid = "{identity}"\nkind = "{kind}"\nat = "{at}"\n{lasts}{more}\n'


def reading(identity: str, at: str, kind: str = "readout", password: str | None = None, **more: str | int) -> str:
    """A table [[reading]]; `more` are keys with their values."""
    keys = more if password is None else {"password": password, **more}
    texts = {key: f'"{value}"' if isinstance(value, str) else str(value) for key, value in keys.items()}
    lines = "".join(f"{key} = {text}\n" for key, text in texts.items())
    return f'\n[[reading]]\nid = "{identity}"\nat = "{at}"\nkind = "{kind}"\n{lines}'


@dataclass
class Played:
    """What a run showed."""

    runner: Runner
    records: list[tuple[int, Record]] = field(default_factory=list)
    result: RunResult = None  # type: ignore[assignment]

    def of(self, kind: type[R]) -> list[tuple[int, R]]:
        """All records of a kind with their true instants."""
        return [(at, record) for at, record in self.records if isinstance(record, kind)]

    def billing(self) -> list[tuple[str, int]]:
        """Source and stamp (UTC in s) of each end of billing."""
        return [(closed.source, closed.utc_s) for _, closed in self.of(BillingClosed)]

    def events(self, *but: str) -> list[str]:
        """The names of all events but those."""
        return [row.event for row in self.result.events if row.event not in but]

    def count(self, event: str) -> int:
        return sum(row.event == event for row in self.result.events)

    def rate_at(self, at_ns: int) -> int:
        """The rate last announced before a true instant."""
        return [record.rate for at, record in self.of(RateSelected) if at <= at_ns][-1]

    def changes(self, since_ns: int = 0) -> list[tuple[int, int]]:
        """Minutes since the start and rate, whenever another rate came into force, or was announced at a boot."""
        told = [(at_ns // MINUTE, record.rate) for at_ns, record in self.of(RateSelected) if at_ns >= since_ns]
        return [change for place, change in enumerate(told) if not place or change != told[place - 1]]

    def saved_at(self, at_ns: int) -> RegistersSaved:
        """The last whole save before a true instant."""
        return [record for at, record in self.of(RegistersSaved) if at <= at_ns][-1]

    def registers(self, identity: str) -> dict[str, tuple[str, ...]]:
        """What a reading brought; it must have succeeded."""
        read = self.result.readings[[row.id for row in self.result.readings].index(identity)]
        assert read.problem is None, read
        return read.registers


def play(text: str, seed: int = 1, out: Path | None = None) -> Played:
    """Run a scenario."""
    runner = Runner(parse(text), seed, out=out)
    played = Played(runner)
    for kind in KINDS:
        runner.bench.probe.subscribe(kind, lambda at, record: played.records.append((at, record)))
    played.result = runner.run()
    return played


def troubles(result: RunResult) -> list[Check]:
    """Every oracle, expectation and fault's witness that did not hold."""
    return [check for check in (*result.oracles, *result.expectations, *result.faults) if not check.held]


def wh(nwh: int) -> float:
    """nWh in Wh, for comparing with pytest.approx."""
    return nwh / NWH


def at(hours: int = 0, minutes: int = 0, seconds: int = 0) -> int:
    """A true instant since the start, in ns."""
    return hours * HOUR + minutes * MINUTE + seconds * S
