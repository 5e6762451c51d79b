"""Our meter with a planted bug, for `firmware = "tests.explore.broken_meter:..."`."""

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from firmware import meter
from firmware.config import MeterConfig
from firmware.kernel.kernel import Kernel
from hal.board import Board
from hal.probe import Booted, EventLogged, Probe, Record, RegistersSaved

Seen = set[str]


class Twisted:
    """A probe that tells lies once `bad` says so of what was seen in this life."""

    def __init__(self, probe: Probe, bad: Callable[[Seen], bool]) -> None:
        self._probe = probe
        self._bad = bad
        self._seen: Seen = set()

    def publish(self, record: Record) -> None:
        if isinstance(record, Booted) and not record.clean and record.save:
            self._seen.add("unclean boot")
        if isinstance(record, EventLogged):
            self._seen.add(record.event)
        if isinstance(record, RegistersSaved) and self._bad(self._seen):
            first, *rest = record.rates
            record = replace(record, rates=((first[0] + 1, *first[1:]), *rest))
        self._probe.publish(record)


def _build(board: Board, config: MeterConfig, bad: Callable[[Seen], bool]) -> Kernel:
    handles = replace(cast(Any, board), probe=Twisted(board.probe, bad))
    return meter.build(cast(Board, handles), config)


def build(board: Board, config: MeterConfig) -> Kernel:
    """Rates don't sum to the total after an unclean boot and, in the same life, an opened terminal cover."""
    return _build(board, config, lambda seen: {"unclean boot", "terminal-cover-opened"} <= seen)


def build_eager(board: Board, config: MeterConfig) -> Kernel:
    """Rates don't sum to the total after an unclean boot."""
    return _build(board, config, lambda seen: "unclean boot" in seen)


def build_deadly(board: Board, config: MeterConfig) -> Kernel:
    """Kills the process after an unclean boot."""

    def bad(seen: Seen) -> bool:
        if "unclean boot" in seen:
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    return _build(board, config, bad)
