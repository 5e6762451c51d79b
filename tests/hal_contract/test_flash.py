"""Contract of `hal.flash.Flash`."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.flash import Flash, FlashError
from hal.processor import Line
from hal.units import MS, S
from tests.hal_contract.boards import BOARDS
from tests.hal_contract.conftest import skip_if_absent
from tests.hal_contract.harness import Feature, Harness

pytestmark = pytest.mark.needs(Feature.FLASH)


# Addresses below take sectors of 4 KiB, the least that serial NOR flash erases.


def size(flash: Flash) -> int:
    return flash.geometry.sectors * flash.geometry.sector_bytes


def program(board: Harness, address: int, data: bytes) -> None:
    board.flash().program(address, data)
    board.expect(Line.FLASH)


def erase(board: Harness, sector: int) -> None:
    board.flash().erase(sector)
    board.expect(Line.FLASH)


def test_the_geometry_fits_together(board: Harness) -> None:
    shape = board.flash().geometry
    assert shape.sectors >= 16
    assert (shape.page_bytes, shape.sector_bytes) == (256, 4096)
    assert 0 < shape.suspend_worst_ns < shape.program_worst_ns < shape.erase_worst_ns


def test_a_virgin_part_is_blank_to_its_ends(board: Harness) -> None:
    flash = board.flash()
    assert not flash.busy()
    assert flash.read(0, 300) == b"\xff" * 300
    assert flash.read(size(flash) - 300, 300) == b"\xff" * 300
    assert flash.read(5, 0) == b""


def test_a_program_clears_bits_and_no_others(board: Harness) -> None:
    flash = board.flash()
    program(board, 0x110, b"\xf0\x55\x00")
    program(board, 0x110, b"\x30\x55")
    assert flash.read(0x10F, 5) == b"\xff\x30\x55\x00\xff"


@pytest.mark.parametrize("data", [b"\x0f", b"\xff", b"\xf1"])
def test_a_bit_that_is_zero_stays_zero(board: Harness, data: bytes) -> None:
    program(board, 0x100, b"\xf0")
    program(board, 0x100, data)
    assert board.flash().read(0xFF, 3) == bytes([0xFF, data[0] & 0xF0, 0xFF])


def test_an_operation_is_under_way_until_its_interrupt_and_no_longer(board: Harness) -> None:
    flash = board.flash()
    operations: list[Callable[[], None]] = [lambda: flash.program(0, b"\x00"), lambda: flash.erase(1)]
    for start in operations:
        start()
        assert flash.busy()
        assert not board.pending(Line.FLASH)
        board.expect(Line.FLASH)
        assert not flash.busy()
    board.advance(20 * MS)
    assert not board.pending(Line.FLASH)


def test_a_busy_part_ignores_what_it_is_told_and_reads_as_ones(board: Harness) -> None:
    flash = board.flash()
    program(board, 0x2000, b"\x55")
    operations: list[Callable[[], None]] = [lambda: flash.program(0, b"\x00"), lambda: flash.erase(1)]
    for start in operations:
        start()
        assert flash.read(0x2000, 2) == b"\xff\xff"
        flash.program(0x2000, b"\x00")
        flash.erase(2)
        board.expect(Line.FLASH)
        assert not flash.busy()
        assert flash.read(0x2000, 1) == b"\x55"
        board.advance(20 * MS)
        assert not board.pending(Line.FLASH)
    assert flash.read(0, 1) == b"\x00"


def test_a_program_stays_inside_its_page(board: Harness) -> None:
    flash = board.flash()
    program(board, 0x1FE, b"\x01\x02\x03\x04")
    assert flash.read(0x1FD, 4) == b"\xff\x01\x02\xff"
    assert flash.read(0xFF, 4) == b"\xff\x03\x04\xff"
    program(board, 0x201, bytes(range(256)))
    assert flash.read(0x200, 258) == b"\xff" + bytes(range(255)) + b"\xff\xff"


def test_no_data_and_more_than_a_page_are_refused(board: Harness) -> None:
    flash = board.flash()
    for address, length in ((0, 257), (0x80, 300), (0, 0)):
        with pytest.raises(FlashError):
            flash.program(address, bytes(length))
        assert not flash.busy()
    assert flash.read(0, 0x200) == b"\xff" * 0x200


def test_nothing_lies_outside_the_array(board: Harness) -> None:
    flash = board.flash()
    end = size(flash)
    for address, length in ((end, 1), (end - 1, 2), (-1, 1)):
        with pytest.raises(FlashError):
            flash.read(address, length)
        with pytest.raises(FlashError):
            flash.program(address, b"\x00" * length)
    for sector in (-1, flash.geometry.sectors):
        with pytest.raises(FlashError):
            flash.erase(sector)
    assert not flash.busy()


def test_an_erase_sets_one_sector_and_no_more(board: Harness) -> None:
    flash = board.flash()
    sector = flash.geometry.sector_bytes
    for address in (sector - 1, sector, 2 * sector - 1, 2 * sector):
        program(board, address, b"\x00")
    erase(board, 1)
    assert flash.read(sector - 1, sector + 2) == b"\x00" + b"\xff" * sector + b"\x00"


@pytest.mark.needs(Feature.PART_TIMES)
def test_operations_end_within_the_times_of_the_geometry(board: Harness) -> None:
    flash, processor = board.flash(), board.processor()
    shape = flash.geometry
    slack = shape.erase_worst_ns // 10_000  # the part's time is not counted by the CPU's oscillator
    for page in range(100):
        start = processor.now()
        flash.program(page * shape.page_bytes, b"\x00" * shape.page_bytes)
        assert 0 < board.expect(Line.FLASH) - start <= shape.program_worst_ns + slack
    for sector in range(100):
        start = processor.now()
        flash.erase(sector)
        assert 0 < board.expect(Line.FLASH) - start <= shape.erase_worst_ns + slack


class TestSuspend:
    def suspended(self, board: Harness) -> Flash:
        flash = board.flash()
        program(board, 0x1000, b"\x12")
        program(board, 0x2000, b"\x34")
        flash.erase(1)
        flash.suspend()
        assert flash.busy()
        board.expect(Line.FLASH)
        assert not flash.busy()
        return flash

    def test_others_can_be_read_and_programmed_meanwhile(self, board: Harness) -> None:
        flash = self.suspended(board)
        assert flash.read(0x2000, 1) == b"\x34"
        program(board, 0x2001, b"\x56")
        assert flash.read(0x2000, 2) == b"\x34\x56"
        assert flash.resume()
        assert flash.busy()
        board.expect(Line.FLASH)
        assert flash.read(0x1000, 1) == b"\xff"
        assert flash.read(0x2000, 2) == b"\x34\x56"

    def test_its_own_sector_and_other_erases_are_out_of_reach(self, board: Harness) -> None:
        flash = self.suspended(board)
        first = 0x1000
        last = first + flash.geometry.sector_bytes
        for address, length in ((first, 1), (last - 1, 1), (first - 1, 2), (0, last + 1)):
            seen = flash.read(address, length)
            assert len(seen) == length
            assert address + length <= last or seen[-1:] == b"\x34"
            assert address >= first or seen[0] == 0xFF
        flash.program(first, b"\x00")
        assert not flash.busy()
        flash.erase(5)
        assert not flash.busy()
        flash.erase(1)
        assert not flash.busy()
        board.advance(20 * MS)
        assert not board.pending(Line.FLASH)
        assert flash.resume()
        board.expect(Line.FLASH)
        assert flash.read(first, 4) == b"\xff" * 4

    def test_it_ends_once_after_any_number_of_suspensions(self, board: Harness) -> None:
        flash = self.suspended(board)
        for _ in range(3):
            assert flash.resume()
            flash.suspend()
            board.expect(Line.FLASH)
            assert not flash.busy()
        assert flash.resume()
        assert not flash.resume()
        board.expect(Line.FLASH)
        assert not flash.resume()
        board.advance(S // 2)
        assert not board.pending(Line.FLASH)
        assert flash.read(0x1000, 4) == b"\xff" * 4

    def test_a_suspend_without_an_erase_has_no_effect(self, board: Harness) -> None:
        flash = board.flash()
        flash.suspend()
        assert not flash.busy()
        assert not flash.resume()
        flash.program(0, b"\x00")
        flash.suspend()
        board.expect(Line.FLASH)
        assert not flash.resume()
        board.advance(20 * MS)
        assert not board.pending(Line.FLASH)
        assert flash.read(0, 1) == b"\x00"

    @pytest.mark.needs(Feature.POWER_CYCLE)
    def test_a_power_cut_forgets_it(self, board: Harness) -> None:
        self.suspended(board)
        board.power_cycle(S // 100)
        flash = board.flash()
        assert not flash.busy()
        assert not flash.resume()
        erase(board, 1)
        assert flash.read(0x1000, 1) == b"\xff"


@pytest.mark.needs(Feature.POWER_CYCLE)
class TestPowerCut:
    def test_what_was_programmed_stays(self, board: Harness) -> None:
        program(board, 0x345, b"kept")
        board.power_cycle(S // 100)
        assert board.flash().read(0x344, 6) == b"\xffkept\xff"

    @pytest.mark.parametrize("after_ns", [0, MS // 10, 10 * MS])
    def test_a_cut_operation_touches_nothing_else(self, board: Harness, after_ns: int) -> None:
        program(board, 0x1FFF, b"\x00")
        program(board, 0x3000, b"\x00")
        program(board, 0x2100, b"\x0f" * 256)
        board.flash().erase(2)
        board.advance(after_ns)
        board.power_cycle(S // 100)
        assert not board.flash().busy()
        board.flash().program(0x4001, b"\x33")
        board.advance(after_ns)
        board.power_cycle(S // 100)
        flash = board.flash()
        assert not flash.busy()
        assert flash.read(0x1FFF, 1) == flash.read(0x3000, 1) == b"\x00"
        assert flash.read(0x4000, 1) == flash.read(0x4002, 1) == b"\xff"
        assert flash.read(0x4001, 1)[0] & 0x33 == 0x33
        assert not board.pending(Line.FLASH)
        erase(board, 2)
        assert flash.read(0x2000, 0x1000) == b"\xff" * 0x1000


CONTENTS = st.one_of(st.binary(min_size=1, max_size=256), st.integers(1, 256).map(bytes))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("program"), st.integers(0, 3 * 4096 - 1), CONTENTS),
        st.tuples(st.just("erase"), st.integers(0, 2), st.just(b"")),
    ),
    max_size=25,
)


@pytest.mark.parametrize("name", list(BOARDS))
@settings(max_examples=25)
@given(steps=STEPS)
def test_it_is_the_array_that_it_claims_to_be(name: str, steps: list[tuple[str, int, bytes]]) -> None:
    """Against a plain array of bytes: bits are only cleared, and a program goes round inside its page."""
    skip_if_absent(BOARDS[name], Feature.FLASH)
    model = bytearray(b"\xff" * 3 * 4096)
    with tempfile.TemporaryDirectory() as folder, BOARDS[name](Path(folder)) as board:
        board.boot(board.recorder())
        flash = board.flash()
        for what, where, data in steps:
            if what == "erase":
                erase(board, where)
                model[where * 4096 : (where + 1) * 4096] = b"\xff" * 4096
                continue
            program(board, where, data)
            page = where - where % 256
            for index, byte in enumerate(data):
                model[page + (where + index) % 256] &= byte
        assert flash.read(0, len(model)) == bytes(model)
        assert not board.raised
