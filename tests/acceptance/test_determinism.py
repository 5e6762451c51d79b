"""Same scenario and seed: the same canonical log, byte for byte, whatever else is different."""

import re

import pytest

from hal.probe import JobDone, Record
from sim.scenario.loader import parse
from sim.scenario.runner import Runner
from tests.acceptance.command import meterbench
from tests.acceptance.playing import at, fault, play, reading, text_of

BUSY = (
    '[clock]\nbattery_failure = "reset"\n'
    + fault("battery-fail", "10s")
    + fault("supply-fail", "40s", "1min")
    + fault("power-cut", "3min", "10s")
    + reading("one", "20s")
    + reading("two", "4min", "billing-reset")
)


def digest(*arguments: str, **environment: str) -> str:
    done = meterbench("run", *arguments, "--digest", **environment)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[0-9a-f]{64}\n", done.stdout), done.stdout
    return done.stdout


def test_hash_seeds_and_processes_change_nothing_and_another_seed_does():
    first_day = ("first-day", "--until", "20min")
    one = digest(*first_day, "--seed", "7", PYTHONHASHSEED="0")
    assert digest(*first_day, "--seed", "7", PYTHONHASHSEED="4711", TZ="Asia/Tokyo", LC_ALL="C") == one
    assert digest(*first_day, "--seed", "8", PYTHONHASHSEED="0") != one


def test_the_jit_changes_nothing():
    first_day = ("first-day", "--seed", "7", "--until", "3s")
    assert digest(*first_day, NUMBA_DISABLE_JIT="1") == digest(*first_day)


def test_a_front_end_with_noise_repeats_with_and_without_the_jit(tmp_path):
    file = tmp_path / "noisy.toml"
    noise = '[world]\nfront_end = { noise = 3.5, voltage_gain = "200 ppm" }\n'
    file.write_text(text_of("2026-06-15T08:00:00+02:00", "3s", noise, "soc"))
    one = digest(str(file), NUMBA_DISABLE_JIT="1")
    assert digest(str(file)) == one
    assert digest(str(file), "--seed", "2") != one


@pytest.mark.parametrize("board", ["soc", "afe"])
class TestInOneProcess:
    def test_it_repeats_and_another_seed_does_not(self, board):
        text = text_of("2026-06-15T21:57:00+02:00", "5min", BUSY, board)
        digests = [play(text, seed).result.digest for seed in (3, 3, 4)]
        assert digests[0] == digests[1] != digests[2]

    def test_running_in_slices_changes_nothing(self, board):
        text = text_of("2026-06-15T21:57:00+02:00", "5min", BUSY, board)
        bench = Runner(parse(text), 3).bench
        for instant in (1, at(0, 0, 40), at(0, 0, 40) + 20_000_000, at(0, 1, 40) + 7, at(0, 3), at(0, 4, 1), at(0, 5)):
            bench.run_until(instant)
        assert bench.log.digest() == play(text, 3).result.digest

    def test_observers_and_files_change_nothing(self, board, tmp_path):
        text = text_of("2026-06-15T21:57:00+02:00", "5min", BUSY, board)
        plain = Runner(parse(text), 3).run()
        seen: list[Record] = []
        told: list[int] = []
        watched = Runner(parse(text), 3, told.append, tmp_path)
        watched.bench.probe.subscribe(JobDone, lambda _at, record: seen.append(record))
        watched.bench.on_note(lambda _at, _who, _text: None)
        result = watched.run()
        assert result.digest == plain.digest
        assert result == plain
        assert seen
        assert told[-1] == at(0, 5)
        assert (tmp_path / "log.txt").stat().st_size > 1_000


def test_expectations_that_look_change_nothing():
    text = text_of("2026-06-15T21:57:00+02:00", "5min", BUSY)
    looks = "".join(
        f'\n[[expect]]\nid = "look-{second}"\nclock_error = ["-1d", "1d"]\nat = "{second}s"\n' for second in range(300)
    )
    assert play(text + looks).result.digest == play(text).result.digest


def test_two_runs_side_by_side_do_not_disturb_each_other():
    text = text_of("2026-06-15T21:57:00+02:00", "5min", BUSY)
    alone = Runner(parse(text), 5).run().digest
    one, other = (Runner(parse(text), seed).bench for seed in (5, 6))
    for second in range(0, 301, 10):
        one.run_until(at(0, 0, second))
        other.run_until(at(0, 0, second))
    assert one.log.digest() == alone
    assert other.log.digest() != alone


def test_the_same_log_without_its_header(tmp_path):
    """`log.txt` of two seeds differs; of one it is the same to the byte, and the digest is of it."""
    text = text_of("2026-06-15T21:57:00+02:00", "5min", BUSY)
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        (tmp_path / name).mkdir()
        play(text, seed, out=tmp_path / name)
    logs = [(tmp_path / name / "log.txt").read_bytes() for name in "abc"]
    assert logs[0] == logs[1] != logs[2]
