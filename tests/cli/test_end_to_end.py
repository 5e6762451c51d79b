"""The whole command with the real runner: one's own firmware, a task that raises, and results that repeat."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Process
from tests.scenario.documents import EXAMPLE, write

SHORT = EXAMPLE.replace('board = "soc"', 'board = "afe"\nfirmware = "mine.tasks:build"')

OWN_TASK = '''
"""The meter's own firmware, and one more task that fails in its third minute."""

from firmware.kernel.spec import Periodic, Segment, TaskSpec, exactly
from firmware.meter import build as own
from hal.units import MINUTE


def build(board, config):
    kernel = own(board, config)
    spec = TaskSpec("fragile", 20, Periodic(MINUTE), MINUTE, (Segment(exactly(1_000)),), supervised=False)

    async def body(task):
        while True:
            await task.release()
            await task.work(exactly(1_000))
            if task.now >= 3 * MINUTE:
                raise LookupError("no such phase")

    kernel.add(spec, body)
    return kernel
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "tasks.py").write_text(OWN_TASK)
    write(tmp_path, SHORT)
    return tmp_path


def test_ones_own_tasks_run_beside_the_meters(process: Process, folder: Path) -> None:
    done = process("run", "case.toml", "--until", "2min", "--json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert {row["task"]: row["jobs"] for row in json.loads(done.stdout)["timing"]}["fragile"] in (1, 2)


def test_a_task_that_raises_fails_the_run(process: Process, folder: Path) -> None:
    done = process("run", "case.toml", "--until", "5min", cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback (most recent call last)" in done.stderr
    assert f'File "{folder}/mine/tasks.py", line ' in done.stderr
    *_, failure, instant, repeat = done.stderr.splitlines()
    assert instant.startswith("true instant: 180")
    assert failure.startswith("task fragile failed at 180")
    assert failure.endswith("ns (monotonic): LookupError: no such phase")
    assert repeat == "repeat with: meterbench run case.toml --seed 1 --until 5min"


def test_runs_repeat_in_any_process(process: Process, folder: Path) -> None:
    """Same seed, same digest, whatever the hash seed; another seed, another."""
    words = ("run", "case.toml", "--set", "firmware=firmware.meter:build", "--until", "2h30min", "--digest")
    first, again, other = (
        process(*words, "--seed", seed, cwd=folder, PYTHONHASHSEED=hashes)
        for seed, hashes in (("7", "1"), ("7", "2"), ("8", "1"))
    )
    assert first.returncode == 0, first.stderr
    assert len(first.stdout) == 65
    assert first.stdout == again.stdout
    assert first.stdout != other.stdout


def test_the_result_and_the_log_are_written(process: Process, folder: Path) -> None:
    done = process("run", "year", "--until", "1h", "--out", "logs", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "logs" / "result.json").read_text()) == json.loads(done.stdout)
    assert any(path.name != "result.json" for path in (folder / "logs").iterdir())
