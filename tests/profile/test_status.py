"""Each of the sixteen bits, as it goes to flash and to a reader."""

from collections.abc import Callable

import pytest

from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event
from firmware.profile.status import IntervalStatus, word
from tests.profile.test_journal import BEGIN, VALID, Meter
from tests.profile.test_recorder import meter


def heard(*events: tuple[Event, int]) -> Callable[[Meter], None]:
    def act(one: Meter) -> None:
        one.run(100)
        for event, detail in events:
            one.profile.heard(event, detail)

    return act


def outage(seconds: int) -> Callable[[Meter], None]:
    def act(one: Meter) -> None:
        one.run(100)
        one.save()
        one.write()
        one.cut(seconds, unheard=False)

    return act


def doubted(one: Meter) -> None:
    one.run(100)
    one.profile.boundary(one.now, ClockStatus.DOUBTFUL)
    one.profile.boundary(one.now, VALID)


def set_by(by_s: int) -> Callable[[Meter], None]:
    def act(one: Meter) -> None:
        one.run(100)
        one.set(by_s)

    return act


def programmed(one: Meter) -> None:
    one.run(100)
    one.profile.programmed(one.now)


def billed(one: Meter) -> None:
    one.run(100)
    one.profile.billed(0)


IRREGULAR = 1 << 14

CASES: list[tuple[Callable[[Meter], None], list[int]]] = [
    (heard((Event.FLASH_CORRUPT, 1)), [1 << 0, 0]),
    (heard((Event.STATE_LOST, 0)), [1 << 0, 0]),
    (doubted, [1 << 1, 0]),
    (heard((Event.FRONT_END_FAILED, 3)), [1 << 2, 1 << 2]),
    (heard((Event.FRONT_END_FAILED, 3), (Event.FRONT_END_RESTORED, 3)), [1 << 2, 0]),
    (billed, [1 << 4, 0]),
    (heard((Event.CLOCK_ADJUSTED, 0)), [1 << 5, 0]),
    (outage(100), [1 << 6 | 1 << 7 | IRREGULAR, 0]),
    (outage(1_750), [1 << 7 | IRREGULAR, 1 << 6 | IRREGULAR]),
    (programmed, [1 << 8 | IRREGULAR, 1 << 8 | IRREGULAR]),
    (heard((Event.CLOCK_SETTLED, 0)), [1 << 9, 0]),
    (heard((Event.REVERSE_RUN, 0)), [1 << 10, 1 << 10]),
    (heard((Event.REVERSE_RUN, 2), (Event.REVERSE_RUN_ENDED, 2)), [1 << 10, 0]),
    (heard((Event.PHASE_FAILED, 1)), [1 << 11, 1 << 11]),
    (heard((Event.PHASE_FAILED, 2), (Event.PHASE_RESTORED, 2)), [1 << 12, 0]),
    (heard((Event.PHASE_FAILED, 3), (Event.PHASE_FAILED, 1), (Event.PHASE_RESTORED, 1)), [1 << 13 | 1 << 11, 1 << 13]),
    (set_by(5_000), [1 << 5 | IRREGULAR, 1 << 5 | IRREGULAR]),
    (set_by(-2_000), [1 << 5 | IRREGULAR, 1 << 5 | 1 << 15 | IRREGULAR, 1 << 15, 0]),
]


@pytest.mark.parametrize(("act", "words"), CASES)
def test_what_the_intervals_say(act: Callable[[Meter], None], words: list[int]) -> None:
    """From a whole interval on, in which something happens after 100 s."""
    one = Meter()
    one.run(1_800)
    while one.write():
        pass
    act(one)
    for _ in words:
        one.run(1_800)
        while one.write():
            pass
    found = one.intervals()
    assert word(found[0].status) == 1 << 6
    assert [word(interval.status) for interval in found[1 : 1 + len(words)]] == words


def test_daylight_saving_is_a_bit_too() -> None:
    ours = meter()
    ours.run(60_000, 1)
    assert {word(one.status) & 1 << 3 for one in ours.intervals()[1:]} == {0, 1 << 3}


@pytest.mark.parametrize(
    ("down_s", "away_s", "due_s", "cut", "back"),
    [
        # Broken by the outage, and due in it or at its end; before that, or after it.
        (100, 4_000, 1_800, True, True),
        (100, 4_000, 900, True, True),
        (100, 4_000, 3_600, False, True),
        (100, 600, 500, False, True),
    ],
)
def test_an_end_of_billing_that_was_due_in_an_outage(
    down_s: int, away_s: int, due_s: int, cut: bool, back: bool
) -> None:
    """The interval that it was due in, or at whose end, says so, and the one in which it was made."""
    one = Meter()
    one.run(1_800)
    while one.write():
        pass
    one.run(down_s)
    one.save()
    one.write()
    one.now += away_s
    one.boot()
    one.profile.billed(BEGIN + 1_800 + due_s)
    one.save()
    one.run(3_600)
    while one.write():
        pass
    flagged = [IntervalStatus.BILLING_RESET in interval.status for interval in one.intervals()[1:3]]
    assert flagged == ([cut, back] if away_s > 1_800 else [back, False])


def test_a_supply_of_less_than_a_second_has_its_interval() -> None:
    one = Meter()
    one.run(1_800)
    while one.write():
        pass
    one.run(100)
    for _ in range(2):
        one.save()
        one.write()
        one.cut(3_600, unheard=False)
    one.run(1_800)
    one.save()
    while one.write():
        pass
    second, short, back = one.intervals()[1:4]
    assert (second.length_s, short.length_s, short.missed, back.missed) == (100, 1, 1, 1)
    assert {"power-up", "power-down", "short"} <= set(short.status.names)
