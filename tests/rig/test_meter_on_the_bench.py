"""The whole meter on the rig: the same kernel and tasks as in the simulator, read over a pseudo-terminal."""

import calendar
import time
from pathlib import Path
from typing import TypeVar

from firmware.clock.civil import Zone
from firmware.config import ClockConfig, MeterConfig, OpticalConfig
from firmware.meter import build
from firmware.metrology.nameplate import AccuracyClass, Connection, Nameplate
from firmware.tariff.calendar import Calendar, DayProfile, Season, Switch, Week
from hal.frontend import Wiring
from hal.probe import Booted, EventLogged, JobDone, Record
from hal.units import MS, S
from protocols.iec62056_21 import AuthenticationMethod, DataSet
from protocols.iec62056_21.reading_events import (
    Acknowledged,
    DataReceived,
    Identified,
    OperandReceived,
    ReadoutReceived,
)
from rig.bench import Bench
from rig.processor import HostProcessor
from rig.serial_port import HostSerialPort, open_port
from tests.rig.client import Reader, beside
from tests.rig.conftest import Terminal

CONFIG = MeterConfig(
    nameplate=Nameplate(
        wiring=Wiring.THREE_PHASE_FOUR_WIRE,
        connection=Connection.DIRECT,
        nominal_voltage_uv=230_000_000,
        rated_current_na=5_000_000_000,
        maximum_current_na=60_000_000_000,
        frequency_uhz=50_000_000,
        accuracy=AccuracyClass.CLASS_1,
        impulses_per_kwh=1_000,
    ),
    clock=ClockConfig(zone=Zone(0)),
    calendar=Calendar(
        rates=1,
        day_profiles=(DayProfile("all", (Switch(0, 1),)),),
        weeks=(Week("every", *["all"] * 7),),
        seasons=(Season("year", 1, 1, "every"),),
    ),
    optical=OpticalConfig(password="12345678"),
)

Kind = TypeVar("Kind")


class Records:
    """A probe that keeps what it sees."""

    def __init__(self) -> None:
        self.seen: list[Record] = []

    def publish(self, record: Record) -> None:
        self.seen.append(record)

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [record for record in self.seen if isinstance(record, kind)]

    def logged(self, event: str) -> bool:
        return any(record.event == event for record in self.of(EventLogged))


def powered(folder: Path, terminal: Terminal, records: Records) -> Bench:
    def connect(processor: HostProcessor) -> HostSerialPort:
        return open_port(processor, terminal.path)

    bench = Bench(folder, connect, probe=lambda _processor: records)
    bench.boot(lambda board: build(board, CONFIG))
    return bench


def read_out(reader: Reader) -> tuple[Identified, dict[str, DataSet]]:
    reader.send(reader.device.sign_on())
    identified = reader.until(Identified)
    reader.send(reader.device.select_readout())
    readout = reader.until(ReadoutReceived)
    return identified, {data_set.address: data_set for data_set in readout.data_sets}


def set_clock(reader: Reader, stamp: str) -> dict[str, str]:
    reader.send(reader.device.sign_on())
    reader.until(Identified)
    reader.send(reader.device.select_programming())
    reader.until(OperandReceived)
    reader.send(reader.device.authenticate(AuthenticationMethod.PASSWORD, "12345678"))
    reader.until(Acknowledged)
    reader.send(reader.device.write([DataSet.of("0.9.4", stamp)]))
    reader.until(Acknowledged)
    found = {}
    for address in ("0.9.1", "0.9.2"):
        reader.send(reader.device.read(address))
        found[address] = reader.until(DataReceived).data_sets[0].text
    reader.send(reader.device.end())
    return found


def test_it_answers_a_sign_on_and_reads_out(terminal: Terminal, tmp_path: Path) -> None:
    records = Records()
    with powered(tmp_path, terminal, records) as bench:
        reader = Reader(terminal.far)
        identified, data = beside(lambda: read_out(reader), bench)
    assert identified.identification.manufacturer == "MBX"
    assert identified.identification.identification == "METERBENCH"
    assert data["0.0.0"].text == "00000001"
    assert data["1.8.0"].encode() == "1.8.0(000000.000*kWh)"
    assert {"F.F", "0.1.0", "0.9.1", "0.9.2", "1.8.1", "2.8.0", "1.6.0"} <= set(data)
    assert any(job.task == "optical" for job in records.of(JobDone))
    assert len(records.of(Booted)) == 1


def test_its_clock_is_set_over_the_port_and_goes_on_without_power(terminal: Terminal, tmp_path: Path) -> None:
    stamp = "260328175930"
    set_s = calendar.timegm(time.strptime(stamp, "%y%m%d%H%M%S"))
    first = Records()
    with powered(tmp_path, terminal, first) as bench:
        begun = time.monotonic()
        reader = Reader(terminal.far)
        shown = beside(lambda: set_clock(reader, stamp), bench)
        assert not bench.rtc.read().stopped
        # A virgin flash has to be erased before it takes the first record.
        while not first.logged("clock-set") and bench.processor.now() < 120 * S:
            bench.run(bench.processor.now() + 100 * MS)
    assert shown["0.9.2"] == "26-03-28"
    assert first.logged("clock-set")

    second = Records()
    with powered(tmp_path, terminal, second) as bench:
        reader = Reader(terminal.far)
        _, data = beside(lambda: read_out(reader), bench)
        latest = time.monotonic()
    seen_s = calendar.timegm(time.strptime(f"{data['0.9.2'].text} {data['0.9.1'].text}", "%y-%m-%d %H:%M:%S"))
    assert set_s <= seen_s <= set_s + latest - begun + 1
    assert second.of(Booted)[0].save > first.of(Booted)[0].save
