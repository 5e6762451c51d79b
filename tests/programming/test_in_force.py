"""What is programmed is in force at once, for what happens from then on; or after the next power-up, and says so."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings

from firmware.clock.civil import Zone
from firmware.config import ClockSource, Settings
from firmware.events.codes import Event
from firmware.load_switch.config import LimiterConfig, LoadSwitchConfig, Monitored
from firmware.profile.channel import CHANNELS
from firmware.profile.config import ProfileConfig
from firmware.programming.in_force import check_fitted, live, waiting
from firmware.programming.programme import PARTS
from hal.outputs import Output
from hal.probe import IntervalClosed, ProfileRecorded
from hal.units import MINUTE, S
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.programming.field import Seen, ask, play, program, scenario, table
from tests.programming.values import RICH, all_settings

WAIT = 0x10000
"""Of the status word."""


def programmed(
    keys: str,
    body: str = "",
    duration: str = "6min",
    asks: Mapping[int, str] | None = None,
    told: dict[int, str] | None = None,
    board: str = "afe",
) -> Seen:
    """A meter that is programmed 30 s from its start; `asks` are addresses by the second at which they are read."""

    def prepare(runner: Runner) -> None:
        for at_s, address in (asks or {}).items():
            ask(runner, at_s * S, address, {} if told is None else told)

    seen = play(scenario(program("p", "30s", keys) + body, duration=duration, board=board), prepare=prepare)
    assert not seen.wrong, seen.wrong
    assert seen.reading("p").problem is None
    assert seen.number == 1
    return seen


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_another_demand_period_ends_interval_and_billing_period(board: str) -> None:
    keys = 'settings = { demand = { period = "1min", maxima = [{ energy = "A+" }, { energy = "S+" }] } }\n'
    seen = programmed(keys, table("reading", "r", "200s"), duration="250s", board=board)
    assert seen.sets() == ["programming"]
    # The interval at 10:00, cut where the meter was programmed; its rest of a minute; whole minutes.
    intervals = [interval for interval in seen.of(IntervalClosed) if interval.length_s]
    assert [interval.length_s for interval in intervals[-3:]] == [60] * 3
    assert [interval.quantities for interval in intervals] == [(0,)] * (len(intervals) - 4) + [(0, 6)] * 4
    assert all(interval.demand_mw == pytest.approx(10**6, rel=1e-3) for interval in intervals[-3:])
    assert float(seen.value("r", "1.6.0")) == pytest.approx(20, rel=1e-3)
    assert float(seen.value("r", "9.6.0")) == pytest.approx(20, rel=1e-3)


def test_another_layout_of_a_profile_begins_with_an_interval_that_says_so() -> None:
    keys = 'settings = { profile = { period = "1min", channels = ["R1", "A+"], unit = "0.0001 kWh" } }\n'
    records = [record for record in programmed(keys).of(ProfileRecorded) if record.profile == 1]
    old, new = records[0], records[1:]
    assert old.kinds == tuple(range(8))
    assert "parameter-changed" in old.status
    assert "parameter-changed" in new[0].status
    assert {record.kinds for record in new} == {(2, 0)}
    assert {record.unit_nwh for record in new} == {10**8}
    assert [record.length_s for record in new[1:]] == [60] * (len(new) - 1)
    assert not any("parameter-changed" in record.status for record in new[1:])


def test_display_and_alarms_follow() -> None:
    """Every few seconds somebody looks at the display; the magnet is no alarm any more, a cover still is."""
    keys = 'settings = { display = { automatic = ["2.8.0"] }, alarms = { heeded = ["terminal-cover"] } }\n'
    magnet = table("fault", "m", "1min", 'kind = "magnet-held"\nduration = "10s"\n')
    cover = table("fault", "t", "90s", 'kind = "terminal-cover-open"\nduration = "10s"\n')
    shown: dict[int, str] = {}
    alarmed: list[int] = []

    def prepare(runner: Runner) -> None:
        bench = runner.bench

        def switched(which: Output, on: bool) -> None:
            if which is Output.ALARM and on:
                alarmed.append(bench.world.now)

        bench.board.outputs.on_set(switched)
        for at_s in range(2, 110, 6):
            bench.world.at(at_s * S, Phase.DEVICES, bench.board.display.look)
            bench.world.at(
                at_s * S + S, Phase.DEVICES, lambda at_s=at_s: shown.update({at_s: " ".join(bench.board.display.lines)})
            )

    text = scenario(program("p", "30s", keys) + magnet + cover, duration="2min")
    seen = play(text, prepare=prepare)
    assert not seen.wrong, seen.wrong
    assert {"2.8.0" in line for at_s, line in shown.items() if at_s > 36} == {True}
    assert any("1.8.0" in line for at_s, line in shown.items() if at_s < 30)
    assert len(alarmed) == 1
    assert alarmed[0] >= 90 * S


@pytest.mark.parametrize("board", ["afe", "soc"])
def test_thresholds_and_delays_follow(board: str) -> None:
    """The mains stand at 107 % all the time."""
    world = '[world]\nvoltage = "246.1 V"\n'
    for keys, told in (('voltage_high = "105 %", voltage_delay = "20s"', [1, 2, 3]), ('voltage_high = "108 %"', [])):
        seen = programmed(f"settings = {{ supervision = {{ {keys} }} }}\n", world, duration="2min", board=board)
        assert seen.events(Event.VOLTAGE_HIGH.value) == told


def test_the_limiter_follows_and_what_is_fitted_stays() -> None:
    limiter = '[load_switch.limiter]\nthreshold = { power = "2 kW" }\n'
    keys = 'settings = { load_switch = { limiter = { threshold = { power = "500 W" }, over = "10s" } } }\n'
    seen = programmed(keys, limiter, duration="2min")
    assert seen.events(Event.LIMIT_EXCEEDED.value) == [0]
    relay = program("q", "50s", "settings = { load_switch = { relay = {} } }\n")
    told: dict[int, str] = {}
    seen = programmed(keys, limiter + relay, duration="3min", asks={100: "C.92.2"}, told=told)
    assert seen.reading("q").problem == "the meter answers ERR1"
    assert told[100 * S] == "load_switch.relay: whether it is fitted can't be programmed"


def test_passwords_hold_from_the_next_session_on() -> None:
    keys = 'settings = { optical = { password = "12345678" } }\n'
    old = table("reading", "old", "1min", 'kind = "billing-reset"\npassword = "00000000"\n')
    new = table("reading", "new", "2min", 'kind = "billing-reset"\npassword = "12345678"\n')
    seen = programmed(keys, old + new)
    assert seen.reading("old").problem is not None
    assert seen.reading("new").problem is None
    assert seen.sets() == ["optical"]


def test_another_zone_moves_the_wall_clock_and_nothing_else() -> None:
    keys = 'settings = { clock = { timezone = { standard = "+05:30" } } }\n'
    told: dict[int, str] = {}
    seen = programmed(keys, asks={20: "0.9.1", 100: "0.9.1"}, told=told)
    assert [text[:5] for text in told.values()] == ["10:00", "13:31"]
    assert seen.events(Event.CLOCK_SET.value) == []


def test_number_time_author_and_passive_tariff_can_be_read() -> None:
    passive = 'passive = { activate = 2026-07-01T00:00:00+02:00, tariff = { rates = 2, day_profiles = \
{ d = { "00:00" = 1 } } } }\n'
    told: dict[int, str] = {}
    addresses = ("C.2.0", "C.2.1", "C.2.7", "C.92.1", "C.92.2", "C.92.3")
    asks = dict(zip(range(90, 330, 40), addresses, strict=True)) | {10: "C.2.1"}
    seen = programmed(passive, asks=asks, told=told)
    assert [told[at_s * S] for at_s in sorted(asks)] == ["", "0001", "2606151000", "2607010000", "3", "", ""]
    assert seen.programme is not None
    assert (seen.programme.number, seen.programme.author) == (1, 3)
    assert 0 < seen.programme.utc_s - 1_781_510_400 < 60


def test_what_waits_for_a_power_up_says_so_until_then() -> None:
    keys = 'settings = { quality = {}, profile_2 = { period = "1min", channels = ["A+"] } }\n'
    out = table("fault", "out", "3min", 'kind = "supply-fail"\nduration = "10s"\n')
    told: dict[int, str] = {}
    asks = {60: "C.92.3", 90: "F.F", 300: "C.92.3", 330: "F.F"}
    seen = programmed(keys, out, duration="9min", asks=asks, told=told)
    parts, waits, none, over = (told[at_s * S] for at_s in asks)
    assert parts == "profile_2,quality"
    assert int(waits, 16) & WAIT
    assert none == ""
    assert not int(over, 16) & WAIT
    second = [record for at, record in seen.records if isinstance(record, ProfileRecorded) and record.profile == 2]
    assert second
    assert min(at for at, record in seen.records if record in second) > 3 * MINUTE


@settings(max_examples=60)
@given(all_settings)
def test_all_is_live_but_what_the_rules_name(after: Settings) -> None:
    try:
        now = live(RICH, after)
    except ValueError:
        return
    late = waiting(now, after)
    assert set(late) <= {"profile", "profile_2", "quality", "clock", "load_switch"}
    for part in PARTS:
        assert getattr(now, part) == getattr(RICH if part in late else after, part)
    assert live(now, after) == now or late


def test_each_part_that_can_wait_does() -> None:
    clock = replace(RICH.clock, source=ClockSource.MAINS)
    sampled = ProfileConfig(900, (CHANNELS["mean U1"],))
    limiter = LimiterConfig(Monitored.CURRENT, 60_000, 10_000)
    bare = replace(RICH, load_switch=LoadSwitchConfig(), quality=None)
    for before, after, late in (
        (RICH, replace(RICH, clock=clock), ("clock",)),
        (RICH, replace(RICH, clock=replace(RICH.clock, zone=Zone(0))), ()),
        (RICH, replace(RICH, quality=None), ("quality",)),
        (RICH, replace(RICH, profile_2=None), ("profile_2",)),
        (RICH, replace(RICH, profile=sampled), ("profile",)),
        (RICH, replace(RICH, profile=ProfileConfig(300, (5,))), ()),
        (bare, replace(bare, load_switch=LoadSwitchConfig(limiter=limiter)), ("load_switch",)),
    ):
        assert waiting(live(before, after), after) == late
    with pytest.raises(ValueError, match=r"load_switch\.load_control: whether it is fitted"):
        check_fitted(RICH, replace(RICH, load_switch=replace(RICH.load_switch, load_control=None)))
