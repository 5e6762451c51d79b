"""The progress bar: on a terminal only, and only after a while."""

import io

import pytest

from sim.cli import progress as module
from sim.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_nobody_looks() -> None:
    stream = io.StringIO()
    with progress(10, stream) as advanced:
        assert advanced is None
    assert stream.getvalue() == ""


def test_a_short_run_shows_nothing() -> None:
    stream = Terminal()
    with progress(10, stream) as advanced:
        assert advanced is not None
        advanced(5)
    assert stream.getvalue() == ""


@pytest.mark.parametrize("end_ns", [10, None])
def test_a_long_run_shows_a_bar(monkeypatch: pytest.MonkeyPatch, end_ns: int | None) -> None:
    monkeypatch.setenv("TERM", "xterm")
    times = iter([100.0, 101.9, 102.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(times, 103.0))
    stream = Terminal()
    with progress(end_ns, stream) as advanced:
        assert advanced is not None
        advanced(4)
        assert stream.getvalue() == ""
        advanced(5)
        assert "running" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[?25h") or "\x1b[?25h" in stream.getvalue(), "the cursor is back"
