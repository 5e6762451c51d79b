"""What goes wrong with an RTC: its crystal, its counter, its own supply, the bus to it."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.rtc import RTC_BEGIN_S, RTC_END_S, RTC_TICKS
from hal.units import DAY, HOUR, MS, S
from sim.devices.oscillator import LIMIT_PPB, AtCutCrystal, Quartz
from sim.devices.rtc import Crystal, RealTimeClock
from sim.world import Phase, World

T0 = 1_700_000_000
STEADY = Crystal(curvature_ppb_per_k2=0)


class Bench:
    def __init__(self, crystal: Crystal = STEADY, seed: int = 1) -> None:
        self.world = World(seed)
        self.rang: list[int] = []
        self.rtc = RealTimeClock(self.world, crystal, 25_000, lambda: self.rang.append(self.world.now))
        self.rtc.set(T0)

    def at(self, instant: int, action: Callable[[], None]) -> None:
        self.world.at(instant, Phase.WORLD, action)
        self.world.run_until(instant)

    def shown_s(self) -> Fraction:
        """What a read brings, as seconds since `T0`."""
        reading = self.rtc.read()
        return reading.utc_s - T0 + Fraction(reading.ticks, RTC_TICKS)


events = st.lists(
    st.tuples(
        st.integers(0, 10**12),
        st.one_of(
            st.sampled_from(["halt", "resume"]).map(lambda what: (what, 0)),
            st.tuples(st.just("detune"), st.integers(-1_000_000, 1_000_000)),
            st.tuples(st.just("jump"), st.integers(-(10**14), 10**14)),
        ),
    ),
    max_size=8,
)


@given(events, st.integers(-100_000, 100_000))
def test_the_counter_is_the_sum_of_its_stretches(course: list[tuple[int, tuple[str, int]]], offset_ppb: int) -> None:
    bench = Bench(Crystal(offset_ppb, 0))
    count, ppb, halted = Fraction(T0 * S), offset_ppb, False
    now, rtc = 0, bench.rtc
    for gap, (what, value) in course:
        count += 0 if halted else gap * Fraction(10**9 + ppb, 10**9)
        now += gap
        if what == "halt":
            halted = True
            bench.at(now, lambda: rtc.halt(flagged=False))
        elif what == "resume":
            halted = False
            bench.at(now, rtc.resume)
        elif what == "jump":
            count += value
            bench.at(now, lambda value=value: rtc.jump(value))
        elif abs(ppb + value) <= LIMIT_PPB:
            ppb += value
            bench.at(now, lambda value=value: rtc.detune(value))
    # Each stop and each jump cuts off less than a nanosecond.
    assert abs(bench.rtc.shown_ns() - count) <= len(course) + 1
    assert bench.rtc.running is not halted
    assert not bench.rtc.read().stopped


def test_a_stopped_crystal_rings_no_alarm_until_it_starts_again() -> None:
    bench = Bench()
    bench.rtc.set_alarm(T0 + 10)
    bench.at(4 * S, lambda: bench.rtc.halt(flagged=False))
    bench.world.run_until(HOUR)
    assert not bench.rang
    assert bench.shown_s() == 4
    bench.at(HOUR, bench.rtc.resume)
    bench.world.run_until(2 * HOUR)
    assert bench.rang == [HOUR + 6 * S]


def test_the_stop_flag_stays_while_the_crystal_stands_and_until_the_clock_is_set() -> None:
    bench = Bench()
    bench.at(S, lambda: bench.rtc.halt(flagged=True))
    assert bench.rtc.read().stopped
    bench.rtc.set(T0)
    assert bench.rtc.read().stopped
    bench.at(2 * S, bench.rtc.resume)
    assert bench.rtc.read().stopped
    bench.rtc.set(T0)
    assert not bench.rtc.read().stopped
    bench.at(3 * S, lambda: bench.rtc.halt(flagged=False))
    assert not bench.rtc.read().stopped


def test_a_stopped_clock_that_is_set_stands_there() -> None:
    bench = Bench()
    bench.at(S, lambda: bench.rtc.halt(flagged=False))
    bench.rtc.set(T0 + 100)
    bench.world.run_until(DAY)
    assert bench.shown_s() == 100
    bench.at(DAY, bench.rtc.resume)
    bench.world.run_until(DAY + 5 * S)
    assert bench.shown_s() == 105


def test_without_supply_the_time_is_lost_and_a_broken_crystal_stays_broken() -> None:
    bench = Bench()
    bench.at(S, lambda: bench.rtc.halt(flagged=False))
    bench.at(2 * S, lambda: bench.rtc.keep(False))
    bench.at(3 * S, lambda: bench.rtc.keep(True))
    bench.world.run_until(DAY)
    reading = bench.rtc.read()
    assert (reading.utc_s, reading.ticks, reading.stopped) == (RTC_BEGIN_S, 0, True)


@pytest.mark.parametrize("flagged", [True, False])
def test_a_brown_out_of_its_own_takes_counter_and_alarm(flagged: bool) -> None:
    bench = Bench()
    # Past as yet; after the reset it would come, if the part still knew of it.
    bench.rtc.set_alarm(RTC_BEGIN_S + 10)
    bench.at(5 * S, lambda: bench.rtc.reset_to_epoch(flagged=flagged))
    bench.world.run_until(25 * S)
    reading = bench.rtc.read()
    assert (reading.utc_s, reading.stopped) == (RTC_BEGIN_S + 20, flagged)
    assert not bench.rang


def test_a_leap_over_the_alarm_leaves_it_out_and_one_before_it_brings_it_nearer() -> None:
    bench = Bench()
    bench.rtc.set_alarm(T0 + 100)
    bench.at(S, lambda: bench.rtc.jump(90 * S))
    bench.world.run_until(20 * S)
    assert bench.rang == [10 * S]
    bench.rtc.set_alarm(T0 + 1_000)
    bench.at(20 * S, lambda: bench.rtc.jump(HOUR))
    bench.world.run_until(DAY)
    assert bench.rang == [10 * S]


@given(st.integers(-(10**20), 10**20))
def test_a_leap_stays_within_the_years_of_an_rtc(delta: int) -> None:
    bench = Bench()
    bench.at(0, lambda: bench.rtc.jump(delta))
    assert RTC_BEGIN_S <= bench.rtc.read().utc_s < RTC_END_S
    span = (RTC_END_S - RTC_BEGIN_S) * S
    assert (bench.rtc.shown_ns() - T0 * S - delta) % span == 0


def test_garbage_is_all_over_the_place_and_leaves_counter_and_alarm_alone() -> None:
    bench = Bench()
    bench.rtc.set_alarm(T0 + 50)
    bench.at(S, lambda: bench.rtc.garble(True))
    readings = [bench.rtc.read() for _ in range(400)]
    assert bench.rtc.garbled_reads == 400
    assert any(reading.utc_s >= RTC_END_S for reading in readings)
    assert any(reading.utc_s < RTC_BEGIN_S for reading in readings)
    assert sum(RTC_BEGIN_S <= reading.utc_s < RTC_END_S for reading in readings) > 50
    assert any(reading.ticks >= RTC_TICKS for reading in readings)
    assert {reading.stopped for reading in readings} == {True, False}
    bench.world.run_until(60 * S)
    assert bench.rang == [50 * S]
    bench.at(60 * S, lambda: bench.rtc.garble(False))
    assert bench.shown_s() == 60


def test_the_same_seed_brings_the_same_garbage() -> None:
    def garbage(seed: int) -> list[object]:
        bench = Bench(seed=seed)
        bench.rtc.garble(True)
        return [bench.rtc.read() for _ in range(50)]

    assert garbage(1) == garbage(1)
    assert garbage(1) != garbage(2)


@given(st.integers(-60_000, 125_000), st.integers(-60_000, 125_000), st.integers(-100_000, 100_000))
def test_warmth_bends_the_crystal_and_leaves_what_it_was_detuned_by(first: int, second: int, detuned: int) -> None:
    bench = Bench(Crystal(1_000))
    bench.at(0, lambda: bench.rtc.temperature(first))
    bench.at(0, lambda: bench.rtc.detune(detuned))
    bench.at(HOUR, lambda: bench.rtc.temperature(second))
    bench.world.run_until(2 * HOUR)

    def ppb(millidegrees: int) -> float:
        return 1_000 - 34 * ((millidegrees - 25_000) / 1_000) ** 2 + detuned

    ahead_ns = bench.rtc.shown_ns() - T0 * S - 2 * HOUR
    assert ahead_ns == pytest.approx(3_600 * (ppb(first) + ppb(second)), abs=2 * 3_600 + MS // 1_000)


def test_a_crystal_that_is_far_too_far_off_is_refused() -> None:
    with pytest.raises(ValueError, match="is no oscillator"):
        Bench().rtc.detune(LIMIT_PPB + 1)


class TestQuartz:
    def test_it_is_right_at_23_degrees_and_bends_as_a_cubic(self) -> None:
        crystal = AtCutCrystal()
        assert crystal.error_ppb(23_000) == 0
        for degrees in range(-60, 126):
            away = degrees - 23
            exact = -0.2 * away + 1.05e-4 * away**3
            assert crystal.error_ppb(degrees * 1_000) == pytest.approx(exact * 1_000, abs=1.01)

    @given(st.integers(-LIMIT_PPB, LIMIT_PPB), st.integers(-60_000, 125_000))
    def test_offset_and_warmth_add_up_within_the_limit(self, offset: int, millidegrees: int) -> None:
        quartz = Quartz(AtCutCrystal(), 0, 23_000)
        quartz.temperature(0, millidegrees)
        quartz.retune(0, offset)
        error = max(-LIMIT_PPB, min(LIMIT_PPB, offset + AtCutCrystal().error_ppb(millidegrees)))
        assert quartz.oscillator.mono_at(10**9) == 10**9 + error

    def test_an_offset_out_of_all_reason_is_refused(self) -> None:
        with pytest.raises(ValueError, match="is no oscillator"):
            Quartz(AtCutCrystal(), 0, 23_000).retune(0, LIMIT_PPB + 1)
