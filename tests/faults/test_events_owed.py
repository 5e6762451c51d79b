"""The oracle `events` holds the meter to the event, its detail, its time and its clock status.

Firmware that gets one of them wrong is found out.
"""

from collections.abc import Callable

import pytest

from firmware.clock.civil_clock import ClockStatus
from firmware.core import Core
from firmware.events.codes import Event
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner
from tests.faults.cases import CASES, DEAD_CELL, OWED, text

Entry = tuple[Event, int, ClockStatus, int]
Lie = Callable[[Event, int, ClockStatus, int], Entry | None]

OWING = sorted(OWED)


def events_check(kind: str) -> tuple[bool, str]:
    result = Runner(parse(text(kind, CASES[kind])), 1).run()
    check = next(check for check in result.oracles if check.name == "events")
    assert check.held or result.verdict is Verdict.BROKEN
    return check.held, check.message


def lying(monkeypatch: pytest.MonkeyPatch, lie: Lie) -> None:
    """Firmware that logs something else than it should; None for nothing at all."""
    true = Core.log_at

    def log_at(
        self: Core,
        event: Event,
        utc_s: int,
        clock: ClockStatus,
        detail: int = 0,
        phase: int = 0,
        duration_s: int | None = None,
    ) -> None:
        told = lie(event, utc_s, clock, detail)
        if told is not None:
            true(self, *told, phase, duration_s)

    monkeypatch.setattr(Core, "log_at", log_at)


@pytest.mark.parametrize("kind", OWING)
def test_an_event_that_is_not_logged_is_missed(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    names = OWED[kind]
    lying(monkeypatch, lambda event, *rest: None if event.text in names else (event, *rest))
    held, message = events_check(kind)
    assert not held
    assert "left no event" in message


LATE = [kind for kind in OWING if kind not in ("rtc-stop", "rtc-jump", "rtc-garbage", "rtc-epoch")]
"""What the RTC is at fault for is told with a time and a status that can't be judged."""


@pytest.mark.parametrize("kind", LATE)
def test_an_event_with_another_time_is_found_out(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    names = OWED[kind]
    lying(
        monkeypatch,
        lambda event, utc_s, clock, detail: (event, utc_s - 30 if event.text in names else utc_s, clock, detail),
    )
    held, message = events_check(kind)
    assert not held
    assert "bears" in message


@pytest.mark.parametrize("kind", [kind for kind in LATE if kind not in ("supply-fail", "power-cut", "flash-cut")])
def test_an_event_with_another_status_is_found_out(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    names = OWED[kind]
    lying(
        monkeypatch,
        lambda event, utc_s, clock, detail: (
            event,
            utc_s,
            ClockStatus.DOUBTFUL if event.text in names else clock,
            detail,
        ),
    )
    held, message = events_check(kind)
    assert not held
    assert '"doubtful", and the RTC has not lost the time' in message


def test_a_clock_that_lost_the_time_is_not_to_be_called_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    outage = '\n[[fault]]\nid = "out"\nkind = "supply-fail"\nat = "10min"\nduration = "20min"\n'
    case = CASES["main-cover-open"]
    around = text("main-cover-open", case).replace("[[fault]]", DEAD_CELL + outage + "\n[[fault]]", 1)
    assert Runner(parse(around), 1).run().verdict is Verdict.HELD
    lying(monkeypatch, lambda event, utc_s, _clock, detail: (event, utc_s, ClockStatus.VALID, detail))
    result = Runner(parse(around), 1).run()
    check = next(check for check in result.oracles if check.name == "events")
    assert "the RTC had lost the time" in check.message


DETAILED = ("phase-fail", "current-reversed", "currents-crossed", "front-end-stuck", "voltage-fault")


@pytest.mark.parametrize("kind", DETAILED)
def test_an_event_that_names_another_phase_is_not_the_one(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    names = OWED[kind]
    lying(
        monkeypatch,
        lambda event, utc_s, clock, detail: (event, utc_s, clock, detail + 1 if event.text in names else detail),
    )
    held, message = events_check(kind)
    assert not held
    assert "with detail" in message


def test_what_the_log_says_already_is_not_asked_for_twice() -> None:
    """The phase is lost to its transformer before it is lost to the grid."""
    missing = '\n[[fault]]\nid = "fuse"\nkind = "voltage-fault"\nphase = 2\nto = "0 %"\nat = "50min"\nduration = "1h"\n'
    document = text("phase-fail", CASES["phase-fail"]).replace("[[fault]]", missing + "\n[[fault]]", 1)
    result = Runner(parse(document), 1).run()
    events = next(check for check in result.oracles if check.name == "events")
    assert events.held, events.message
    assert [row.event for row in result.events].count("phase-failed") == 1
