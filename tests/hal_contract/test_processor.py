"""Contract of `hal.processor`: the clock, and how a driver answers a program."""

import enum
from collections.abc import Callable, Generator

import pytest

from hal.processor import Busy, Idle, Line, ResetCause
from hal.units import MS, S
from tests.hal_contract.harness import Feature, Harness


class Script:
    """A program that yields what it is told, and notes every answer and interrupt; at the end it sleeps for ever."""

    def __init__(self, requests: Callable[[int], Generator[Busy | Idle, int, None]]) -> None:
        self.notes: list[tuple[str, int]] = []
        self.closed = 0
        self._requests = requests

    def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
        self.notes.append(("start", start_ns))
        try:
            steps = self._requests(start_ns)
            request = next(steps, None)
            while request is not None:
                answer = yield request
                self.notes.append(("answer", answer))
                try:
                    request = steps.send(answer)
                except StopIteration:
                    break
            while True:
                self.notes.append(("answer", (yield Idle(None))))
        finally:
            self.closed += 1

    def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
        self.notes.append((line.value, at_ns))
        return Busy(0, 0)

    def instants(self, what: str) -> list[int]:
        return [instant for kind, instant in self.notes if kind == what]


def fixed(*requests: Busy | Idle) -> Callable[[int], Generator[Busy | Idle, int, None]]:
    def steps(_start: int) -> Generator[Busy | Idle, int, None]:
        for request in requests:
            _ = yield request  # an answer comes back, which a tuple's own iterator would not take

    return steps


def test_the_clock_never_goes_back_and_follows_time(board: Harness) -> None:
    now = board.processor().now
    before = now()
    for _ in range(20):
        board.advance(MS)
        after = now()
        assert after >= before + MS - 1
        before = after


def test_it_has_a_frequency_and_a_cause(board: Harness) -> None:
    assert board.processor().hz > 0
    assert board.processor().reset_cause is ResetCause.POWER_ON


def test_answers_are_never_before_what_was_asked_for(board_off: Harness) -> None:
    targets: list[int] = []

    def steps(start: int) -> Generator[Busy | Idle, int, None]:
        now = start
        for delay in (5 * MS, MS, 0, 3 * MS, -MS):
            targets.append(now + delay)
            now = yield Idle(now + delay)
            targets.append(now)
            now = yield Busy(10, 2_000)

    script = Script(steps)
    board_off.boot(script)
    board_off.advance(300 * MS)
    answers = script.instants("answer")
    assert len(answers) == len(targets) == 10
    assert all(answer >= target for answer, target in zip(answers, targets, strict=True))
    assert answers == sorted(answers)
    assert answers[-1] <= board_off.processor().now()


def test_work_comes_to_an_end_without_help(board_off: Harness) -> None:
    script = Script(fixed(*[Busy(1, 100)] * 50))
    board_off.boot(script)
    board_off.advance(100 * MS)
    assert len(script.instants("answer")) == 50


def test_a_sleep_for_ever_ends_by_interrupt_only(board_off: Harness) -> None:
    script = Script(fixed(Idle(None), Idle(None)))
    board_off.boot(script)
    board_off.advance(50 * MS)
    assert script.instants("answer") == []
    for number in range(1, 3):
        board_off.raise_line(Line.RTC_ALARM)
        board_off.advance(20 * MS)
        served, answers = script.instants("rtc-alarm"), script.instants("answer")
        assert len(served) == len(answers) == number
        assert answers[-1] >= served[-1]


def test_an_interrupt_ends_a_sleep_before_its_time(board_off: Harness) -> None:
    script = Script(lambda start: fixed(Idle(start + 3600 * S))(start))
    board_off.boot(script)
    board_off.advance(10 * MS)
    board_off.raise_line(Line.INPUTS)
    board_off.advance(10 * MS)
    kinds = [kind for kind, _ in script.notes]
    assert kinds == ["start", "inputs", "answer"]
    assert script.notes[-1][1] < 3600 * S


def test_lines_of_one_instant_go_by_priority(board_off: Harness) -> None:
    script = Script(fixed(Idle(None)))
    board_off.boot(script)
    board_off.advance(5 * MS)
    for line in reversed(Line):
        board_off.raise_line(line)
    board_off.advance(20 * MS)
    served = [kind for kind, _ in script.notes if kind not in ("start", "answer")]
    assert served == [line.value for line in Line]
    instants = [instant for _, instant in script.notes]
    assert instants == sorted(instants)


def test_what_a_program_raises_comes_out(board_off: Harness) -> None:
    def steps(start: int) -> Generator[Busy | Idle, int, None]:
        yield Idle(start + 50 * MS)
        raise ZeroDivisionError("of the program")

    script = Script(steps)
    board_off.boot(script)
    with pytest.raises(ZeroDivisionError, match="of the program"):
        board_off.advance(100 * MS)
    assert script.closed == 1


@pytest.mark.needs(Feature.POWER_CYCLE)
def test_a_power_cut_ends_the_program_and_starts_it_anew(board_off: Harness) -> None:
    script = Script(lambda start: fixed(Idle(start + 3600 * S))(start))
    board_off.boot(script)
    board_off.advance(20 * MS)
    script.notes.clear()
    board_off.power_cycle(S // 10)
    assert script.closed == 1
    board_off.advance(5 * MS)
    assert [kind for kind, _ in script.notes] == ["start"]
    assert board_off.processor().now() >= 5 * MS - 1
    assert board_off.processor().reset_cause is ResetCause.POWER_ON
