"""What the rig keeps in files: the flash's array, and the clock's offset."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hal.flash import FlashGeometry
from hal.processor import Line
from hal.units import MINUTE, MS, US, S
from rig.clock import SystemClockRtc
from rig.flash_file import FlashFile
from rig.processor import HostProcessor
from tests.hal_contract.harness import Interrupt, Recorder

SMALL = FlashGeometry(256, 4096, 4, 3 * MS, 400 * MS, 40 * US)
T0 = 1_700_000_000


@pytest.fixture
def served() -> list[Interrupt]:
    return []


@pytest.fixture
def processor(served: list[Interrupt]) -> Iterator[HostProcessor]:
    processor = HostProcessor()
    processor.boot(Recorder(served.append))
    yield processor
    processor.power_down()


class TestFlashFile:
    def test_it_is_made_blank_and_kept(self, processor: HostProcessor, tmp_path: Path) -> None:
        path = tmp_path / "flash"
        flash = FlashFile(processor, path, SMALL)
        assert path.read_bytes() == b"\xff" * 4 * 4096
        flash.program(4094, b"\x12\x34")
        processor.run(processor.now() + 5 * MS)
        flash.erase(3)
        flash.close()
        processor.run(processor.now() + 5 * MS)
        assert path.read_bytes() == b"\xff" * 4094 + b"\x12\x34" + b"\xff" * 3 * 4096
        again = FlashFile(processor, path, SMALL)
        assert not again.busy()
        assert again.read(4094, 3) == b"\x12\x34\xff"
        again.close()

    def test_a_file_of_another_size_is_refused_and_left_alone(self, processor: HostProcessor, tmp_path: Path) -> None:
        path = tmp_path / "flash"
        path.write_bytes(b"not a flash")
        with pytest.raises(ValueError, match=r"flash: 11 bytes, where the flash has 16384"):
            FlashFile(processor, path, SMALL)
        assert path.read_bytes() == b"not a flash"

    def test_two_meters_can_not_share_one(self, processor: HostProcessor, tmp_path: Path) -> None:
        flash = FlashFile(processor, tmp_path / "flash", SMALL)
        with pytest.raises(BlockingIOError):
            FlashFile(processor, tmp_path / "flash", SMALL)
        flash.close()
        FlashFile(processor, tmp_path / "flash", SMALL).close()


class Host:
    """The host's clock, in the test's hands."""

    def __init__(self) -> None:
        self.ns = T0 * S

    def __call__(self) -> int:
        return self.ns


class TestClock:
    def test_without_its_file_it_shows_the_hosts_time_and_is_not_to_be_trusted(
        self, processor: HostProcessor, tmp_path: Path
    ) -> None:
        host = Host()
        host.ns += S // 4
        reading = SystemClockRtc(processor, tmp_path / "offset", host).read()
        assert (reading.utc_s, reading.ticks, reading.stopped) == (T0, 8192, True)

    def test_its_offset_is_kept(self, processor: HostProcessor, tmp_path: Path) -> None:
        host = Host()
        SystemClockRtc(processor, tmp_path / "offset", host).set(T0 - 1000)
        host.ns += 7 * S + S // 2
        reading = SystemClockRtc(processor, tmp_path / "offset", host).read()
        assert (reading.utc_s, reading.ticks, reading.stopped) == (T0 - 993, 16384, False)

    def test_a_file_that_holds_no_offset_is_told(self, processor: HostProcessor, tmp_path: Path) -> None:
        (tmp_path / "offset").write_text("tomorrow")
        with pytest.raises(ValueError, match="'tomorrow' is no offset"):
            SystemClockRtc(processor, tmp_path / "offset")

    def test_an_alarm_notices_that_the_host_was_stepped(
        self, processor: HostProcessor, tmp_path: Path, served: list[Interrupt], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("rig.clock.LOOK_NS", 5 * MS)
        host = Host()
        rtc = SystemClockRtc(processor, tmp_path / "offset", host)
        rtc.set_alarm(T0 + 3600)
        processor.run(processor.now() + 30 * MS)
        assert served == []
        host.ns += MINUTE * 60
        processor.run(processor.now() + 50 * MS)
        assert [interrupt.line for interrupt in served] == [Line.RTC_ALARM]

    def test_an_alarm_does_not_ring_on_a_host_that_is_slower_than_its_monotonic_clock(
        self, processor: HostProcessor, tmp_path: Path, served: list[Interrupt]
    ) -> None:
        host = Host()
        rtc = SystemClockRtc(processor, tmp_path / "offset", host)
        host.ns += S - 5 * MS
        rtc.set_alarm(T0 + 1)
        processor.run(processor.now() + 50 * MS)
        assert served == []
        assert rtc.read().utc_s == T0
        host.ns += 5 * MS
        processor.run(processor.now() + 50 * MS)
        assert len(served) == 1
