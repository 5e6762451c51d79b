"""Against the independent client `iec62056-21` of PyPI (mode C; it wants a `\\W` before the identification)."""

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iec62056_21 import messages, utils
from iec62056_21.client import Iec6205621Client
from iec62056_21.transports import BaseTransport

from protocols.iec62056_21 import DataSet, Identification, ReadingDevice, Send, SetBaud, TariffDevice
from protocols.iec62056_21.block import CommandMessage, DataMessage, bcc, data_message, readout_message
from protocols.iec62056_21.reading_events import ReadoutReceived
from protocols.iec62056_21.sign_on import encode_sign_on
from protocols.iec62056_21.tariff_events import (
    End,
    NextBlockRequested,
    OperandRequested,
    PasswordGiven,
    ReadCommand,
    ReadoutRequested,
    SessionEnded,
    TariffEvent,
    WriteCommand,
)

DATA = (
    DataSet.of("F.F", "00000000"),
    DataSet.of("0.9.1", "12:34:56"),
    DataSet.of("1.8.0", "000123.456", "kWh"),
    DataSet.of("1.8.0*05", "000100.000", "kWh"),
)


class Wire(BaseTransport):
    """Transport of the foreign client that ends in our device, whose owner answers at once."""

    def __init__(self, device: TariffDevice) -> None:
        super().__init__(timeout=5)
        self.device = device
        self.events: list[TariffEvent] = []
        self.replies: deque[int] = deque()
        self.bauds: list[int] = []

    def connect(self) -> None: ...

    def disconnect(self) -> None: ...

    def _send(self, data: bytes) -> None:
        for event in self.device.receive(data):
            self.events.append(event)
            match event:
                case Send():
                    self._reply(event)
                case ReadoutRequested():
                    self._reply(self.device.send_readout(DATA))
                case OperandRequested():
                    self._reply(self.device.send_operand("00000000"))
                case PasswordGiven():
                    self._reply(self.device.accept())
                case ReadCommand() if event.command_type.partial:
                    self._reply(self.device.send_block(DATA[:2]))
                case NextBlockRequested():
                    self._reply(self.device.send_data(DATA[2:]))
                case ReadCommand():
                    found = [data_set for data_set in DATA if data_set.address == event.address]
                    self._reply(self.device.send_data(found))
                case WriteCommand():
                    self._reply(self.device.acknowledge())

    def _reply(self, send: Send) -> None:
        self.replies.extend(send.data)

    def _recv(self, chars: int) -> bytes:
        assert len(self.replies) >= chars, "the client waits for bytes that never come"
        return bytes(self.replies.popleft() for _ in range(chars))

    def switch_baudrate(self, baud: int) -> None:
        self.bauds.append(baud)
        assert SetBaud(baud) in self.events


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    monkeypatch.setattr(Iec6205621Client, "rest", lambda self, duration=None: None)
    return Wire(TariffDevice(Identification("MBe", "5", "meterbench", ("@",)), "00012345"))


def as_ours(found: list[messages.DataSet]) -> tuple[DataSet, ...]:
    return tuple(DataSet.of(data_set.address or "", data_set.value, data_set.unit) for data_set in found)


def test_the_foreign_client_reads_our_device_out(wire: Wire) -> None:
    client = Iec6205621Client(wire, device_address="12345")
    answer = client.standard_readout()
    assert as_ours(answer.data) == DATA
    assert (client.manufacturer_id, client.switchover_baudrate_char) == ("MBe", "5")
    assert client.use_short_reaction_time
    assert wire.bauds == [9600]


def test_the_foreign_client_programs_our_device(wire: Wire) -> None:
    client = Iec6205621Client(wire)
    challenge = client.access_programming_mode()
    assert (challenge.command, challenge.command_type) == ("P", 0)
    assert challenge.data_set.value == "00000000"
    # Its own send_password lacks an argument; the message it means is this one.
    password = messages.CommandMessage("P", 1, messages.DataSet(address="", value="secret"))
    wire.send(password.to_bytes())
    assert wire.recv(1) == b"\x06"
    assert as_ours([client.read_single_value("1.8.0")]) == (DATA[2],)
    client.write_single_value("0.9.1", "12:34:56")
    wire.send(messages.CommandMessage("R", 3, messages.DataSet(address="P.01", value="")).to_bytes())
    assert as_ours(client.read_response().data) == DATA
    client.send_break()
    assert wire.events[-2:] == [SessionEnded(End.BREAK), SetBaud(300)]
    assert not wire.replies


@pytest.mark.parametrize("builder", [messages.ReadoutDataMessage, messages.AnswerDataMessage])
def test_foreign_messages_are_ours(builder: type[messages.ReadoutDataMessage]) -> None:
    lines = [messages.DataLine([messages.DataSet(d.address, d.text, d.values[0].unit)]) for d in DATA]
    theirs = builder(messages.DataBlock(lines)).to_bytes()
    if builder is messages.ReadoutDataMessage:
        assert theirs == readout_message(DATA).encode()
        client = ReadingDevice()
        client.sign_on()
        client.receive(messages.IdentificationMessage("@meterbench", "MBE", "5").to_bytes())
        client.select_readout()
        assert client.receive(theirs)[0] == ReadoutReceived(DATA)
    else:
        assert theirs == DataMessage(data_message(DATA).text + "\r\n").encode()


def test_foreign_openings_are_ours() -> None:
    assert messages.RequestMessage("12345678").to_bytes() == encode_sign_on("12345678")
    assert messages.RequestMessage().to_bytes() == encode_sign_on()
    ours = Identification("MBE", "5", "meterbench", ("2",))
    assert messages.IdentificationMessage("2meterbench", "MBE", "5").to_bytes() == ours.encode()
    assert messages.IdentificationMessage.from_bytes(ours.encode()).identification == "2meterbench"


@given(st.text(st.sampled_from("0123456789.:ABCDEF-"), max_size=16), st.text(st.sampled_from("0189.ABC"), max_size=32))
def test_foreign_commands_are_ours(address: str, value: str) -> None:
    theirs = messages.CommandMessage.for_single_write(address, value).to_bytes()
    assert theirs == CommandMessage("W", "1", DataSet.of(address, value).encode()).encode()


@given(st.binary(min_size=1, max_size=60))
def test_foreign_bcc_is_ours(data: bytes) -> None:
    assert utils.calculate_bcc(data) == bytes((bcc(data),))
