"""What the board draws, against a board that is watched step by step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.units import MS, US, S
from sim.devices.draw import DRAW, Activity, BoardDraw, DrawPart, FlashActivity
from sim.devices.flash import W25Q64, NorFlash, Timing
from sim.devices.stopwatch import Stopwatch
from sim.world import Phase, World


@given(st.lists(st.tuples(st.integers(1, 10**10), st.sampled_from(["power", "cpu", "flash", "optical"])), max_size=20))
def test_the_energy_is_the_sum_over_the_stretches(course: list[tuple[int, str]]) -> None:
    """Each entry switches something after a while; between two switches the power is constant."""
    world = World(1)
    watches = {name: Stopwatch() for name in ("cpu", "flash", "optical")}
    totals = [lambda watch=watch: watch.total(world.now) for watch in watches.values()]
    draw = BoardDraw(world, DRAW, Activity(*totals))
    on = dict.fromkeys(("power", *watches), False)
    expected = now = 0
    for gap, what in course:
        powers = {"cpu": DRAW.cpu_run_uw - DRAW.cpu_sleep_uw, "flash": DRAW.flash_uw, "optical": DRAW.optical_uw}
        power = sum(powers[name] for name in powers if on[name]) + (DRAW.always_uw if on["power"] else 0)
        expected += gap * power
        now += gap
        world.run_until(now)
        assert draw.drawn_fj() == expected
        assert power <= DRAW.most_uw
        on[what] = not on[what]
        if what == "power":
            (draw.power_up if on[what] else draw.power_down)()
        else:
            (watches[what].start if on[what] else watches[what].stop)(now)
    assert sum(row.energy_fj for row in draw.by_consumer()) == draw.drawn_fj()


def test_each_consumer_has_its_own_line() -> None:
    part = DrawPart(1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
    world = World(1)
    draw = BoardDraw(world, part, Activity(lambda: 2, lambda: 3, lambda: 4))
    draw.power_up()
    world.run_until(10)
    assert {row.consumer: (row.active_ns, row.energy_fj) for row in draw.by_consumer()} == {
        "cpu-run": (2, 20),
        "cpu-sleep": (8, 8),
        "front-end": (10, 1_000),
        "flash": (3, 3_000),
        "optical": (4, 40_000),
        "rtc": (10, 1_000_000),
        "rest": (10, 10_000_000),
    }
    assert part.most_uw == 1 + 100 + 100_000 + 1_000_000 + 9 + 1_000 + 10_000


def test_a_watch_started_twice_counts_from_the_first_and_one_stopped_twice_once() -> None:
    watch = Stopwatch()
    watch.start(10)
    watch.start(20)
    assert watch.total(25) == 15
    watch.stop(30)
    watch.stop(40)
    assert watch.total(50) == 20


class TestFlash:
    def bench(self) -> tuple[World, NorFlash, FlashActivity]:
        world = World(1)
        flash = NorFlash(world, W25Q64, lambda: None, timing=Timing.TYPICAL)
        activity = FlashActivity(world)
        flash.subscribe(activity.follow)
        flash.power_up()
        return world, flash, activity

    def test_it_is_active_while_it_programs_and_erases(self) -> None:
        world, flash, activity = self.bench()
        flash.program(0, b"\x00")
        world.run_until(200 * US)
        assert activity.active_ns() == 200 * US
        world.run_until(S)
        assert activity.active_ns() == W25Q64.program_typical_ns
        flash.erase(0)
        world.run_until(2 * S)
        assert activity.active_ns() == W25Q64.program_typical_ns + W25Q64.erase_typical_ns

    def test_it_rests_while_an_erase_is_suspended_and_without_power(self) -> None:
        world, flash, activity = self.bench()
        flash.erase(0)
        world.run_until(10 * MS)
        flash.suspend()
        world.run_until(20 * MS)
        held = activity.active_ns()
        assert held == pytest.approx(10 * MS, abs=W25Q64.suspend_worst_ns)
        world.run_until(S)
        assert activity.active_ns() == held
        assert flash.resume()
        world.run_until(S + 5 * MS)
        assert activity.active_ns() == held + 5 * MS
        world.at(S + 5 * MS, Phase.WORLD, flash.power_down)
        world.run_until(2 * S)
        assert activity.active_ns() == held + 5 * MS
