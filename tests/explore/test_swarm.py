"""The swarm: the same report however many processes, and however often it was interrupted."""

from functools import cache
from pathlib import Path

from sim.explore.failure import Where, swarm_failures
from sim.explore.run import CRASHED, run_case
from sim.explore.state import State
from sim.explore.swarm import Found, explore_swarm
from sim.scenario.loader import load
from sim.scenario.result import Verdict
from tests.explore.scene import DEADLY, EAGER, OURS, ids, space

SEEDS = 4


def swarm(firmware: str = OURS, jobs: int = 2, seeds: int = SEEDS, state: State | None = None) -> list[Found]:
    return explore_swarm(space(firmware), seeds, jobs, state, lambda found: None)


@cache
def whole() -> list[Found]:
    return swarm(jobs=1)


def test_results_repeat_to_the_byte_whatever_the_processes() -> None:
    one = whole()
    assert swarm(jobs=3) == one
    assert [found.seed for found in one] == list(range(1, SEEDS + 1))
    assert all(found.outcome.digest and ids(found.schedule)[0] == "outage" for found in one)


def test_an_exploration_goes_on_where_it_was_left(tmp_path: Path) -> None:
    first = State.open(tmp_path, {"name": "x"})
    swarm(seeds=2, state=first)
    first.close()
    heard: list[int] = []
    second = State.open(tmp_path, {"name": "x"})
    resumed = explore_swarm(space(), SEEDS, 2, second, lambda found: heard.append(found.seed))
    second.close()
    assert resumed == whole()
    assert sorted(heard) == [3, 4]


def test_a_broken_firmware_is_found_shrunk_and_repeated(tmp_path: Path) -> None:
    found = swarm(EAGER, seeds=30)
    broken = [one for one in found if one.outcome.verdict is Verdict.BROKEN]
    broken = [one for one in broken if one.outcome.breaches[0].name == "tariff-sums"]
    assert 0 < len(broken) < len(found)
    failures = swarm_failures(space(EAGER), broken, Where(tmp_path, ""), 2)
    (failure,) = failures
    assert failure.seed == broken[0].seed
    assert failure.also == tuple(f"seed {one.seed}" for one in broken[1:])
    # The outage, and what harms the save that it goes on from.
    assert failure.faults <= 2 < failure.faults_before
    assert failure.file == str(tmp_path / f"seed-{failure.seed}-tariff-sums.toml")
    assert failure.command == f"meterbench run {failure.file} --seed {failure.seed}"
    again = run_case(load(failure.file), failure.seed)
    assert (again.digest, again.breaches[0].name) == (failure.digest, "tariff-sums")
    text = Path(failure.file).read_text()
    assert failure.command in text
    assert failure.digest in text


def test_a_process_that_dies_is_its_seeds_failure(tmp_path: Path) -> None:
    state = State.open(tmp_path, {"name": "x"})
    found = swarm(DEADLY, seeds=22, state=state)
    state.close()
    dead = [one for one in found if one.outcome.breaches and one.outcome.breaches[0].name == CRASHED]
    assert 0 < len(dead) < len(found)
    assert dead[0].outcome.breaches[0].message == "the process died of SIGKILL"
    assert dead[0].schedule, "it told its schedule before it died"
    # It may have been the machine's fault: it is not kept.
    assert not {str(one.seed) for one in dead} & set(state.known)
    failures = swarm_failures(space(DEADLY), dead, Where(tmp_path, ""), 2)
    (crash,) = failures
    assert (crash.tries, crash.faults) == (0, len(dead[0].schedule))
    assert load(crash.file).faults
