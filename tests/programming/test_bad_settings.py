"""Settings that break a rule are refused whole, with the path and the rule, wherever they come from.

Each rule is broken once. What a dataclass of the firmware would not let be made is bent inside one that was made."""

from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from firmware.events.alarms import Alarm
from firmware.events.codes import Event
from firmware.programming.layout import ChangeRefused, build_change, parse_change
from firmware.programming.programme import Change, PassiveTariff, Programme
from firmware.tariff.billing import BillingSource
from firmware.tariff.calendar import SpecialDay
from hal.inputs import Input
from hal.units import MINUTE, S
from sim.cli.app import app
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import parse
from sim.scenario.readers import programming
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.programming.field import ask, play, program, scenario
from tests.programming.values import CALENDAR, RICH

PASSWORD = "00000000"


def bent(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    """The same with another value deep inside, which no rule was asked about."""
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return tuple(bent(part, rest, new) if place == first else part for place, part in enumerate(value))
    if hasattr(value, "_fields"):
        return value._replace(**{first: bent(getattr(value, first), rest, new)})
    other = object.__new__(type(value))
    for field in fields(value):
        old = getattr(value, field.name)
        object.__setattr__(other, field.name, bent(old, rest, new) if field.name == first else old)
    return other


MANY_DAYS = tuple(SpecialDay(1 + n % 12, 1 + n // 12, "rest", 2026) for n in range(129))

RULES: list[tuple[str, tuple[str | int, ...], object, str]] = [
    ("calendar", ("day_profiles", 0, "switches", 1, "rate"), 9, "calendar.day_profiles[0].switches[1].rate: 9 is not"),
    ("calendar", ("day_profiles", 0, "switches", 0, "minute"), 1, "calendar.day_profiles[0].switches[0].minute: the"),
    ("calendar", ("day_profiles", 0, "switches", 1, "minute"), 1_440, "calendar.day_profiles[0].switches[1].minute: "),
    ("calendar", ("day_profiles", 0, "demand_switches", 1, "rate"), 4, "calendar.day_profiles[0].demand_switches[1]"),
    ("calendar", ("day_profiles", 0, "name"), "rest", "calendar.day_profiles"),
    ("calendar", ("weeks", 0, "sunday"), "gone", 'calendar.weeks[0].sunday: no day profile is named "gone"'),
    ("calendar", ("seasons", 1, "month"), 10, "calendar.seasons[1]: starts on the same date as seasons[0]"),
    ("calendar", ("seasons", 1, "week"), "u", 'calendar.seasons[1].week: no week is named "u"'),
    ("calendar", ("seasons", 1, "month"), 13, "calendar.seasons[1].month: 13 is not within 1 to 12"),
    ("calendar", ("special_days", 0, "day"), 32, "calendar.special_days[0].day: month 12 has no day 32"),
    ("calendar", ("special_days", 0, "day_profile"), "x", "calendar.special_days[0].day_profile: no day profile is"),
    ("calendar", ("special_days", 1, "year"), 1999, "calendar.special_days[1].year: 1999 is not within"),
    ("calendar", ("special_days",), MANY_DAYS, "calendar.special_days: 129"),
    ("calendar", ("rates",), 0, "calendar.rates: 0"),
    ("calendar", ("rates",), 30, "calendar.rates: 30 rates of 3 energies are over 64 registers"),
    ("clock", ("zone", "dst", "start", "week"), 6, "clock.zone.dst.start: DST change rule: week 6"),
    ("clock", ("zone", "dst", "shift_s"), 60, "clock.zone.dst: DST rule: shift_s 60"),
    ("clock", ("zone", "standard_offset_s"), 61, "clock.zone: "),
    ("clock", ("cell_low_mv",), 0, "clock.cell_low_mv: 0 is not within"),
    ("clock", ("slew_limit_s",), -1, "clock.slew_limit_s: -1 is not within"),
    ("clock", ("longest_outage_s",), 0, "clock.longest_outage_s: 0 is not within"),
    ("demand", ("period_s",), 420, "demand.period_s: 420 s is not of whole minutes that divide an hour"),
    ("demand", ("subintervals",), 16, "demand.subintervals: 16 is not within 2 to 15"),
    ("demand", ("maxima", 2, "rate"), 4, "demand.maxima[2].rate: 4 is not within 0 to 3"),
    ("demand", ("maxima", 2, "rate"), 49, "demand.maxima[2].rate: 49 is not within 0 to"),
    ("demand", ("maxima", 2, "quantity"), 11, "demand.maxima[2].quantity: 11 is not within 0 to 10"),
    ("demand", ("maxima", 2, "quantity"), 9, "demand.maxima[2].quantity: C2 is not defined"),
    ("demand", ("averages", 1), 10, "demand.averages[1]: C3 is not defined"),
    ("demand", ("coincidents", 0, "maximum"), 3, "demand.coincidents[0].maximum: 3 is not within 0 to 2"),
    ("demand", ("excesses", 0, "threshold_mw"), 0, "demand.excesses[0].threshold_mw: 0 is not within"),
    ("demand", ("forgiveness_s",), -1, "demand.forgiveness_s: -1 is not within"),
    ("demand_input", (), Input.CONTROL_1, "demand_input: control-1 is taken by billing.input"),
    ("profile", ("channels", 0), 1_000, "profile.channels[0]: 1000 is no channel"),
    ("profile", ("channels", 1), 0, "profile.channels[1]: A+ is there already"),
    ("profile", ("unit_nwh",), 0, "profile.unit: 0 nWh is no unit"),
    ("profile_2", ("period_s",), 420, "profile_2.period_s: 420 s is not of whole minutes"),
    ("profile_2", ("channels",), (), "profile_2.channels: 0 channels"),
    ("tariff", ("sums", 0, "terms", 1, 0), 5, "tariff.sums[0].terms[1]: 5 is no sign"),
    ("tariff", ("registers", 1), 0, "tariff.registers[1]: A+ is out of order"),
    ("tariff", ("registers", 2), 9, "tariff.registers[2]: C2 is not defined"),
    ("billing", ("dates", "day"), 32, "billing.dates.day: 32 is not within 1 to 31"),
    ("billing", ("dates", "minute"), 1_440, "billing.dates.minute: 1440 is not within"),
    ("billing", ("input",), Input.CONTROL_2, "demand_input: control-2 is taken by billing.input"),
    ("billing", ("input",), Input.MAGNET, "billing.input: it is no control input"),
    ("billing", ("input",), None, "billing.input: it is named if, and only if"),
    ("billing", ("sources", 1), BillingSource.DATE, "billing.sources[1]: billing-date is there twice"),
    ("billing", ("sources", 1), BillingSource.SERIAL, "billing.sources[1]: serial is reserved"),
    ("billing", ("lockout_s",), -1, "billing.lockout_s: -1 s is negative"),
    ("test_mode_s", (), 0, "test_mode_s: 0 s is not within 1 to 86400"),
    ("optical", ("password",), "1(2", "optical.password: value has '('"),
    ("optical", ("command_password",), "11111111", "optical.command_password: another level has the same"),
    ("optical", ("manufacturer",), "M", "optical.identification: manufacturer 'M'"),
    ("optical", ("device_address",), "-", "optical.device_address: device address has '-'"),
    ("optical", ("tries",), 0, "optical.tries: 0 is not within 1 to 255"),
    ("supervision", ("voltage_low_permille",), 415, "supervision.voltage_low_permille: 415; a phase fails below 400"),
    ("supervision", ("voltage_high_permille",), 930, "supervision.voltage_high_permille: 930; a phase fails below"),
    ("supervision", ("frequency_permille",), 500, "supervision.frequency_permille: 500 is not within 2 to 499"),
    ("supervision", ("frequency_hysteresis_permille",), 50, "supervision.frequency_hysteresis_permille: 50 is not"),
    ("supervision", ("current_permille",), 1, "supervision.current_permille: 1 is not within 2 to 1000"),
    ("supervision", ("phase_delay_ns",), -1, "supervision.phase_delay_ns: -1 is not within 0 to"),
    ("alarms", ("heeded",), (Alarm.CLOCK,), "alarms.output: phase-failed is not among those that are heeded"),
    ("alarms", ("output", 0), Alarm.CLOCK, "alarms.output: an alarm stands here twice"),
    ("load_switch", ("relay", "unexpected_permille"), 1, "load_switch.relay.unexpected: 1 permille is not from 2"),
    ("load_switch", ("relay",), None, "load_switch.limiter.on_over: there is no relay that a limiter may open"),
    ("load_switch", ("limiter", "threshold"), 0, "load_switch.limiter.threshold: 0 is not above 0"),
    ("load_switch", ("limiter", "over_ns"), 1, "load_switch.limiter.over: 1 ns is not from"),
    ("load_switch", ("load_control", "rates"), (2, 3), "load_switch.load_control.rates[1]: 3, and there are 2"),
    ("display", ("automatic", 2), "x y", 'display.automatic[2]: "x y" is the reduced ID code of no register'),
    ("display", ("manual",), (), "display.manual: 0 entries"),
    ("display", ("energy", "decimals"), 9, "display.energy: 9 digits with 9 decimals"),
    ("display", ("page_ns",), 1, "display.page: 1 ns is not from 500 ms to 1 h"),
    ("quality", ("swell_permille",), 930, "quality.swell_permille: 930 is not above that of a dip, 900"),
    ("quality", ("week", "thd_ppm"), -1, "quality.week.thd_ppm: -1 is below zero"),
]


@pytest.mark.parametrize(("part", "path", "new", "told"), RULES, ids=[told.split(":")[0] for *_, told in RULES])
def test_each_rule_is_told_with_its_path(part: str, path: tuple[str | int, ...], new: object, told: str) -> None:
    """As the meter reads it from the bytes that it was sent."""
    made = Programme(4, 0, 3, Fraction(1), Fraction(1), RICH)
    data = build_change(Change.of({part: bent(getattr(RICH, part), path, new)}))
    with pytest.raises(ValueError, match=r".") as refused:
        made.followed_by(parse_change(data), 5, 3)
    assert str(refused.value).startswith(told)


def test_the_rules_are_of_all_parts() -> None:
    assert {part for part, *_ in RULES} == {field.name for field in fields(RICH)}


def test_passive_calendars_and_ratios_have_rules_too() -> None:
    made = Programme(4, 0, 3, Fraction(1), Fraction(1), RICH)
    data = build_change(Change(passive=bent(PassiveTariff(CALENDAR, 9), ("calendar", "seasons", 1, "month"), 0)))
    with pytest.raises(ChangeRefused, match=r"^passive\.calendar\.seasons\[1\]\.month: 0 is not within 1 to 12$"):
        parse_change(data)
    with pytest.raises(ValueError, match=r"^passive\.calendar\.rates: 3 rates and 3 of demand, the active"):
        made.followed_by(Change(passive=PassiveTariff(bent(CALENDAR, ("rates",), 3), 9)), 5, 3)
    with pytest.raises(ValueError, match=r"^ct_ratio: 0 is not a ratio"):
        made.followed_by(parse_change(build_change(Change(ct_ratio=Fraction(0)))), 5, 3)


def test_the_meter_refuses_whole_and_says_why() -> None:
    """The first part is fit, the second is not: neither is in force. The old settings go on, and may be changed."""
    good = RICH.display
    bad = bent(RICH.supervision, ("voltage_low_permille",), 415)
    body = program("late", "6min", 'settings = { display = { automatic = ["2.8.0"] } }\n')
    reasons: dict[int, str] = {}
    numbers: dict[int, str] = {}
    session = programming(Change.of({"display": good, "supervision": bad}), PASSWORD)

    def prepare(runner: Runner) -> None:
        runner.bench.world.at(MINUTE, Phase.WORLD, lambda: runner.bench.head.begin(session, lambda _outcome: None))
        for at_min in (3, 8):
            ask(runner, at_min * MINUTE, "C.92.2", reasons)
            ask(runner, at_min * MINUTE + 20 * S, "C.2.0", numbers)

    seen = play(scenario(body, duration="9min"), prepare=prepare)
    before, after = reasons.values()
    assert before.startswith("supervision.voltage_low_permille: 415; a phase fails below 400, is low below 415 and")
    assert after == ""
    assert list(numbers.values()) == ["0000", "0001"]
    assert seen.events(Event.PROGRAMMING_REFUSED.value) == [0]
    assert seen.reading("late").problem is None
    assert seen.events(Event.PROGRAMMED.value) == [1]
    assert seen.programme is not None
    assert seen.programme.settings.display.automatic == ("2.8.0",)
    assert not seen.wrong, seen.wrong


TARIFF = '[tariff]\nday_profiles = { d = { "00:00" = 1 } }\n'
WEEKS = '[tariff.weeks]\nw = { every_day = "d" }\n'
DAYS_129 = "".join(f'"{2025 + n // 28}-02-{1 + n % 28:02}" = "d"\n' for n in range(129))

FILES = {
    TARIFF + '[tariff.weeks]\nw = { every_day = "e" }\n': 'tariff.weeks.w: no day profile is named "e"',
    TARIFF + WEEKS + '[tariff.seasons]\na = { from = "01-01", week = "w" }\nb = { from = "01-01", week = "w" }\n': (
        "tariff.seasons.b: starts on the same date"
    ),
    '[tariff]\nrates = 2\nday_profiles = { d = { "00:00" = 3 } }\n': "tariff.day_profiles.d",
    TARIFF + "[tariff.special_days]\n" + DAYS_129: "tariff.special_days: 129",
    '[profile]\nchannels = ["A+", "B"]\n': "profile.channels[1]: expected an energy",
    '[demand]\nmaxima = [{ energy = "A+", rate = 3 }]\n': "demand.maxima[0].rate: 3 is not within 0 to 2",
    '[demand]\nmaxima = [{ energy = "C1" }]\n': "demand.maxima[0].energy: C1 is not defined",
    '[demand]\ninput = "control-1"\n[billing]\nsources = ["input"]\ninput = "control-1"\n': (
        "demand.input: control-1 is taken by billing.input"
    ),
    '[supervision]\nvoltage_low = "41 %"\n': "supervision.voltage_low: 410; a phase fails below 400",
    '[alarms]\nheeded = ["clock"]\noutput = ["battery"]\n': "alarms.output: battery is not among those",
    '[quality]\nswell = "93 %"\n': "quality.swell: 930 is not above",
    "[load_switch.load_control]\nrates = [3]\n": "load_switch.load_control.rates[0]: 3, and there are 2",
    "[billing]\nday = 32\n": "billing.day:",
    '[meter]\ntest_mode = "25h"\n': "meter.test_mode: 90000 s is not within",
    '[display]\nautomatic = ["x"]\n': 'display.automatic[0]: "x" is',
}


@pytest.mark.parametrize("text", list(FILES), ids=[told.split(":")[0] for told in FILES.values()])
def test_a_file_is_refused_with_its_keys(text: str, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    outcome = CliRunner().invoke(app, ["config", "check", str(file)])
    assert outcome.exit_code == 1
    assert f"settings.toml: {FILES[text]}" in outcome.output
    with pytest.raises(ScenarioError) as problem:
        Runner(parse(scenario("").replace("[load]", f"{text}[load]") if "[meter]" not in text else header(text)), 1)
    assert FILES[text] in str(problem.value)


def header(text: str) -> str:
    return scenario("").replace("[meter]\n", text)


def test_a_file_that_keeps_all_rules_tells_its_size(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(TARIFF + '[display]\nautomatic = ["1.8.0"]\n')
    outcome = CliRunner().invoke(app, ["config", "check", str(file)])
    assert outcome.exit_code == 0, outcome.output
    assert "bytes in 1 records; all rules are kept" in outcome.output


def test_a_programming_in_a_scenario_is_checked_with_its_place() -> None:
    text = scenario(program("p", "1min", "settings = { billing = { sources = ['input'] } }\n"))
    with pytest.raises(ScenarioError, match=r"reading\[0\]\.settings\.billing\.input: it is named if, and only if"):
        Runner(parse(text), 1)
    text = scenario(program("p", "1min", "settings = { demand = { period = '7min' } }\n"))
    with pytest.raises(ScenarioError, match=r"reading\[0\]\.settings\.demand\.period: 420 s is not"):
        parse(text)
