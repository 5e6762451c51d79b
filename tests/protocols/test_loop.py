"""Both machines on one line, which carries bytes only between ports of one speed, whole or damaged."""

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.iec62056_21 import (
    AuthenticationMethod,
    CommandType,
    DataSet,
    Identification,
    ReadingDevice,
    Send,
    SetBaud,
    TariffDevice,
)
from protocols.iec62056_21.baud import MODE_C_BAUD
from protocols.iec62056_21.reading_events import (
    Acknowledged,
    DataReceived,
    DeviceError,
    Failure,
    Identified,
    OperandReceived,
    ReadingEvent,
    ReadoutReceived,
    SessionFailed,
)
from protocols.iec62056_21.reading_states import ReadingState
from protocols.iec62056_21.tariff_events import (
    NextBlockRequested,
    OperandRequested,
    PasswordGiven,
    ReadCommand,
    ReadoutRequested,
    TariffEvent,
    WriteCommand,
)
from protocols.iec62056_21.tariff_states import State

REGISTERS = {
    "F.F": DataSet.of("F.F", "00000000"),
    "1.8.0": DataSet.of("1.8.0", "000123.456", "kWh"),
    "1.8.0*05": DataSet.of("1.8.0*05", "000100.000", "kWh"),
}
PROFILE = tuple(DataSet.of(f"P.{index:02}", str(index)) for index in range(5))


@dataclass
class Line:
    """A meter with a few registers, a client, and the half-duplex line between them."""

    device: TariffDevice
    client: ReadingDevice = field(default_factory=ReadingDevice)
    device_baud: int = 300
    client_baud: int = 300
    seen: list[ReadingEvent] = field(default_factory=list)
    speeds: list[int] = field(default_factory=list)
    registers: dict[str, DataSet] = field(default_factory=lambda: dict(REGISTERS))
    blocks: deque[DataSet] = field(default_factory=deque)
    damage: deque[tuple[int, int]] = field(default_factory=deque)
    """For each message in turn: the byte to damage (modulo its length) and the bits to flip there."""

    def from_client(self, send: Send) -> None:
        data = self._carried(send, self.client_baud, self.device_baud)
        if send.then is not None:
            self.client_baud = send.then.baud
        self._device_does(self.device.receive(data))

    def from_device(self, send: Send) -> None:
        data = self._carried(send, self.device_baud, self.client_baud)
        if send.then is not None:
            self.device_baud = send.then.baud
        for event in self.client.receive(data):
            self.seen.append(event)
            if isinstance(event, SetBaud):
                self.client_baud = event.baud
            elif isinstance(event, Send):
                self.from_client(event)

    def _carried(self, send: Send, sender: int, receiver: int) -> bytes:
        self.speeds.append(sender)
        data = bytearray(send.data if sender == receiver else b"\xff" * len(send.data))
        if self.damage:
            index, bits = self.damage.popleft()
            data[index % len(data)] ^= bits
        return bytes(data)

    def _device_does(self, events: list[TariffEvent]) -> None:
        for event in events:
            match event:
                case SetBaud(baud):
                    self.device_baud = baud
                case Send():
                    self.from_device(event)
                case ReadoutRequested():
                    self.from_device(self.device.send_readout(self.registers.values()))
                case OperandRequested():
                    self.from_device(self.device.send_operand("4711"))
                case PasswordGiven(AuthenticationMethod.RESULT, answer) if answer.text == "1174":
                    self.from_device(self.device.accept())
                case PasswordGiven():
                    self.from_device(self.device.refuse())
                case ReadCommand(kind, _) if kind.partial:
                    self.blocks.extend(PROFILE)
                    self._next_block()
                case NextBlockRequested():
                    self._next_block()
                case ReadCommand():
                    known = self.registers.get(event.address)
                    self.from_device(self.device.send_data([known]) if known else self.device.send_error("ERR2"))
                case WriteCommand():
                    self.registers.update({data_set.address: data_set for data_set in event.data_sets})
                    self.from_device(self.device.acknowledge())

    def _next_block(self) -> None:
        block = [self.blocks.popleft()]
        self.from_device(self.device.send_block(block) if self.blocks else self.device.send_data(block))


def line(baud_character: str = "5", address: str = "") -> Line:
    return Line(TariffDevice(Identification("MBE", baud_character, "meterbench"), address))


def whats_new(on: Line, send: Send) -> list[ReadingEvent]:
    start = len(on.seen)
    on.from_client(send)
    return [event for event in on.seen[start:] if not isinstance(event, Send | SetBaud)]


@pytest.mark.parametrize(("character", "baud"), list(MODE_C_BAUD.items()))
def test_readout_in_mode_c(character: str, baud: int) -> None:
    on = line(character, "0012")
    assert whats_new(on, on.client.sign_on("12")) == [Identified(on.device.identification)]
    assert whats_new(on, on.client.select_readout()) == [ReadoutReceived(tuple(REGISTERS.values()))]
    assert on.speeds == [300, 300, 300, baud]
    assert on.client_baud == 300
    on.device_baud = 300 if SetBaud(300) in on.device.timed_out() else on.device_baud
    assert on.device_baud == 300


@pytest.mark.parametrize(("character", "baud"), [(":", 300), ("A", 600), ("E", 9600), ("F", 19200)])
def test_readout_in_modes_a_and_b(character: str, baud: int) -> None:
    on = line(character)
    readout = ReadoutReceived(tuple(REGISTERS.values()))
    assert whats_new(on, on.client.sign_on()) == [Identified(on.device.identification), readout]
    assert on.speeds == [300, 300, baud]


def test_another_baud_character_keeps_both_at_300_bd() -> None:
    on = line()
    on.from_client(on.client.sign_on())
    assert whats_new(on, on.client.select_readout("4")) == [ReadoutReceived(tuple(REGISTERS.values()))]
    assert set(on.speeds) == {300}


def test_programming() -> None:
    on = line()
    on.from_client(on.client.sign_on())
    assert whats_new(on, on.client.select_programming()) == [OperandReceived(DataSet.of("", "4711"))]
    assert whats_new(on, on.client.read("1.8.0")) == [DataReceived((REGISTERS["1.8.0"],))]
    assert whats_new(on, on.client.write([DataSet.of("F.F", "1")])) == [DeviceError("ERR5")]
    assert whats_new(on, on.client.authenticate(AuthenticationMethod.RESULT, "1234")) == [DeviceError("ERR5")]
    assert whats_new(on, on.client.authenticate(AuthenticationMethod.RESULT, "1174")) == [Acknowledged()]
    assert whats_new(on, on.client.read("1.8.0")) == [DataReceived((REGISTERS["1.8.0"],))]
    assert whats_new(on, on.client.read("9.9.9")) == [DeviceError("ERR2")]
    assert whats_new(on, on.client.write([DataSet.of("F.F", "1"), DataSet.of("C", "2")])) == [Acknowledged()]
    assert whats_new(on, on.client.read("F.F")) == [DataReceived((DataSet.of("F.F", "1"),))]
    assert whats_new(on, on.client.read("P.01", command_type=CommandType.ASCII_PARTIAL)) == [
        DataReceived((data_set,), last=data_set is PROFILE[-1]) for data_set in PROFILE
    ]
    on.from_client(on.client.end())
    assert (on.device_baud, on.client_baud) == (300, 300)
    assert (on.device.state, on.client.state) == (State.WAIT_SIGN_ON, ReadingState.IDLE)
    assert whats_new(on, on.client.sign_on()) == [Identified(on.device.identification)]


DAMAGE = st.lists(
    st.tuples(st.integers(0, 200), st.sampled_from([0, 0, 0] + [1 << bit for bit in range(8)])), max_size=30
).map(deque)


@given(DAMAGE)
def test_a_damaged_line_gives_the_readout_or_none(damage: deque[tuple[int, int]]) -> None:
    on = line()
    on.from_client(on.client.sign_on())
    on.damage = damage
    seen = whats_new(on, on.client.select_readout())
    for event in seen:
        if isinstance(event, ReadoutReceived):
            assert event.data_sets == tuple(REGISTERS.values())
        elif isinstance(event, SessionFailed):
            assert event.cause is Failure.REPEATS
    on.damage.clear()
    on.client.timed_out()
    on.device.timed_out()
    on.client_baud = on.device_baud = 300
    assert whats_new(on, on.client.sign_on()) == [Identified(on.device.identification)]
    assert whats_new(on, on.client.select_readout()) == [ReadoutReceived(tuple(REGISTERS.values()))]


@given(st.integers(0, 200), st.integers(0, 7), st.integers(1, 3))
def test_one_to_three_damaged_readouts_are_repeated_until_one_is_whole(index: int, bit: int, times: int) -> None:
    # Neither STX, ETX nor BCC is hit: without them the client hears no message that it could refuse.
    on = line()
    on.from_client(on.client.sign_on())
    length = len("F.F(00000000)\r\n1.8.0(000123.456*kWh)\r\n1.8.0*05(000100.000*kWh)\r\n!\r\n")
    on.damage.append((0, 0))
    for _ in range(times):
        on.damage.extend([(1 + index % length, 1 << bit), (0, 0)])
    seen = whats_new(on, on.client.select_readout())
    assert seen[-1] == ReadoutReceived(tuple(REGISTERS.values()))
    assert len(seen) == times + 1
