"""The command in this process, with a runner of the test's choice; and as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from sim.cli.app import app
from sim.scenario.result import RunResult
from sim.scenario.schema import Scenario
from tests.cli.results import HELD

ROOT = Path(__file__).resolve().parents[2]

Invoke = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]


@dataclass
class FakeRunner:
    """Stands where the runner does; `outcome` is what a run gives, or raises."""

    outcome: RunResult | Exception = HELD
    seen: list[tuple[Scenario, int, Any, Path | None]] = field(default_factory=list)

    def __call__(
        self, scenario: Scenario, seed: int, progress: Callable[[int], None] | None = None, out: Path | None = None
    ) -> "FakeRunner":
        self.seen.append((scenario, seed, progress, out))
        return self

    def run(self) -> RunResult:
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> FakeRunner:
    """A runner that gives a result at once."""
    fake = FakeRunner()
    module = ModuleType("sim.scenario.runner")
    vars(module)["Runner"] = fake
    monkeypatch.setitem(sys.modules, "sim.scenario.runner", module)
    return fake


@pytest.fixture
def invoke() -> Invoke:
    """Run the command in this process."""

    def call(*words: str) -> Result:
        return CliRunner().invoke(app, list(words), prog_name="meterbench")

    return call


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """Run the command as a process, in a folder of its own."""

    def call(*words: str, cwd: Path = tmp_path, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "sim.cli", *words],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return call
