"""Instants, phases and rounds; and the ends of runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import world as world_module
from sim.world import Phase, TimeStandsStill, World

PHASES = list(Phase)
CAUSES = PHASES[:-1]


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(PHASES)), max_size=30))
def test_actions_run_by_instant_phase_and_order(calls: list[tuple[int, Phase]]) -> None:
    world = World(1)
    log: list[tuple[int, Phase, int]] = []
    for order, (instant, phase) in enumerate(calls):
        world.at(instant, phase, lambda entry=(instant, phase, order): log.append(entry))
    world.run_until(10)
    assert log == sorted(log)
    assert len(log) == len(calls)
    assert (world.now, world.outstanding) == (10, 0)


@given(st.data())
def test_what_an_action_causes_at_its_instant_waits_for_its_phase_or_a_new_round(data: st.DataObject) -> None:
    """Against the rule in so many words: each cause's round is its own, or the next if its phase has begun."""
    world = World(1)
    log: list[tuple[int, int, int]] = []
    count = 0

    def cause(round_: int, phase: Phase) -> None:
        nonlocal count
        count += 1
        number = count

        def act() -> None:
            log.append((round_, phase, number))
            if phase is Phase.OBSERVERS or count > 25:
                return
            for after in data.draw(st.lists(st.sampled_from(PHASES), max_size=2)):
                if after is Phase.OBSERVERS:
                    cause(1 << 60, after)
                else:
                    cause(round_ if after > phase else round_ + 1, after)

        world.at(7, phase, act)

    for phase in data.draw(st.lists(st.sampled_from(CAUSES), min_size=1, max_size=4)):
        cause(0, phase)
    world.run_until(7)
    assert log == sorted(log)
    assert len(log) == count


def test_the_rounds_of_one_instant() -> None:
    world = World(1)
    log: list[str] = []

    def say(text: str) -> None:
        log.append(text)

    def firmware() -> None:
        say("firmware")
        world.at(5, Phase.OBSERVERS, lambda: say("observer"))
        world.at(5, Phase.DEVICES, lambda: say("device again"))
        world.at(5, Phase.WORLD, lambda: say("world again"))

    world.at(5, Phase.FIRMWARE, firmware)
    world.at(5, Phase.FIRMWARE, lambda: say("firmware too"))
    world.at(5, Phase.DEVICES, lambda: world.at(5, Phase.INTERRUPTS, lambda: say("interrupt")))
    world.run_until(5)
    assert log == ["interrupt", "firmware", "firmware too", "world again", "device again", "observer"]


@pytest.mark.parametrize("phase", CAUSES)
def test_an_observer_causes_nothing_at_the_instant_it_observes(phase: Phase) -> None:
    world = World(1)
    later: list[int] = []

    def observe() -> None:
        with pytest.raises(RuntimeError, match=r"an observer tried .* \(3 ns\)"):
            world.at(3, phase, lambda: later.append(-1))
        world.at(4, phase, lambda: later.append(world.now))
        world.at(3, Phase.OBSERVERS, lambda: later.append(world.now))

    world.at(3, Phase.OBSERVERS, observe)
    world.run_until(10)
    assert later == [3, 4]


def test_the_past_is_past() -> None:
    world = World(1)
    world.run_until(100)
    with pytest.raises(ValueError, match="99 ns would lie 1 ns in the past"):
        world.at(99, Phase.WORLD, lambda: None)
    world.run_until(99)
    assert world.now == 100


def test_time_that_stands_still_names_the_action(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_module, "DISPATCH_LIMIT", 50)
    world = World(1)
    count = 0

    def the_loop() -> None:
        nonlocal count
        count += 1
        world.at(world.now, Phase.DEVICES, the_loop)

    world.at(9, Phase.DEVICES, the_loop)
    with pytest.raises(TimeStandsStill, match=r"more than 50 actions at 9 ns.*the_loop"):
        world.run_until(10)
    assert count == 50


def test_many_actions_at_different_instants_are_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_module, "DISPATCH_LIMIT", 3)
    world = World(1)

    def walk() -> None:
        world.at(world.now + 1, Phase.DEVICES, walk)

    world.at(0, Phase.DEVICES, walk)
    world.run_until(1_000)
    assert world.now == 1_000


def test_run_until_includes_its_instant_and_goes_on_from_there() -> None:
    world = World(1, start_utc_ns=5_000)
    log: list[str] = []
    world.at(10, Phase.OBSERVERS, lambda: log.append("observer"))
    world.at(11, Phase.WORLD, lambda: log.append("next"))
    world.run_until(10)
    assert log == ["observer"]
    assert (world.now, world.utc_ns) == (10, 5_010)
    # Between runs anything may still be caused at the instant that has been reached.
    world.at(10, Phase.WORLD, lambda: log.append("world, after all"))
    world.run_until(10)
    assert log == ["observer", "world, after all"]
    world.run_until(11)
    assert log[-1] == "next"


def test_stop_ends_a_run_after_the_action_that_runs() -> None:
    world = World(1)
    log: list[object] = []

    def stops() -> None:
        world.at(5, Phase.FIRMWARE, lambda: log.append("firmware"))
        world.stop()
        world.stop()
        log.append("stopped")

    world.at(5, Phase.DEVICES, stops)
    world.at(5, Phase.DEVICES, lambda: log.append("device"))
    world.at(8, Phase.DEVICES, lambda: log.append(8))
    world.run_until(20)
    assert (log, world.now) == (["stopped"], 5)
    world.run_until(30)
    # The first run's end, at 20, is no end of the second.
    assert (log, world.now) == (["stopped", "device", "firmware", 8], 30)


def test_stop_without_a_run_does_nothing() -> None:
    world = World(1)
    log: list[int] = []
    world.stop()
    world.at(5, Phase.WORLD, lambda: log.append(5))
    world.run_until(10)
    assert log == [5]


def test_what_an_action_raises_comes_out_and_the_world_can_go_on() -> None:
    world = World(1)
    log: list[int] = []

    def breaks() -> None:
        raise ZeroDivisionError

    world.at(5, Phase.WORLD, breaks)
    world.at(6, Phase.WORLD, lambda: log.append(6))
    with pytest.raises(ZeroDivisionError):
        world.run_until(10)
    world.run_until(10)
    assert (log, world.now) == ([6], 10)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(PHASES)), max_size=12),
    st.lists(st.integers(1, 15), min_size=1, max_size=12),
    st.integers(20, 70),
)
def test_a_leap_is_as_an_action_of_its_own(
    others: list[tuple[int, Phase]], steps: list[int], end: int
) -> None:
    """One who leaps where he may, and schedules himself where he may not, is seen as one who always schedules."""

    def run(leaps: bool) -> list[tuple[int, str]]:
        world = World(1)
        log: list[tuple[int, str]] = []
        left = list(steps)

        def walk() -> None:
            while True:
                log.append((world.now, "walker"))
                world.at(world.now, Phase.OBSERVERS if world.now % 3 else Phase.DEVICES, lambda: note("caused"))
                if not left:
                    return
                following = world.now + left.pop(0)
                if not (leaps and world.leap(following, Phase.FIRMWARE)):
                    world.at(following, Phase.FIRMWARE, walk)
                    return

        def note(text: str) -> None:
            log.append((world.now, text))

        for instant, phase in others:
            world.at(instant, phase, lambda phase=phase: note(phase.name))
        world.at(0, Phase.FIRMWARE, walk)
        world.run_until(end)
        return log

    assert run(True) == run(False)
