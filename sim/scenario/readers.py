"""From the tables `[[reading]]` to sessions of the optical head, and from their outcomes to readings."""

from firmware.clock.civil import Zone
from firmware.comms.commands import DATE_AND_TIME, END_OF_BILLING, RELEASE_TARIFF
from hal.units import S
from protocols.iec62056_21 import Value
from sim.bench import Bench
from sim.devices.optical_head import Errand, Outcome, Session
from sim.scenario.reading_table import ReadingTable
from sim.scenario.result import Reading
from sim.world import Phase


def session_of(table: ReadingTable, bench: Bench) -> Session:
    """What the reader is to do."""
    config = bench.setting.config
    password = config.optical.password if table.password is None else table.password
    if table.kind == "readout":
        return Session(Errand.READOUT)
    if table.kind == "set-clock":
        return Session(Errand.WRITE, DATE_AND_TIME, lambda: _true_time(bench, config.clock.zone), password)
    address = END_OF_BILLING if table.kind == "billing-reset" else RELEASE_TARIFF
    return Session(Errand.EXECUTE, address, str, password)


def plan(table: ReadingTable, bench: Bench, readings: dict[str, Reading]) -> None:
    """Have the reader come at its instant; its reading is put among the others once it is done."""

    def tell(outcome: Outcome) -> None:
        readings[table.id] = _reading(table.id, outcome)
        bench.note("reading", f"{table.id} {outcome.problem or 'done'} {len(outcome.data_sets)}")

    session = session_of(table, bench)
    bench.world.at(table.at_ns, Phase.WORLD, lambda: bench.head.begin(session, tell))


def _true_time(bench: Bench, zone: Zone) -> str:
    local = zone.local(bench.world.utc_ns // S)
    date = f"{local.year % 100:02}{local.month:02}{local.day:02}"
    return f"{date}{local.hour:02}{local.minute:02}{local.second:02}"


def _reading(identity: str, outcome: Outcome) -> Reading:
    return Reading(
        id=identity,
        started_ns=outcome.started_ns,
        ended_ns=outcome.ended_ns,
        identification=outcome.identification,
        registers={data_set.address: tuple(map(_shown, data_set.values)) for data_set in outcome.data_sets},
        problem=outcome.problem,
    )


def _shown(value: Value) -> str:
    return value.text if value.unit is None else f"{value.text}*{value.unit}"
