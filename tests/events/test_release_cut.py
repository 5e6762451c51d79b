"""A frozen tariff that is released, with the power cut between the event and the save that should have followed."""

from hal.probe import EventLogged, RateSelected, RegistersSaved
from hal.units import HOUR, S
from sim.scenario.loader import parse
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import Played, fault, play, reading, text_of, troubles

FROZEN = (
    '[clock]\nbattery_failure = "reset-and-freeze"\n'
    + fault("battery-fail", "20min")
    + fault("supply-fail", "1h", "30min")
    + reading("set", "100min", "set-clock")
    + reading("release", "2h", "release-tariff")
)
START = "2026-06-15T18:00:00+02:00"


def released(played: Played) -> int:
    """When the release was in the log."""
    (at_ns,) = [at for at, record in played.of(EventLogged) if record.event == "tariff-released"]
    return at_ns


def test_it_stays_released() -> None:
    calm = play(text_of(START, "6h", FROZEN))
    assert troubles(calm.result) == []
    event_ns = released(calm)
    saved_ns = next(at for at, _ in calm.of(RegistersSaved) if at > event_ns)
    assert calm.rate_at(5 * HOUR) != calm.rate_at(2 * HOUR)

    runner = Runner(parse(text_of(START, "6h", FROZEN)), 1)
    cut = Played(runner)
    for kind in (EventLogged, RateSelected, RegistersSaved):
        runner.bench.probe.subscribe(kind, lambda at, record: cut.records.append((at, record)))
    supply, at_ns = runner.bench.board.supply, (event_ns + saved_ns) // 2
    runner.bench.world.at(at_ns, Phase.WORLD, lambda: (supply.cut(), runner.bench.mains.fail()))
    runner.bench.world.at(at_ns + 3 * S, Phase.WORLD, runner.bench.mains.restore)
    cut.result = runner.run()
    assert troubles(cut.result) == []
    before = [record for at, record in cut.of(RegistersSaved) if at <= at_ns][-1]
    after = next(record for at, record in cut.of(RegistersSaved) if at > at_ns)
    assert (before.frozen, after.frozen) == (True, False)
    assert released(cut) == event_ns
    assert cut.rate_at(5 * HOUR) == calm.rate_at(5 * HOUR)
