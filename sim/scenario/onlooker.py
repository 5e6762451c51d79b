"""Somebody who looks at the meter's display: comes at an instant, presses the button, and reads what it shows."""

from dataclasses import dataclass
from functools import partial
from typing import Final

from hal.display import LINES, Symbol
from hal.inputs import Input
from hal.units import MS, S
from sim.scenario.runner import Runner
from sim.world import Phase

_SHORT_NS: Final = 200 * MS
_APART_NS: Final = 600 * MS
"""A press, and from its begin to the next."""

_DRAWN_NS: Final = 500 * MS
"""A meter that is awake has drawn by then: the deadline of its task."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen at a true instant, in ns since the start. Lines and symbols are empty while the meter is off."""

    at_ns: int
    powered: bool
    lines: tuple[str, ...]
    symbols: tuple[Symbol, ...]


def presses(count: int, hold: bool, long_ns: int) -> list[tuple[int, int]]:
    """When the button goes down and up, in ns after the onlooker has come: held once, then pressed so often."""
    found = [(0, long_ns + _SHORT_NS)] if hold else []
    begin_ns = found[0][1] + _APART_NS - _SHORT_NS if found else 0
    return found + [(begin_ns + place * _APART_NS, begin_ns + place * _APART_NS + _SHORT_NS) for place in range(count)]


def looks_ns(pressed: list[tuple[int, int]]) -> int:
    """When the onlooker looks, in ns after having come."""
    return pressed[-1][1] + S if pressed else 0


def look(runner: Runner, at_ns: int, pressed: list[tuple[int, int]]) -> Sight:
    """Let the runner go on until the onlooker has seen what the display shows.

    `firmware.kernel.errors.TaskFailed` as for `Runner.advance`.
    """
    bench = runner.bench
    world, board = bench.world, bench.board
    for begin_ns, end_ns in pressed:
        world.at(at_ns + begin_ns, Phase.WORLD, partial(board.inputs.put, Input.DISPLAY_BUTTON, True))
        world.at(at_ns + end_ns, Phase.WORLD, partial(board.inputs.put, Input.DISPLAY_BUTTON, False))
    seen_ns = at_ns + looks_ns(pressed)
    runner.advance(max(seen_ns - 1, 0))
    powered = board.cpu.powered
    world.at(seen_ns, Phase.WORLD, board.display.look)
    runner.advance(seen_ns + _DRAWN_NS)
    lit = board.display.lit if powered else frozenset()
    lines = board.display.lines if powered else [""] * LINES
    return Sight(seen_ns, powered, tuple(lines), tuple(one for one in Symbol if one in lit))
