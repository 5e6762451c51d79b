"""Contract of `hal.serial.SerialPort`."""

import pytest

from hal.processor import Line
from hal.serial import LineSettings, Parity
from hal.units import MS, S
from tests.hal_contract.harness import Feature, Harness

pytestmark = pytest.mark.needs(Feature.SERIAL)

FAST = LineSettings(9600)
SLOW = LineSettings(300, 7, Parity.EVEN)
FORMATS = [FAST, LineSettings(9600, 7, Parity.EVEN), LineSettings(4800, 7, Parity.ODD), SLOW]
ALL = bytes(range(256))


def connect(board: Harness, settings: LineSettings) -> None:
    board.serial().configure(settings)
    board.far_end().configure(settings)


def characters(settings: LineSettings, count: int) -> bytes:
    """All that the format can carry, over and over."""
    return bytes(n % (1 << settings.data_bits) for n in range(count))


def receive(board: Harness, count: int) -> bytes:
    data = b""
    while len(data) < count:
        board.expect(Line.OPTICAL_RECEIVED)
        received = board.serial().read()
        assert received.parity_errors == received.framing_errors == received.overruns == 0
        data += received.data
    return data


@pytest.mark.parametrize("settings", FORMATS, ids=str)
def test_characters_come_in_order_and_whole(board: Harness, settings: LineSettings) -> None:
    connect(board, settings)
    data = characters(settings, 300 if settings.baud > 300 else 20)
    board.far_end().send(data)
    assert receive(board, len(data)) == data


@pytest.mark.parametrize("settings", FORMATS, ids=str)
def test_characters_leave_in_order_and_whole(board: Harness, settings: LineSettings) -> None:
    connect(board, settings)
    data = characters(settings, 300 if settings.baud > 300 else 20)
    board.serial().write(data)
    board.expect(Line.OPTICAL_SENT)
    assert board.far_end().received() == data


def test_reading_drains(board: Harness) -> None:
    connect(board, FAST)
    board.far_end().send(b"abc")
    assert receive(board, 3) == b"abc"
    assert board.serial().read().data == b""
    board.far_end().send(b"d")
    assert receive(board, 1) == b"d"


def test_what_is_not_read_waits(board: Harness) -> None:
    connect(board, FAST)
    board.far_end().send(b"abc")
    board.advance(20 * MS)
    board.far_end().send(b"def")
    board.advance(20 * MS)
    assert board.pending(Line.OPTICAL_RECEIVED)
    while len(board.pending(Line.OPTICAL_RECEIVED)) > 0:
        board.expect(Line.OPTICAL_RECEIVED)
    assert board.serial().read().data == b"abcdef"


@pytest.mark.parametrize("settings", [FAST, SLOW], ids=str)
def test_sending_lasts_until_the_last_stop_bit_has_left(board: Harness, settings: LineSettings) -> None:
    connect(board, settings)
    port = board.serial()
    assert not port.sending()
    start = board.processor().now()
    port.write(characters(settings, 20))
    assert port.sending()
    sent = board.expect(Line.OPTICAL_SENT)
    assert not port.sending()
    slack = (sent - start) // 5_000  # two oscillators
    assert sent - start >= 20 * settings.character_bits * S // settings.baud - slack
    board.advance(50 * MS)
    assert not board.pending(Line.OPTICAL_SENT)


def test_no_character_arrives_before_it_has_left(board: Harness) -> None:
    """Half-duplex peers answer a while after the last character; if it came early, they would speak into ours."""
    settings = SLOW
    connect(board, settings)
    far, port, now = board.far_end(), board.serial(), board.processor().now
    start = now()
    port.write(b"0123456789")
    seen = b""
    while port.sending():
        seen += far.received()
        whole = (now() - start) * settings.baud // (settings.character_bits * S)
        assert len(seen) <= whole + 1
        board.advance(10 * MS)
    assert seen + far.received() == b"0123456789"


def test_what_is_written_meanwhile_goes_behind(board: Harness) -> None:
    connect(board, LineSettings(1200))
    port = board.serial()
    start = board.processor().now()
    for part in (b"one ", b"two ", b"three"):
        port.write(part)
    sent = board.expect(Line.OPTICAL_SENT)
    assert sent - start >= 13 * 10 * S // 1200 - MS
    assert board.far_end().received() == b"one two three"
    assert not board.pending(Line.OPTICAL_SENT)
    port.write(b"four")
    board.expect(Line.OPTICAL_SENT)
    assert board.far_end().received() == b"four"


def test_both_ways_at_once(board: Harness) -> None:
    connect(board, FAST)
    board.far_end().send(ALL)
    board.serial().write(ALL[::-1])
    assert receive(board, 256) == ALL
    board.expect(Line.OPTICAL_SENT)
    assert board.far_end().received() == ALL[::-1]


def test_it_can_change_its_speed_between_messages(board: Harness) -> None:
    for settings in (SLOW, FAST, LineSettings(2400, 7, Parity.EVEN)):
        connect(board, settings)
        board.far_end().send(b"?!")
        assert receive(board, 2) == b"?!"
        board.serial().write(b"ok")
        board.expect(Line.OPTICAL_SENT)
        assert board.far_end().received() == b"ok"


@pytest.mark.needs(Feature.LINE_FORMAT)
@pytest.mark.parametrize(
    ("mine", "other"),
    [
        (LineSettings(300, 7, Parity.EVEN), LineSettings(9600)),
        (LineSettings(9600), LineSettings(300, 7, Parity.EVEN)),
        (LineSettings(9600, 7, Parity.EVEN), LineSettings(9600, 7, Parity.ODD)),
        (LineSettings(9600, 7, Parity.EVEN), LineSettings(9600, 8, Parity.EVEN)),
    ],
    ids=str,
)
def test_other_settings_are_not_understood(board: Harness, mine: LineSettings, other: LineSettings) -> None:
    board.serial().configure(mine)
    board.far_end().configure(other)
    board.far_end().send(characters(other, 128))
    board.advance(10 * S)
    received = board.serial().read()
    assert received.data == b""
    assert received.parity_errors + received.framing_errors > 0
