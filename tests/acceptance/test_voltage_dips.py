"""The voltage dips and short interruptions of IEC 62052-11 (7.1.2), on both boards.

Three interruptions of 1 s with 50 ms between them; one of a cycle; a dip to half the voltage for a minute. The standard
tests without current, where nothing may be registered nor sent; here the same is done under load too, and what flowed
must be counted, no more and no less.
"""

from collections.abc import Callable, Sequence

import pytest

from hal.outputs import Pulse
from hal.probe import Booted
from hal.units import MS, S
from sim.bench import Bench
from sim.board import FrontEndKind
from sim.devices.metering_ic import MeteringIc
from sim.physics.overlays import Scaled
from sim.scenario.loader import parse
from sim.scenario.result import RunResult
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import text_of

Act = tuple[int, Callable[[Bench], None]]

END = 100 * S
BOARDS = ["soc", "afe"]


def interrupted(begin: int, lasts: int) -> list[Act]:
    return [(begin, lambda bench: bench.mains.fail()), (begin + lasts, lambda bench: bench.mains.restore())]


def dipped(begin: int, lasts: int, permille: int) -> list[Act]:
    dip = Scaled((0, 1, 2), permille)
    return [(begin, lambda bench: bench.mains.lay(dip)), (begin + lasts, lambda bench: bench.mains.lift(dip))]


SEQUENCES = {
    "interruptions of 1 s": [act for n in range(3) for act in interrupted(20 * S + n * 1_050 * MS, S)],
    "one cycle": interrupted(20 * S + 3 * MS, 20 * MS),
    "half a cycle": interrupted(20 * S + 7 * MS, 10 * MS),
    "half the voltage": dipped(20 * S, 60 * S, 500),
    "a voltage that swings": [act for n in range(40) for act in dipped(20 * S + n * 370 * MS, 180 * MS, 700 - n * 5)],
}


class Trial:
    """A run that ends with an outage, so that all that was measured is in a save; its pulses and boots."""

    def __init__(self, board: str, acts: Sequence[Act], load: str) -> None:
        text = text_of("2026-06-15T08:00:00+02:00", f"{(END + 5 * S) // MS}ms", "", board, load)
        self.runner = Runner(parse(text, "dips"), 1)
        bench = self.runner.bench
        self.boots = 0
        self.sent: list[int] = []
        bench.probe.subscribe(Booted, lambda _at, _record: self._booted())
        bench.board.outputs.subscribe(lambda which, at: self.sent.extend(at if which is Pulse.ACTIVE else ()))
        for at_ns, act in [*acts, (END, lambda bench: bench.mains.fail())]:
            bench.world.at(at_ns, Phase.WORLD, lambda act=act: act(bench))
        self.result: RunResult = self.runner.run()

    def _booted(self) -> None:
        self.boots += 1

    @property
    def pulses(self) -> int:
        front_end = self.runner.bench.board.front_end
        if self.runner.bench.setting.parts.front_end is FrontEndKind.SAMPLED:
            return len(self.sent)
        assert isinstance(front_end, MeteringIc)
        return front_end.pulses(Pulse.ACTIVE)

    @property
    def registered(self) -> int:
        return self.result.energies[0].meter_nwh

    @property
    def flowed(self) -> int:
        return self.result.energies[0].true_nwh

    def broken(self) -> list[str]:
        return [str(oracle) for oracle in self.result.oracles if not oracle.held]


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_without_current_nothing_is_registered_and_no_pulse_is_sent(sequence: str, board: str) -> None:
    tested = Trial(board, SEQUENCES[sequence], 'power = "0 W"')
    assert tested.broken() == []
    assert tested.pulses == 0
    assert [row.meter_nwh for row in tested.result.energies] == [0] * 8


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("sequence", SEQUENCES)
def test_under_load_all_that_flowed_is_registered_and_pulsed(sequence: str, board: str) -> None:
    """What is missing is what flowed before the meter was up: at its first boot, and at another if the third second was
    too much for its capacitor."""
    tested, quiet = Trial(board, SEQUENCES[sequence], 'power = "3.6 kW"'), Trial(board, [], 'power = "3.6 kW"')
    assert tested.broken() == []
    again = tested.boots - 1
    assert again <= (sequence == "interruptions of 1 s")
    missed = tested.flowed - tested.registered - (quiet.flowed - quiet.registered)
    # A watt-hour a second: a boot takes a seventh of one.
    assert missed == pytest.approx(again * 150 * 10**6, abs=10**7 + again * 60 * 10**6)
    # The part of a pulse ends with the power; on the sampling board the last half second is still on its way.
    assert 0 <= tested.registered // 10**9 - tested.pulses <= 1 + again


@pytest.mark.parametrize("board", BOARDS)
def test_only_what_lasts_is_told(board: str) -> None:
    for sequence in SEQUENCES:
        events = {row.event for row in Trial(board, SEQUENCES[sequence], 'power = "3.6 kW"').result.events}
        assert events <= {"power-up", "power-down"}
