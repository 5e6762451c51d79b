"""Shrinking: finds what is needed and nothing else, in its simplest values, the same way each time."""

from collections.abc import Callable, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from hal.units import HOUR, MINUTE
from sim.explore.document import Schedule, scenario_with
from sim.explore.run import run_case
from sim.explore.shrink import shrink
from sim.explore.swarm import Found, shrink_found
from sim.scenario.quantities import parse_duration
from tests.explore.scene import BROKEN, fault, ids, space

Fails = Callable[[Schedule], bool]


class Trials:
    """Runs candidates, and counts those up to the first that fails."""

    def __init__(self, fails: Fails) -> None:
        self._fails = fails
        self.seen: list[Schedule] = []

    def __call__(self, schedules: Sequence[Schedule]) -> int | None:
        for place, schedule in enumerate(schedules):
            self.seen.append(schedule)
            if self._fails(schedule):
                return place
        return None


def eight() -> Schedule:
    return tuple(fault(f"f{n}", "supply-fail", f"{n}h{n}min7ns", duration=f"{n}min3ns") for n in range(1, 9))


@settings(max_examples=60)
@given(st.sets(st.integers(1, 8), min_size=0, max_size=4))
def test_just_the_faults_that_are_needed_are_left(needed: set[int]) -> None:
    wanted = {f"f{number}" for number in needed}
    trials = Trials(lambda schedule: wanted <= set(ids(schedule)))
    shrunk = shrink(eight(), trials)
    assert set(ids(shrunk.schedule)) == wanted
    assert shrunk.tries == len(trials.seen)
    assert len({repr(schedule) for schedule in trials.seen}) == shrunk.tries, "nothing is tried twice"


def test_instants_and_durations_become_simple() -> None:
    def fails(schedule: Schedule) -> bool:
        return any(
            parse_duration(entry["at"]) >= 2 * HOUR and parse_duration(entry["duration"]) > 2 * MINUTE
            for entry in schedule
        )

    shrunk = shrink(eight(), Trials(fails))
    (left,) = shrunk.schedule
    assert parse_duration(left["at"]) % HOUR == 0
    assert left["duration"] in ("1h", "3min", "4min", "5min", "6min", "7min", "8min", "1d")


def test_tries_are_bounded() -> None:
    trials = Trials(lambda schedule: "f3" in ids(schedule))
    shrunk = shrink(eight(), trials, tries=5)
    assert shrunk.tries <= 5
    assert shrunk.spent
    assert "f3" in ids(shrunk.schedule)


def test_a_planted_bug_is_shrunk_to_its_two_causes() -> None:
    where = space(BROKEN)
    cut = fault("cut", "power-cut", "40min3s1ns", duration="1min17s", program="prefix")
    cover = fault("cover", "terminal-cover-open", "47min59s999ms", duration="33s1us")
    magnet = fault("magnet", "magnet-held", "10min7s", duration="20s")
    dark = fault("dark", "phase-fail", "50min", duration="9s", phases=[2])
    schedule = (*where.own, magnet, cut, cover, dark)
    outcome = run_case(scenario_with(where.document, schedule), seed=5)
    assert outcome.breaks("tariff-sums")
    shrunk, again = shrink_found(where, Found(5, schedule, outcome, 0), 1)
    # A second after its start a meter has no save yet that an unclean boot could find; and a cover that is open for a
    # second is closed again before the meter is back.
    assert shrunk.schedule == (
        fault("cut", "power-cut", "10s", duration="1s"),
        fault("cover", "terminal-cover-open", "10s", duration="10s"),
    )
    assert again.breaks("tariff-sums")
    assert run_case(scenario_with(where.document, shrunk.schedule), seed=5) == again
    # Whatever order the processes end in, and however many there are.
    assert shrink_found(where, Found(5, schedule, outcome, 0), 3) == (shrunk, again)
