"""Work in forked processes: every answer comes back, deaths too, and nobody is left behind."""

import os
import signal
import time
from pathlib import Path

import pytest

from sim.explore.children import Answer, Children, Json, Tell, Work


def answers(works: list[Work], jobs: int) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    with Children(jobs) as children:
        for key, work in enumerate(works):
            found.update((answer.key, answer) for answer in children.start(key, work))
            assert children.running <= jobs
        found.update((answer.key, answer) for answer in children.finish())
    return found


def square(number: int) -> Work:
    return lambda tell: {"square": number * number}


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_answer_comes_back(jobs: int) -> None:
    found = answers([square(number) for number in range(7)], jobs)
    assert {key: answer.fields for key, answer in found.items()} == {n: {"square": n * n} for n in range(7)}


def test_a_long_answer_is_whole() -> None:
    (answer,) = answers([lambda tell: {"text": "x" * 1_000_000}], 1).values()
    assert answer.fields == {"text": "x" * 1_000_000}


def test_what_a_child_does_stays_with_it() -> None:
    state = [0]

    def work(tell: Tell) -> Json:
        state[0] += 1
        return {"state": state[0]}

    found = answers([work, work, work], 1)
    assert [found[key].fields for key in range(3)] == [{"state": 1}] * 3
    assert state == [0]


def test_a_child_that_is_killed_is_an_answer_with_the_last_it_told() -> None:
    def work(tell: Tell) -> Json:
        tell({"step": 1})
        tell({"step": 2})
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    found = answers([square(2), work, square(3)], 2)
    assert (found[1].fields, found[1].failure, found[1].told) == (None, "the process died of SIGKILL", {"step": 2})
    assert found[0].fields == {"square": 4}
    assert found[2].fields == {"square": 9}


@pytest.mark.parametrize("problem", [ValueError("no good"), MemoryError(), SystemExit(3)])
def test_an_exception_is_an_answer(problem: BaseException) -> None:
    def work(tell: Tell) -> Json:
        raise problem

    (answer,) = answers([work], 1).values()
    assert answer.fields is None
    assert type(problem).__name__ in answer.failure


def test_leaving_ends_those_that_run(tmp_path: Path) -> None:
    def work(tell: Tell) -> Json:
        (tmp_path / str(os.getpid())).touch()
        time.sleep(60)
        return {}

    def interrupted() -> None:
        with Children(2) as children:
            list(children.start(0, work))
            list(children.start(1, work))
            while len(list(tmp_path.iterdir())) < 2:
                time.sleep(0.01)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    for file in tmp_path.iterdir():
        with pytest.raises(ProcessLookupError):
            os.kill(int(file.name), 0)


def test_no_children_do_no_work() -> None:
    with pytest.raises(ValueError, match="0 children"):
        Children(0)
