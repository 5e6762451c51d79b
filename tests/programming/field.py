"""A meter behind transformers that is programmed in the field: its scenario, and cuts of the power meanwhile."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from firmware.events.codes import LogName
from firmware.events.entry import parse_entry
from firmware.programming.journal import newest
from firmware.programming.programme import Programme
from firmware.save import parse_billing
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from hal.probe import (
    BillingClosed,
    EventLogged,
    IntervalClosed,
    ProfileRecorded,
    Programmed,
    RateSelected,
    Record,
    RegistersSaved,
)
from hal.units import S
from sim.devices.flash import EraseCut, FlashOperation, Kind, ProgramCut, Stage
from sim.devices.optical_head import Errand, Outcome, Session
from sim.oracles.reread import ReadOnlyFlash
from sim.scenario.loader import parse
from sim.scenario.result import Reading, RunResult
from sim.scenario.runner import Runner
from sim.world import Phase

RECORDS: tuple[type[Record], ...] = (
    BillingClosed,
    EventLogged,
    IntervalClosed,
    Programmed,
    ProfileRecorded,
    RateSelected,
    RegistersSaved,
)

METER_TABLE = '[meter]\nrated_current = "5 A"\nmaximum_current = "6 A"\nconnection = "ct"\nct = "100 A / 5 A"\n'
FLAT = 'tariff = { rates = 2, day_profiles = { flat = { "00:00" = 2 } } }\n'
"""Rate 2 all day; as made, rate 1 holds from 06:00 to 22:00."""


def scenario(body: str, start: str = "2026-06-15T10:00:00+02:00", duration: str = "5min", board: str = "afe") -> str:
    head = f'schema = 1\ntitle = "programming"\nstart = {start}\nduration = "{duration}"\nboard = "{board}"\n'
    return f'{head}{METER_TABLE}[load]\npower = "1 kW"\n{body}'


def table(kind: str, identity: str, at: str, keys: str = "") -> str:
    return f'\n[[{kind}]]\nid = "{identity}"\nat = "{at}"\n{keys}'


def program(identity: str, at: str, keys: str) -> str:
    return table("reading", identity, at, f'kind = "program"\n{keys}')


def large(rate: int) -> str:
    """A tariff of many switches, all of them to one rate or back: several records in flash."""
    days = []
    for profile in range(40):
        switches = ", ".join(f'"{n:02}:{profile % 60:02}" = {rate if n % 2 else 3 - rate}' for n in range(1, 20))
        days.append(f'd{profile} = {{ "00:00" = {rate}, {switches} }}')
    profiles = ", ".join(days)
    return f'tariff = {{ rates = 2, day_profiles = {{ {profiles} }}, weeks = {{ w = {{ every_day = "d0" }} }} }}\n'


@dataclass(frozen=True, slots=True)
class Cut:
    """The power goes at an instant, for a while; what it leaves of an operation under way."""

    at_ns: int
    off_ns: int = 3 * S
    program: ProgramCut | None = None
    hold_up: bool = False


@dataclass
class Seen:
    """What a run showed."""

    runner: Runner
    result: RunResult
    records: list[tuple[int, Record]] = field(default_factory=list)
    operations: list[FlashOperation] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        """Oracles that broke."""
        return [f"{check.name}: {check.message}" for check in self.result.oracles if not check.held]

    def reading(self, identity: str) -> Reading:
        return next(reading for reading in self.result.readings if reading.id == identity)

    def value(self, identity: str, address: str) -> str:
        reading = self.reading(identity)
        assert reading.problem is None, reading
        return reading.registers[address][0].partition("*")[0]

    def of(self, kind: type) -> list:
        return [record for _, record in self.records if isinstance(record, kind)]

    @property
    def programme(self) -> Programme | None:
        """The newest whole one in flash."""
        found = newest((record.sequence, record.payload) for record in self.held("configuration"))
        return None if found is None else found.programme

    @property
    def number(self) -> int:
        """Of the programme in flash."""
        return 0 if self.programme is None else self.programme.number

    def sets(self) -> list[str]:
        """Sources of the billing sets in flash, oldest first."""
        found = {one.number: one for one in (parse_billing(record.payload) for record in self.held("billing"))}
        return [found[number].source.value for number in sorted(found)]

    def events(self, code: int) -> list[int]:
        """Details of the events of a code in flash, oldest first."""
        found = [parse_entry(record.payload) for log in LogName for record in self.held(log.ring)]
        found.sort(key=lambda entry: entry.number)
        return [entry.detail for entry in found if entry.event.value == code]

    def held(self, name: str) -> Iterator:
        """The whole records of a ring, newest first."""
        return self.ring(name).newest_first()

    def ring(self, name: str) -> Ring:
        flash = self.runner.bench.board.flash
        ring = Ring(ReadOnlyFlash(flash), plan(METER, flash.geometry).ring(name))
        ring.recover()
        return ring


def play(text: str, cuts: Sequence[Cut] = (), prepare: Callable[[Runner], None] = lambda _runner: None) -> Seen:
    """Run a scenario, with cuts laid over it."""
    runner = Runner(parse(text), 1)
    bench = runner.bench
    seen = Seen(runner, None)  # type: ignore[arg-type]  # known at the end
    for kind in RECORDS:
        bench.probe.subscribe(kind, lambda at, record: seen.records.append((at, record)))
    bench.board.flash.subscribe(seen.operations.append)

    def fall(cut: Cut) -> None:
        bench.board.flash.forced_program_cut, bench.board.flash.forced_erase_cut = cut.program, EraseCut.HALF
        if not cut.hold_up:
            bench.board.supply.cut()
        bench.mains.fail()

    for cut in cuts:
        bench.world.at(cut.at_ns, Phase.WORLD, lambda cut=cut: fall(cut))
        bench.world.at(cut.at_ns + cut.off_ns, Phase.WORLD, bench.mains.restore)
    prepare(runner)
    seen.result = runner.run()
    return seen


def ask(runner: Runner, at_ns: int, address: str, told: dict[int, str]) -> None:
    """Have one address read at an instant (one session at a time); what it says is put under the instant."""

    def heard(outcome: Outcome) -> None:
        told[at_ns] = outcome.problem or outcome.data_sets[0].text

    session = Session(Errand.READ, address, str)
    runner.bench.world.at(at_ns, Phase.DEVICES, lambda: runner.bench.head.begin(session, heard))


def done(operations: Sequence[FlashOperation], begin_ns: int, end_ns: int) -> list[FlashOperation]:
    """The programs that ended between two instants."""
    return [
        operation
        for operation in operations
        if operation.stage is Stage.DONE and operation.kind is Kind.PROGRAM and begin_ns < operation.at_ns <= end_ns
    ]
