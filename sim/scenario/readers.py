"""From the tables `[[reading]]` to sessions of the optical head, and from their outcomes to readings."""

from collections.abc import Callable
from functools import partial
from typing import Final

from crcmod.predefined import mkPredefinedCrcFun

from firmware.clock.civil import Zone
from firmware.comms.commands import (
    ADJUST_CLOCK,
    CHANGE_PIECE,
    DATE_AND_TIME,
    DISCONNECT,
    EMERGENCY_PROFILE,
    END_OF_BILLING,
    LOAD_CONTROL,
    PROGRAMME,
    RECONNECT,
    RELEASE_TARIFF,
    TEST_MODE,
)
from firmware.comms.upload import PIECE_BYTES
from firmware.config import OpticalConfig
from firmware.load_switch.load_control import Override
from firmware.programming.layout import build_change
from firmware.programming.programme import Change
from hal.units import S
from protocols.iec62056_21 import Value
from sim.bench import Bench
from sim.devices.optical_head import Command, Errand, Outcome, Session
from sim.oracles.agreed import Agreed
from sim.scenario.reading_table import EmergencyTable, ReadingTable
from sim.scenario.result import Reading
from sim.world import Phase

_crc32: Final = mkPredefinedCrcFun("crc-32")


_EXECUTED: Final = {
    "billing-reset": END_OF_BILLING,
    "release-tariff": RELEASE_TARIFF,
    "disconnect": DISCONNECT,
    "reconnect": RECONNECT,
}


def session_of(table: ReadingTable, bench: Bench, agreed: Agreed) -> Session:
    """What the reader is to do."""
    config = bench.setting.config
    password = _password(table, config.optical)
    if table.kind == "readout":
        return Session(Errand.READOUT)
    if table.kind == "set-clock":
        return Session(Errand.WRITE, DATE_AND_TIME, lambda: _time(table, bench, config.clock.zone), password)
    if table.kind == "adjust-clock":
        return Session(Errand.EXECUTE, ADJUST_CLOCK, lambda: str(table.by_s), password)
    if table.kind == "program":
        return programming(table.change(config.settings), password, agreed.sent)
    if table.kind in ("begin-test", "end-test"):
        return Session(Errand.EXECUTE, TEST_MODE, partial(str, int(table.kind == "begin-test")), password)
    if table.kind == "load-control":
        override = {"tariff": Override.TARIFF, "on": Override.ON, "off": Override.OFF}[table.load or "tariff"]
        return Session(Errand.EXECUTE, LOAD_CONTROL, partial(str, override.value), password)
    if table.emergency is not None:
        return Session(
            Errand.WRITE, EMERGENCY_PROFILE, partial(_emergency, table.emergency, config.clock.zone), password
        )
    return Session(Errand.EXECUTE, _EXECUTED[table.kind], str, password)


def programming(change: Change, password: str, sent: Callable[[Change], None] = lambda _change: None) -> Session:
    """The session that sends a change in pieces, and has it take effect; `sent` is told just before that."""
    data = build_change(change)
    pieces = [(at, data[at : at + PIECE_BYTES].hex().upper()) for at in range(0, len(data), PIECE_BYTES)]

    def check() -> str:
        sent(change)
        return f"{int(_crc32(data)):08X}"

    first, *others = [
        *(Command(Errand.WRITE, f"{CHANGE_PIECE}{at:X}", partial(str, digits)) for at, digits in pieces),
        Command(Errand.EXECUTE, PROGRAMME, check),
    ]
    return Session(first.errand, first.address, first.text, password, tuple(others))


def plan(table: ReadingTable, bench: Bench, readings: dict[str, Reading], agreed: Agreed) -> None:
    """Have the reader come at its instant; its reading is put among the others once it is done."""

    def tell(outcome: Outcome) -> None:
        readings[table.id] = _reading(table.id, outcome)
        if table.kind == "program" and outcome.problem is None:
            agreed.answered()
        bench.note("reading", f"{table.id} {outcome.problem or 'done'} {len(outcome.data_sets)}")

    session = session_of(table, bench, agreed)

    def come() -> None:
        for _ in range(table.repeat):
            bench.head.begin(session, tell)

    bench.world.at(table.at_ns, Phase.WORLD, come)


def _password(table: ReadingTable, optical: OpticalConfig) -> str:
    """As given, or the meter's own of the level; empty if that has none."""
    if table.password is not None:
        return table.password
    own = (optical.adjust_password, optical.command_password, optical.password)[(table.level or 3) - 1]
    return "" if own is None else own


def _time(table: ReadingTable, bench: Bench, zone: Zone) -> str:
    """What the clock is set to, in local time: a given time, or true time as it is when this is sent."""
    true_ns = bench.world.utc_ns
    return _local((true_ns if table.to_utc_ns is None else table.to_utc_ns) // S + table.offset_s, zone)


def _emergency(table: EmergencyTable, zone: Zone) -> str:
    return f"{table.number};{_local((table.begin_utc_ns or 0) // S, zone)};{table.duration_s // 60}"


def _local(utc_s: int, zone: Zone) -> str:
    """YYMMDDhhmmss."""
    local = zone.local(utc_s)
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
