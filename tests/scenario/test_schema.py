"""What a scenario may say, what the rest of the program sees of it, and which contradictions are refused."""

from fractions import Fraction
from pathlib import Path

import pytest

from firmware.clock.civil import Zone
from firmware.tariff.calendar import Switch
from hal.units import DAY, HOUR, MINUTE
from sim.scenario import loader
from sim.scenario.errors import ScenarioError
from sim.scenario.expect_tables import (
    ClockErrorExpectation,
    EventExpectation,
    ReadingExpectation,
    RegisterExpectation,
)
from sim.scenario.load_table import ConstantLoad, ProfileLoad
from sim.scenario.measuring_faults import PhaseFail
from sim.scenario.power_faults import SupplyFail
from sim.scenario.register_code import parse_register
from sim.scenario.schema import Scenario
from tests.scenario.documents import EXAMPLE, MINIMAL


def refused(text: str) -> str:
    with pytest.raises(ScenarioError) as error:
        loader.parse(text, "case.toml")
    return str(error.value)


def test_the_example_becomes_ints() -> None:
    scenario = loader.parse(EXAMPLE)
    assert scenario.begin_utc_ns == 1_774_717_200 * 10**9
    assert scenario.end_ns == 30 * HOUR
    assert scenario.meter.nominal_uv == 230_000_000
    assert scenario.clock.timezone.zone().iso(1_774_717_200) == "2026-03-28T18:00:00+01:00"
    assert scenario.clock.timezone.zone().iso(1_774_803_600) == "2026-03-29T19:00:00+02:00"
    assert isinstance(scenario.load, ProfileLoad)
    assert scenario.load.annual_energy_wh == 4_000_000
    assert [(fault.id, fault.at_ns, fault.end_ns) for fault in scenario.faults] == [
        ("cell-dies", 2 * HOUR, None),
        ("outage", 6 * HOUR, 6 * HOUR + 90 * MINUTE),
    ]
    expectation = scenario.expectations[0]
    assert isinstance(expectation, EventExpectation)
    assert expectation.within_ns == (2 * HOUR, 3 * HOUR)


def test_absent_tables_have_defaults() -> None:
    scenario = loader.parse(MINIMAL)
    assert (scenario.board, scenario.firmware) == ("soc", "firmware.meter:build")
    assert isinstance(scenario.load, ConstantLoad)
    assert scenario.demand.period_s == 1_800
    calendar = scenario.tariff.calendar()
    assert calendar.rates == 2
    assert calendar.day_profiles[0].switches == (Switch(0, 2), Switch(360, 1), Switch(1320, 2))


def test_demand_is_switched_apart_from_energy() -> None:
    tables = """
    [tariff.day_profiles]
    every-day = { "00:00" = 2, "06:00" = 1 }
    [tariff.demand_switches]
    every-day = { "00:00" = 1, "08:00" = 3 }
    """
    calendar = loader.parse(MINIMAL + tables).tariff.calendar()
    assert (calendar.rates, calendar.demand_rates) == (2, 3)
    nine = Zone(0).local(9 * 3_600)
    assert (calendar.rate(nine), calendar.demand_rate(nine)) == (1, 3)


def test_demand_switches_of_no_day_profile_are_refused_with_their_path() -> None:
    error = refused(MINIMAL + '[tariff.demand_switches]\nsunday = { "00:00" = 1 }\n')
    assert "tariff.demand_switches.sunday: no day profile has this name" in error


def test_fractions_of_a_second_in_the_start_are_exact() -> None:
    scenario = loader.parse(MINIMAL.replace("18:00:00+01:00", "18:00:00.000001+01:00"))
    assert scenario.begin_utc_ns == 1_774_717_200_000_001_000


@pytest.mark.parametrize(
    ("connection", "given", "maximum_a"),
    [("direct", "", 100), ("ct", "", 6), ("direct", 'maximum_current = "60 A"', 60)],
)
def test_the_maximum_current_follows_from_the_connection(connection: str, given: str, maximum_a: int) -> None:
    scenario = loader.parse(f'{MINIMAL}\n[meter]\nconnection = "{connection}"\nrated_current = "5 A"\n{given}\n')
    assert scenario.meter.maximum_current_na == maximum_a * 10**9


def test_ratios_are_exact() -> None:
    text = f'{MINIMAL}\n[meter]\nconnection = "ct-vt"\nct = "100 A / 5 A"\nvt = "11 kV / 63.5 V"\n'
    meter = loader.parse(text).meter
    assert (meter.ct_ratio, meter.vt_ratio) == (Fraction(20), Fraction(22_000, 127))


def test_a_whole_tariff() -> None:
    scenario = loader.parse(
        MINIMAL
        + """
[tariff]
rates = 3
[tariff.day_profiles]
workday = { "00:00" = 2, "06:00" = 1, "17:30" = 3, "21:00" = 2 }
holiday = { "00:00" = 2 }
[tariff.weeks]
summer = { every_day = "workday", weekend = "holiday" }
winter = { workdays = "workday", saturday = "workday", sunday = "holiday" }
[tariff.seasons]
summer-time = { from = "04-01", week = "summer" }
winter-time = { from = "10-01", week = "winter" }
[tariff.special_days]
"12-25" = "holiday"
"2026-04-03" = "holiday"
"""
    )
    calendar = scenario.tariff.calendar()
    zone = scenario.clock.timezone.zone()

    def rate(*time: int) -> int:
        return calendar.rate(zone.local(zone.utc(*time)))

    assert rate(2026, 3, 27, 18) == 3
    assert rate(2026, 3, 28, 18) == 3  # a Saturday of winter
    assert rate(2026, 4, 4, 18) == 2  # a Saturday of summer
    assert rate(2026, 4, 3, 18) == 2  # Good Friday, once
    assert rate(2027, 4, 2, 18) == 3
    assert rate(2031, 12, 25, 12) == 2


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            '[tariff]\nday_profiles = { d = { "06:00" = 1 } }',
            "tariff.day_profiles.d: the first switch must be at 00:00",
        ),
        (
            '[tariff]\nday_profiles = { d = { "00:00" = 1, "25:00" = 2 } }',
            "tariff.day_profiles.d: expected a time of day",
        ),
        (
            '[tariff]\nrates = 2\nday_profiles = { d = { "00:00" = 3 } }',
            "tariff.day_profiles.d: 3 is not within 1 to 2",
        ),
        (
            '[tariff]\nday_profiles = { d = { "00:00" = 1 } }\nweeks = { w = { every_day = "x" } }',
            "tariff.weeks.w: no day",
        ),
        (
            '[tariff]\nday_profiles = { d = { "00:00" = 1 } }\nweeks = { w = { weekend = "d" } }',
            "tariff.weeks.w.monday: is",
        ),
        ('[tariff]\nday_profiles = { d = { "00:00" = 1 }, e = { "00:00" = 2 } }', "tariff.weeks: is missing"),
        ('[tariff]\nseasons = { s = { from = "01-01", week = "w" } }', 'tariff.seasons.s.week: no week is named "w"'),
        (
            '[tariff]\nseasons = { s = { from = "13-01", week = "every-week" } }',
            "tariff.seasons.s: 13 is not within 1 to 12",
        ),
        (
            '[tariff]\nspecial_days = { "2026-02-29" = "every-day" }',
            "tariff.special_days.2026-02-29: month 2 has no day 29",
        ),
        ('[tariff]\nspecial_days = { "1.1." = "every-day" }', 'tariff.special_days."1.1.": expected a date'),
    ],
)
def test_a_broken_tariff_names_the_place(table: str, message: str) -> None:
    assert f"case.toml: {message}" in refused(f"{MINIMAL}\n{table}\n")


def fault(identity: str, kind: str, at: str, duration: str = "", more: str = "") -> str:
    lasts = f'duration = "{duration}"\n' if duration else ""
    return f'\n[[fault]]\nid = "{identity}"\nkind = "{kind}"\nat = "{at}"\n{lasts}{more}\n'


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (fault("a", "battery-fail", "30h"), "fault[0].at: 30h lies past the end, 30h"),
        (fault("a", "supply-fail", "31h", "1h"), "fault[0].at: 31h lies past the end, 30h"),
        (
            fault("a", "supply-fail", "1h", "1h") + fault("a", "power-cut", "5h", "1h"),
            'fault[1].id: "a" is taken by fault[0]',
        ),
        (
            fault("a", "supply-fail", "1h", "2h") + fault("b", "supply-fail", "2h", "1h"),
            'fault[1].at: 2h falls into "a"',
        ),
        (
            fault("a", "supply-fail", "2h", "1h") + fault("b", "supply-fail", "1h", "1h"),
            'fault[1].at: 1h falls into "a"',
        ),
        (fault("a", "power-cut", "1h", "1h") + fault("b", "power-cut", "2h", "1h"), 'fault[1].at: 2h falls into "a"'),
        (
            fault("a", "terminal-cover-open", "1h", "1h") + fault("b", "terminal-cover-open", "1h", "1s"),
            'fault[1].at: 1h falls into "a"',
        ),
        (
            fault("a", "phase-fail", "1h", "1h", "phases = [1, 2]")
            + fault("b", "phase-fail", "1h", "1h", "phases = [2]"),
            'fault[1].at: 1h falls into "a"',
        ),
        (fault("a", "battery-fail", "1h") + fault("b", "battery-fail", "2h"), "fault[1].at: the cell is dead"),
        (fault("b", "battery-fail", "2h") + fault("a", "battery-fail", "1h"), "fault[0].at: the cell is dead"),
        (fault("a", "battery-fail", "1h") + fault("b", "battery-replace", "1h"), "fault[1].at: is the instant"),
        (fault("a", "battery-replace", "1h"), "fault[0].at: the cell is alive"),
        (fault("a", "phase-fail", "1h", "1h", "phases = [4]"), "fault[0].phases[0]:"),
        (fault("a", "phase-fail", "1h", "1h", "phases = [1, 1]"), "fault[0].phases[1]: L1 stands here twice"),
        (fault("a", "phase-fail", "1h", "1h", "phases = []"), "fault[0].phases:"),
        (fault("a", "phase-fail", "1h", "1h"), "fault[0].phases: is missing"),
        (fault("a", "supply-fail", "1h"), "fault[0].duration: is missing"),
        (fault("a", "supply-fail", "1h", "0s"), 'fault[0].duration: "0s" is not above zero'),
        (fault("a", "battery-fail", "1h", "1h"), "fault[0].duration: unknown key"),
        (fault("a", "earthquake", "1h"), 'fault[0].kind: expected "battery-fail"'),
        (fault("", "battery-fail", "1h"), "fault[0].id:"),
        ('\n[[fault]]\nid = "a"\nat = "1h"\n', "fault[0].kind: is missing"),
    ],
)
def test_faults_that_make_no_sense_are_refused(faults: str, message: str) -> None:
    assert f"case.toml: {message}" in refused(MINIMAL + faults)


def test_faults_that_make_sense_are_taken() -> None:
    scenario = loader.parse(
        MINIMAL
        + fault("a", "supply-fail", "1h", "1h")
        + fault("b", "supply-fail", "2h1ns", "1h")
        + fault("c", "power-cut", "1h", "1h")
        + fault("d", "phase-fail", "5h", "1h", "phases = [1]")
        + fault("e", "phase-fail", "5h", "1h", "phases = [3]")
        + fault("f", "battery-fail", "1h")
        + fault("g", "battery-replace", "2h")
        + fault("h", "battery-fail", "3h")
        + fault("i", "terminal-cover-open", "29h", "2h")
    )
    second, fourth = scenario.faults[1], scenario.faults[3]
    assert isinstance(second, SupplyFail)
    assert second.end_ns == 3 * HOUR + 1
    assert isinstance(fourth, PhaseFail)
    assert fourth.phases == (1,)


def expect(identity: str, rest: str) -> str:
    return f'\n[[expect]]\nid = "{identity}"\n{rest}\n'


READING = '\n[[reading]]\nid = "r"\nat = "1h"\n'


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (expect("e", 'event = "power-up"\nwithin = ["29h", "31h"]'), "expect[0].within[1]: 31h lies past the end, 30h"),
        (expect("e", 'event = "power-up"\nwithin = ["3h", "2h"]'), "expect[0].within: the first of the two lies after"),
        (expect("e", 'event = "power-up"\nwithin = "3h"'), "expect[0].within: expected two durations"),
        (expect("e", 'event = "power-up"\nwithin = ["3h", 4]'), "expect[0].within[1]: expected a duration"),
        (expect("e", 'event = "power-up"'), "expect[0].event: is expected when"),
        (expect("e", 'event = "power-up"\nnever = true\ncount = 1'), "expect[0].never: leaves"),
        (
            expect("e", 'event = "power-upp"\ncount = 1'),
            'expect[0].event: the firmware logs no "power-upp"; did you mean',
        ),
        (expect("e", 'register = "1.8.0"'), "expect[0].register: is expected to be what?"),
        (expect("e", 'register = "1.8.0"\nequals = "1 kWh"\nmin = "1 kWh"'), "expect[0].equals: leaves min and max"),
        (expect("e", 'register = "1.8.0"\nmin = "2 kWh"\nmax = "1 kWh"'), "expect[0].min: lies above max"),
        (
            expect("e", 'register = "1.7.0"\nmin = "2 kWh"'),
            "expect[0].register: expected the code of an energy register",
        ),
        (expect("e", 'register = "1.8.3"\nmin = "2 kWh"'), "expect[0].register: there are 2 rates, and no rate 3"),
        (
            expect("e", 'register = "1.8.0"\nmin = "2 V"'),
            'expect[0].min: expected an energy, such as "4000 kWh", not "2 V"',
        ),
        (expect("e", 'register = "1.8.0"\nat = "31h"\nmin = "1 kWh"'), "expect[0].at: 31h lies past the end"),
        (
            expect("e", 'reading = "r"\nregister = "1.8.0"\nmin = "1 kWh"'),
            'expect[0].reading: no reading has the id "r"',
        ),
        (READING + expect("e", 'reading = "r"\nregister = "0.9.1"'), "expect[0].register: is expected to be what?"),
        (expect("e", 'rate = 3\nat = "1h"'), "expect[0].rate: there are 2 rates"),
        (expect("e", "rate = 1"), "expect[0].at: is missing"),
        (expect("e", 'history = 1\nrate = 1\nat = "1h"'), "expect[0]: needs exactly one of"),
        (expect("e", ""), "expect[0]: needs exactly one of"),
        (expect("e", 'clock_error = ["1s", "-1s"]'), "expect[0].clock_error: the first of the two lies after"),
        (expect("e", 'energy_error = "-1 ppm"'), 'expect[0].energy_error: "-1 ppm" is negative'),
        (expect("e", "history = 1") + expect("e", "history = 1"), 'expect[1].id: "e" is taken by expect[0]'),
        ('\n[[reading]]\nid = "r"\nat = "30h"\n', "reading[0].at: 30h lies past the end, 30h"),
        ('\n[[reading]]\nid = "r"\nat = "1h"\npassword = "1"\n', "reading[0].password: has no use"),
        ('\n[[reading]]\nid = "r"\nat = "1h"\nkind = "write"\n', 'reading[0].kind: expected "readout", "set-clock"'),
        (READING + READING, 'reading[1].id: "r" is taken by reading[0]'),
    ],
)
def test_expectations_and_readings_that_make_no_sense_are_refused(tables: str, message: str) -> None:
    assert f"case.toml: {message}" in refused(MINIMAL + tables)


def test_expectations_of_every_kind() -> None:
    scenario = loader.parse(
        MINIMAL
        + READING
        + expect("a", 'event = "power-up"\nnever = true')
        + expect("b", 'register = "1.8.2"\nat = "30h"\nmin = "1 kWh"\nmax = "2.5 kWh"')
        + expect("c", 'reading = "r"\nregister = "0.9.1"\ntext = "18:00:00"')
        + expect("d", "history = 0")
        + expect("e", 'clock_error = ["-91min", "-89min"]')
        + expect("f", 'rate = 2\nat = "0s"')
        + expect("g", 'energy_error = "0.02 %"')
    )
    never, register, reading, _, clock, _, energy = scenario.expectations
    assert isinstance(never, EventExpectation)
    assert never.never
    assert isinstance(register, RegisterExpectation)
    assert [register.admits(nwh) for nwh in (10**12 - 1, 10**12, 25 * 10**11, 25 * 10**11 + 1)] == [
        False,
        True,
        True,
        False,
    ]
    assert isinstance(reading, ReadingExpectation)
    assert (reading.text, reading.bounded) == ("18:00:00", False)
    assert isinstance(clock, ClockErrorExpectation)
    assert clock.clock_error_ns == (-91 * MINUTE, -89 * MINUTE)
    assert getattr(energy, "energy_error_ppb", None) == 200_000


def test_events_of_other_firmware_are_not_known() -> None:
    text = MINIMAL.replace("duration =", 'firmware = "mine.meter:build"\nduration =')
    assert loader.parse(text + expect("e", 'event = "own-event"\ncount = 1')).firmware == "mine.meter:build"


def test_registers_are_sums_of_energies_of_a_rate() -> None:
    totals = (1, 2, 4, 8, 16, 32, 64, 128)
    rates = (tuple(10 * energy for energy in totals), (0,) * 8)
    assert parse_register("1.8.0").value(totals, rates) == 1
    assert parse_register("3.8.0").value(totals, rates) == 4 + 8
    assert parse_register("4.8.1").value(totals, rates) == 480
    assert parse_register("10.8.0").value(totals, rates) == 128
    assert parse_register("1.8.3").value(totals, rates) is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("schema = 1", "schema = 2"), "schema: expected 1, not 2"),
        (("schema = 1", ""), "schema: is missing"),
        (('"30h"', '"all"'), 'duration: "all" needs a measured load'),
        (("2026-03-28T18:00:00+01:00", '"first-row"'), 'start: "first-row" needs a measured load'),
        (("+01:00", ""), "start: expected a date and time with its offset from UTC"),
        (("2026-03-28T18:00:00+01:00", "2026-03-28"), "start: expected a date and time with its offset"),
        (("2026", "1999"), "start: 1999-03-28T18:00:00+01:00 is not within the years that an RTC counts"),
        (("2026", "0001"), "start: 0001-03-28T18:00:00+01:00 is not within the years that an RTC counts"),
        (('"30h"', '"40000 d"'), "duration: ends after 2099"),
        (
            ('"30h"', "30"),
            'duration: expected a duration, such as "90min", "1h30min" or "2 d", not 30, which has no unit',
        ),
        (('"30h"', '"30 V"'), "duration: expected a duration"),
        (('title = "Nothing happens"', "title = 7"), "title: expected a string, not 7"),
        (("schema = 1", 'schema = 1\nboard = "fpga"'), 'board: expected "soc" or "afe", not "fpga"'),
        (("schema = 1", 'schema = 1\nfirmware = "meter"'), "firmware:"),
        (("schema = 1", "schema = 1\nmeter = 1"), "meter: expected a table, not 1"),
        (("schema = 1", "schema = 1\nfault = 1"), "fault: expected a list, not 1"),
        (("schema = 1", "schema = 1\nlode = 1"), 'lode: unknown key; did you mean "load"?'),
    ],
)
def test_what_the_head_must_say(change: tuple[str, str], message: str) -> None:
    assert f"case.toml: {message}" in refused(MINIMAL.replace(*change, 1))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[meter]\nnominall = "230 V"', 'meter.nominall: unknown key; did you mean "nominal"?'),
        ('[meter]\nnominal = "230 A"', 'meter.nominal: expected a voltage, such as "230 V", not "230 A"'),
        ("[meter]\nnominal = 230", 'meter.nominal: expected a voltage, such as "230 V", not 230, which has no unit'),
        ('[meter]\nnominal = "0 V"', 'meter.nominal: "0 V" is not above zero'),
        ('[meter]\nwiring = "4p5w"', 'meter.wiring: expected "3p4w", "3p3w" or "1p2w", not "4p5w"'),
        ('[meter]\nimpulses_per_kwh = "1000"', 'meter.impulses_per_kwh: expected a whole number, not "1000"'),
        ('[meter]\nct = "20"', 'meter.ct: expected a ratio of primary to secondary, such as "100 A / 5 A", not "20"'),
        (
            '[clock]\nbattery_failure = "stop"',
            'clock.battery_failure: expected "continue", "reset" or "reset-and-freeze"',
        ),
        ('[clock]\ntimezone = { standard = "1h" }', 'clock.timezone.standard: "1h" is not an offset from UTC'),
        (
            '[clock.timezone]\nstandard = "+01:00"\ndst = { start = "x", end = "y" }',
            "clock.timezone.dst.start: DST change rule",
        ),
        (
            '[clock.timezone]\nstandard = "+01:00"\n'
            'dst = { start = "last Sunday March 02:00", end = "last Sunday October 03:00", shift = "3h" }',
            "clock.timezone.dst: DST rule",
        ),
        ('[demand]\nperiod = "7min"', "demand.period: 420 s is not of whole minutes that divide an hour"),
        ('[demand]\nperiod = "0.5s"', 'demand.period: "0.5s" is finer than a second'),
        ("[billing]\nday = 32", "billing.day:"),
        ('[billing]\ntime = "24:00"', "billing.time: expected a time of day"),
        ('[optical]\nmanufacturer = "mbx"', "optical: manufacturer"),
        ('[optical]\npassword = "a(b"', "optical.password: value"),
        ("[optical]\nbaud = 1234", "optical.baud: expected 300, 600"),
        ('[load]\nprofile = "bdew:x9"\nannual_energy = "1 kWh"', 'load.profile: expected "bdew:h0"'),
        ('[load]\nprofile = "bdew:h0"', "load.annual_energy: is missing"),
        ('[load]\npower = "1 kW"\ncurrent = "1 A"', "load.current: is given, and power too"),
        ('[load]\npower = "1 kW"\npower_factor = 0', "load.power_factor: is 0"),
        ('[load]\npower = "1 kW"\ncurrents = ["1 A", "2 A", "3 A"]', "load.currents: are given, and power too"),
        (
            '[meter]\nwiring = "3p3w"\n[load]\ncurrents = ["1 A", "2 A", "3 A"]',
            "load.currents: a 3p3w service has no three currents of their own",
        ),
        ('[load]\npower = "1 kW"\npower_factor = 1.5', "load.power_factor: 1.5 is not from -1 to 1"),
        ('[load]\npower = "1 kW"\npower_factor = nan', "load.power_factor: NaN is not from -1 to 1"),
        ('[load]\npower = "1 kW"\nphase = 4', "load.phase:"),
        (
            '[meter]\nwiring = "1p2w"\n[load]\npower = "1 kW"\nphase = 2',
            "load.phase: a load can't hang on L2 of a 1p2w service",
        ),
        ('[load]\npower = "1 kW"\nleading = "yes"', 'load.leading: expected true or false, not "yes"'),
        ('[world]\ntemperature = "23 K"', 'world.temperature: expected a temperature, such as "23 °C", not "23 K"'),
        ('[world]\nrtc_offset = "5 %"', "world.rtc_offset:"),
        ('[world]\nfront_end = "real"', 'world.front_end: expected "ideal" or a table of errors, not "real"'),
        ('[world]\nfront_end = { gain = "1 %" }', "world.front_end.gain: unknown key"),
    ],
)
def test_what_the_tables_must_say(table: str, message: str) -> None:
    assert f"case.toml: {message}" in refused(f"{MINIMAL}\n{table}\n")


def test_noise_needs_a_converter() -> None:
    text = MINIMAL.replace("duration =", 'board = "afe"\nduration =') + "\n[world]\nfront_end = { noise = 1.5 }\n"
    assert 'case.toml: world.front_end.noise: needs the converter of board "soc"' in refused(text)
    assert loader.parse(text.replace("afe", "soc")).world.front_end.noise_millicounts == 1_500


def test_several_problems_have_a_line_each() -> None:
    lines = refused(f"{MINIMAL}\nbord = 1\n[meter]\nnominal = 1\n").splitlines()
    assert [line.split(": ")[1] for line in lines] == ["meter.nominal", "bord"]


def test_a_scenario_does_not_change() -> None:
    scenario = loader.parse(MINIMAL)
    with pytest.raises(ValueError, match="frozen"):
        scenario.duration_ns = DAY


def test_names_come_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MINIMAL)
    scenario = loader.load(str(tmp_path / "mine.toml"))
    assert (scenario.name, scenario.source) == ("mine", str(tmp_path / "mine.toml"))
    assert isinstance(scenario, Scenario)
