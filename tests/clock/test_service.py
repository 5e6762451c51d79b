"""The clock service on its own, with a meter that does nothing but remember."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.battery import BatteryWatch
from firmware.clock.civil_clock import CivilClock, SavedTime
from firmware.clock.service import ClockService
from firmware.events.codes import Event
from firmware.save import SaveReason
from hal.probe import Record
from hal.units import HOUR, MS, S
from sim.scenario.configuration import meter_config
from sim.scenario.loader import parse
from tests.acceptance.playing import text_of
from tests.clock.rtc_bench import NOON_S, TestRtc

CONFIG = meter_config(parse(text_of("2026-06-15T08:00:00+02:00", "1h")))
LONGEST_NS = 3_650 * 86_400 * S


class Meter:
    """Counts its energy at once, and keeps what each save knows of the clock, and after how many moves."""

    def __init__(self) -> None:
        self.config = CONFIG
        self.metering = SimpleNamespace(live=SimpleNamespace(frequency_uhz=0, alive=True))
        self.battery = BatteryWatch(SimpleNamespace(test=lambda: 3_000), 2_400, 100)
        self.rtc = TestRtc()
        self.now_ns = 0
        self.clock = CivilClock(self.rtc, 0, CONFIG.clock.rtc_tolerance_ppb)
        self.clock.start(0, SavedTime(NOON_S * S, True, 0, False), LONGEST_NS)
        self.service = ClockService(self, self.clock, self, lambda: self.now_ns)
        self.service.told_s = NOON_S
        self.saves: list[tuple[SavedTime, int]] = []
        self.logged: list[Event] = []

    def pass_time(self, passed_ns: int) -> None:
        self.now_ns += passed_ns
        self.rtc.base_ns += passed_ns

    def publish(self, record: Record) -> None: ...

    def next_boundary(self, utc_s: int) -> int:
        return (utc_s // 900 + 1) * 900

    def end_at(self, at_ns: int, utc_s: int) -> None: ...

    def clock_was_set(self, before_s: int, after_s: int, *, known: bool) -> None: ...

    def once_counted(self, now_ns: int, action: Callable[[], None]) -> None:
        action()

    def log(self, event: Event, detail: int = 0) -> None:
        self.logged.append(event)

    def save(self, reason: SaveReason) -> None:
        self.saves.append((self.clock.saved(self.now_ns), self.clock.moves))

    def when_saved(self, done: Callable[[], None]) -> None: ...


def ignore() -> None:
    """Nobody waits for it."""


def test_a_save_from_before_the_last_move_does_not_set_the_rtc() -> None:
    """The clock is set twice; the save of the first time is whole after the second."""
    meter = Meter()
    meter.service.set(NOON_S + 3_600, ignore)
    meter.pass_time(5 * MS)
    meter.service.set(NOON_S - 3_600, ignore)
    meter.pass_time(5 * MS)
    first, second = (moves for _, moves in meter.saves)
    meter.service.saved(meter.now_ns, first)
    assert meter.rtc.sets == []
    meter.service.saved(meter.now_ns, second)
    assert meter.rtc.sets == [NOON_S - 3_600]


@pytest.mark.parametrize("by_s", [3_600, -3_600])
def test_that_the_rtc_was_set_is_on_record_with_the_next_save(by_s: int) -> None:
    meter = Meter()
    meter.service.set(NOON_S + by_s, ignore)
    assert [saved.due for saved, _ in meter.saves] == [True]
    meter.service.saved(meter.now_ns, meter.clock.moves)
    assert [saved.due for saved, _ in meter.saves] == [True, False]
    meter.service.saved(meter.now_ns, meter.clock.moves)
    assert len(meter.saves) == 2


@given(
    st.lists(st.integers(-20, 20).map(lambda half_hours: half_hours * 1_800), min_size=1, max_size=5),
    st.integers(0, 12),
    st.integers(0, 30 * HOUR),
)
def test_wherever_the_power_goes_the_clock_is_right_or_in_doubt(sets: list[int], steps: int, outage_ns: int) -> None:
    """So many steps are made: the clock is set, a save becomes whole, the firmware hears of it. Then the clock goes on
    from the newest whole save and the RTC."""
    meter = Meter()
    meter.save(SaveReason.BOOT)
    whole, heard = meter.saves[-1], True
    for _ in range(steps):
        meter.pass_time(4 * MS)
        if not heard:
            meter.service.saved(meter.now_ns, whole[1])
            heard = True
        elif whole is not meter.saves[-1]:
            whole, heard = meter.saves[-1], False
        elif sets:
            meter.service.set(meter.clock.utc_s(meter.now_ns) + sets.pop(), ignore)
    laid_out_ns = whole[0].utc_ns
    meter.pass_time(outage_ns)
    again = CivilClock(meter.rtc, 0, CONFIG.clock.rtc_tolerance_ppb)
    assert again.start(0, whole[0], LONGEST_NS) is None
    wrong = abs(again.utc_ns(0) - laid_out_ns - outage_ns) > 7 * S
    assert not wrong or again.status.value == "doubtful"
