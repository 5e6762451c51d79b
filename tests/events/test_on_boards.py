"""Faults of mains and front end on both boards: the same events, in time, and no oracle breaks."""

from collections.abc import Callable, Sequence

import pytest

from hal.units import MS, S
from sim.bench import Bench
from sim.devices.disturbance import Disturbance
from sim.physics.energy import Eight, by_kind
from sim.physics.overlays import (
    CurrentsCrossed,
    CurrentsReversed,
    FrequencyForced,
    Layer,
    NeutralLost,
    Overlay,
    Scaled,
    SequenceSwapped,
)
from sim.scenario.loader import parse
from sim.scenario.result import RunResult
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import text_of

Act = tuple[int, Callable[[Bench], None]]

BEGIN, END, LAST = 20 * S, 70 * S, 110 * S
BOARDS = ["soc", "afe"]


def run(
    board: str, acts: Sequence[Act], body: str = "", load: str = 'power = "3.6 kW"', until: int = LAST
) -> RunResult:
    scenario = parse(text_of("2026-06-15T08:00:00+02:00", f"{until // MS}ms", body, board, load), "test")
    runner = Runner(scenario, 1)
    for at_ns, act in acts:
        runner.bench.world.at(at_ns, Phase.WORLD, lambda act=act: act(runner.bench))
    return runner.run()


def over(overlay: Overlay, begin: int = BEGIN, end: int = END) -> list[Act]:
    return [(begin, lambda bench: bench.mains.lay(overlay)), (end, lambda bench: bench.mains.lift(overlay))]


def lost(phases: list[int], begin: int = BEGIN, end: int = END) -> list[Act]:
    return [(begin, lambda bench: bench.mains.fail(phases)), (end, lambda bench: bench.mains.restore(phases))]


def disturbed(channel: int, how: Disturbance, amount: int = 0) -> list[Act]:
    return [
        (BEGIN, lambda bench: bench.board.front_end.disturb(channel, how, amount)),
        (END, lambda bench: bench.board.front_end.settle(channel)),
    ]


SAVED: list[Act] = lost([0, 1, 2], 100 * S, 300 * S)
"""An outage at the end: what was measured is saved then."""


def broken(result: RunResult, *but: str) -> list[str]:
    return [str(oracle) for oracle in result.oracles if not oracle.held and oracle.name not in but]


def told(result: RunResult) -> list[tuple[str, int]]:
    """Events but those of power, with what they name."""
    return [(row.event, row.detail) for row in result.events if not row.event.startswith("power")]


CASES: dict[str, tuple[list[Act], str, list[tuple[str, int]]]] = {
    "a phase is lost": (lost([1]), "", [("phase-failed", 2), ("phase-restored", 2)]),
    "two phases are lost": (
        lost([0, 2]),
        "",
        [("phase-failed", 1), ("phase-failed", 3), ("phase-restored", 1), ("phase-restored", 3)],
    ),
    "a voltage transformer tells 60 %": (
        over(Scaled((2,), 600, Layer.TRANSFORMERS)),
        "",
        [("voltage-low", 3), ("voltage-normal", 3)],
    ),
    "a fuse of a voltage transformer": (
        over(Scaled((0,), 0, Layer.TRANSFORMERS)),
        "",
        [
            ("phase-failed", 1),
            ("current-without-voltage", 1),
            ("phase-restored", 1),
            ("current-without-voltage-ended", 1),
        ],
    ),
    "a reversed transformer": (over(CurrentsReversed((1,))), "", [("reverse-run", 2), ("reverse-run-ended", 2)]),
    "crossed transformers": (
        over(CurrentsCrossed(0, 2)),
        "",
        [
            ("reverse-run", 1),
            ("reverse-run", 3),
            ("currents-crossed", 13),
            ("reverse-run-ended", 1),
            ("reverse-run-ended", 3),
            ("currents-uncrossed", 13),
        ],
    ),
    "a reversed sequence": (over(SequenceSwapped()), "", [("sequence-reversed", 0), ("sequence-restored", 0)]),
    "a slow grid": (over(FrequencyForced(47_000_000)), "", [("frequency-out-of-range", 0), ("frequency-normal", 0)]),
    "less than the delay": (over(CurrentsReversed((1,)), BEGIN, BEGIN + 4_500 * MS), "", []),
}


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_is_told_with_its_phase_and_its_end(case: str, board: str) -> None:
    acts, body, expected = CASES[case]
    result = run(board, acts, body)
    assert told(result) == expected
    assert broken(result) == []


@pytest.mark.parametrize("board", BOARDS)
def test_a_neutral_that_is_lost_under_a_load_of_one_phase(board: str) -> None:
    """All of the load's voltage falls on the other two, which are by the root of three too high."""
    result = run(board, over(NeutralLost()), load='power = "1.2 kW"\nphase = 1')
    names = told(result)
    assert ("neutral-lost", 0) in names
    assert ("neutral-restored", 0) in names
    assert broken(result) == []


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("how", [Disturbance.STUCK, Disturbance.SATURATED])
@pytest.mark.parametrize("channel", [1, 5])
def test_a_channel_that_can_not_be_right(board: str, how: Disturbance, channel: int) -> None:
    result = run(board, disturbed(channel, how))
    names = [event for event in told(result) if event[0].startswith("front-end")]
    assert names == [("front-end-failed", channel + 1), ("front-end-restored", channel + 1)]
    assert broken(result, "energy") == []


@pytest.mark.parametrize("board", BOARDS)
def test_a_front_end_that_stands(board: str) -> None:
    result = run(board, [*disturbed(0, Disturbance.FROZEN), *SAVED])
    assert told(result) == [("front-end-failed", 0), ("front-end-restored", 0)]
    assert broken(result, "energy") == []
    # 50 of 100 s, at a watt-hour a second, were not measured, and nothing was made up.
    assert result.energies[0].meter_nwh == pytest.approx(50 * 10**9, rel=0.02)


@pytest.mark.parametrize("board", BOARDS)
def test_what_holds_over_an_outage_is_told_once(board: str) -> None:
    """A phase is lost before an outage and after it; a reversed transformer comes and goes while the meter is off."""
    acts = [
        *lost([0], 20 * S, 80 * S),
        *lost([0, 1, 2], 40 * S, 50 * S),
        *over(CurrentsReversed((2,)), 45 * S, 200 * S),
    ]
    result = run(board, acts)
    assert told(result) == [("phase-failed", 1), ("reverse-run", 3), ("phase-restored", 1)]
    assert [row.event for row in result.events].count("power-up") == 2
    assert broken(result) == []


@pytest.mark.parametrize("board", BOARDS)
def test_what_ended_in_an_outage_is_told_after_it(board: str) -> None:
    acts = [*lost([0], 20 * S, 45 * S), *lost([0, 1, 2], 40 * S, 50 * S)]
    result = run(board, acts)
    assert told(result) == [("phase-failed", 1), ("phase-restored", 1)]
    restored = next(row for row in result.events if row.event == "phase-restored")
    assert 52 * S <= restored.at_ns <= 56 * S


@pytest.mark.parametrize("board", BOARDS)
def test_everything_at_once_loses_no_event(board: str) -> None:
    """A dozen conditions in the same instant, and a dozen ends."""
    overlays = [
        SequenceSwapped(),
        CurrentsReversed((0, 1, 2)),
        FrequencyForced(46_000_000),
        Scaled((1,), 700, Layer.TRANSFORMERS),
    ]
    acts = [act for overlay in overlays for act in over(overlay)]
    result = run(board, acts)
    expected = {("sequence", 0), ("frequency", 0), ("voltage", 2), *(("reverse", detail) for detail in range(4))}
    begun = {(name.split("-")[0], detail) for name, detail in told(result)}
    assert begun == expected
    assert len(told(result)) == 2 * len(expected)
    assert broken(result) == []


@pytest.mark.parametrize("board", BOARDS)
def test_the_sum_of_moduli_counts_a_reversed_phase_as_import(board: str) -> None:
    acts = [*over(CurrentsReversed((1,)), 1 * S, 200 * S), *SAVED]
    net = run(board, acts).energies
    moduli = run(board, acts, '[meter]\nsum = "moduli"\n')
    assert broken(moduli) == []
    assert net[0].meter_nwh == pytest.approx(100 * 10**9 / 3, rel=0.03)
    assert moduli.energies[0].meter_nwh == pytest.approx(100 * 10**9, rel=0.01)
    assert moduli.energies[1].meter_nwh == 0
    everything = run(board, [*over(CurrentsReversed((0, 1, 2)), 1 * S, 200 * S), *SAVED], '[meter]\nsum = "moduli"\n')
    assert everything.energies[0].meter_nwh == pytest.approx(moduli.energies[0].meter_nwh, rel=1e-3)
    assert ("reverse-run", 0) not in told(everything)


@pytest.mark.parametrize("board", BOARDS)
def test_apparent_energy_goes_on_where_crossed_currents_cancel(board: str) -> None:
    """3.6 kVA for 100 s, of which the total P and Q stand still for 50 s."""
    result = run(board, [*over(CurrentsCrossed(0, 2)), *SAVED])
    assert broken(result) == []
    active, *_, apparent = result.energies[0], result.energies[6]
    assert active.meter_nwh == pytest.approx(50 * 10**9, rel=0.03)
    assert apparent.meter_nwh == pytest.approx(100 * 10**9, rel=0.01)


def test_the_oracle_of_energy_misses_apparent_energy_that_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    def gated(active: int, reactive: int, apparent: int) -> Eight:
        return by_kind(active, reactive, apparent if active or reactive else 0)

    monkeypatch.setattr("sim.devices.metering_ic.by_kind", gated)
    result = run("afe", [*over(CurrentsCrossed(0, 2)), *SAVED])
    assert any("apparent energy is" in found for found in broken(result)), broken(result)


def test_nothing_wakes_the_detectors_between_events() -> None:
    result = run("afe", [], until=3_000 * S)
    assert "front-end" not in result.wakes
    assert [row.jobs for row in result.timing if row.task == "supply-quality"] == [1]
