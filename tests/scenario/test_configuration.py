"""From a scenario to the firmware's configuration and the load."""

from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import get_args

import pytest

from firmware.config import BatteryResponse
from firmware.metrology.nameplate import AccuracyClass, Connection
from hal.frontend import Wiring
from hal.units import HOUR, MINUTE, S
from sim.physics.loads import bdew
from sim.physics.power import FW_PER_UW, powers
from sim.scenario import loader
from sim.scenario.configuration import load_source, meter_config, prepare
from sim.scenario.errors import ScenarioError
from sim.scenario.load_table import ProfileName
from sim.scenario.schema import Scenario
from tests.scenario.documents import EXAMPLE, MEASURED, MINIMAL, ROWS, write

FOUR_WIRES = Wiring.THREE_PHASE_FOUR_WIRE


def refused(scenario: Scenario) -> str:
    with pytest.raises(ScenarioError) as error:
        prepare(scenario)
    return str(error.value)


def test_the_example_becomes_a_configuration() -> None:
    config = meter_config(loader.parse(EXAMPLE))
    assert config.nameplate.wiring is FOUR_WIRES
    assert config.nameplate.accuracy is AccuracyClass.CLASS_0_5S
    assert config.nameplate.connection is Connection.DIRECT
    assert config.nameplate.nominal_voltage_uv == 230_000_000
    assert config.clock.battery_failure is BatteryResponse.RESET_AND_FREEZE
    assert config.calendar.rates == 2
    assert config.optical.baud_character == "5"


def test_every_setting_of_the_meter_arrives() -> None:
    text = """
[meter]
wiring = "3p3w"
nominal = "110 V"
rated_current = "1 A"
maximum_current = "2 A"
frequency = "60 Hz"
accuracy = "0.2S"
connection = "ct-vt"
ct = "100 A / 1 A"
vt = "110 kV / 110 V"
impulses_per_kwh = 20000
[clock]
timezone = { standard = "-03:30" }
cell_low = "2.5 V"
[demand]
period = "15min"
[billing]
day = 15
time = "06:30"
[optical]
manufacturer = "ABc"
identification = "X"
device_address = "42"
baud = 19200
password = "secret"
tries = 5
lockout = "1h"
"""
    config = meter_config(loader.parse(MINIMAL + text))
    plate, optical = config.nameplate, config.optical
    assert (plate.rated_current_na, plate.maximum_current_na, plate.frequency_uhz) == (10**9, 2 * 10**9, 60_000_000)
    assert (plate.ct_ratio, plate.vt_ratio, plate.impulses_per_kwh) == (Fraction(100), Fraction(1000), 20_000)
    assert (config.clock.zone.standard_offset_s, config.clock.zone.dst, config.clock.cell_low_mv) == (
        -12_600,
        None,
        2_500,
    )
    assert (config.demand_period_s, config.billing.dates.day, config.billing.dates.minute) == (900, 15, 390)
    assert (optical.manufacturer, optical.identification, optical.device_address) == ("ABc", "X", "42")
    assert (optical.baud_character, optical.password, optical.tries, optical.lockout_s) == ("6", "secret", 5, 3_600)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('maximum_current = "4 A"', "meter.maximum_current: "),
        ('frequency = "400 Hz"', "meter.frequency: "),
        ("impulses_per_kwh = 7", "meter.impulses_per_kwh: "),
        ('ct = "100 A / 5 A"', "meter.ct: "),
        ('connection = "ct"\nvt = "20 kV / 100 V"', "meter.vt: "),
    ],
)
def test_ratings_that_do_not_fit_name_the_key(table: str, message: str) -> None:
    assert refused(loader.parse(f"{MINIMAL}\n[meter]\n{table}\n", "case.toml")).startswith(f"case.toml: {message}")


def test_more_rates_than_a_save_holds() -> None:
    assert refused(loader.parse(f"{MINIMAL}\n[tariff]\nrates = 9\n", "case.toml")).startswith(
        "case.toml: tariff.rates: 9"
    )


def test_profiles_are_those_of_the_library() -> None:
    assert get_args(ProfileName) == tuple(f"bdew:{name}" for name in bdew.PROFILES)


def test_a_profile_has_the_annual_energy() -> None:
    text = EXAMPLE.replace("2026-03-28T18:00:00", "2026-01-01T00:00:00")
    changes = list(islice(load_source(loader.parse(text)).timeline(1_767_222_000 * S), 365 * 96 + 1))
    femto = sum(powers(a, FOUR_WIRES).total.active_fw * (later - at) for (at, a), (later, _) in pairwise(changes))
    assert abs(femto / (FW_PER_UW * 10**6 * 3_600 * S) / 4_000_000 - 1) < 1e-6


@pytest.mark.parametrize(
    ("table", "watts", "vars"),
    [
        ('power = "1 kW"', 1000, 0),
        ('power = "-1 kW"', -1000, 0),
        ('power = "600 W"\npower_factor = 0.6', 600, 800),
        ('power = "600 W"\npower_factor = 0.6\nleading = true', 600, -800),
        ('power = "600 W"\npower_factor = -0.6', -600, 800),
        ('current = "2 A"\npower_factor = 0.5', 690, 1195),
        ('current = "3 A"\nphase = 2', 690, 0),
        ('current = "0 A"', 0, 0),
        ("", 0, 0),
    ],
)
def test_constant_loads(table: str, watts: int, vars: int) -> None:
    scenario = loader.parse(f"{MINIMAL}\n[load]\n{table}\n")
    ((at_ns, segment),) = load_source(scenario).timeline(scenario.begin_utc_ns)
    total = powers(segment, FOUR_WIRES).total
    assert at_ns == 0
    assert abs(total.active_fw - watts * 10**15) < 10**12
    assert abs(total.reactive_fvar - vars * 10**15) < 2 * 10**14


def test_the_mains_may_differ_from_the_nameplate() -> None:
    scenario = loader.parse(f'{MINIMAL}\n[world]\nvoltage = "207 V"\nfrequency = "49.5 Hz"\n')
    ((_, segment),) = load_source(scenario).timeline(scenario.begin_utc_ns)
    assert (segment.voltages[1].rms, segment.frequency_uhz) == (207_000_000, 49_500_000)


def measured(folder: Path, rows: str = ROWS, scenario: str = MEASURED) -> Scenario:
    write(folder, rows, "rows.csv")
    return loader.load(write(folder, scenario))


def test_a_measured_load_says_when(tmp_path: Path) -> None:
    prepared = prepare(measured(tmp_path))
    assert prepared.scenario.begin_utc_ns == 1_767_603_600 * S  # 10:00 at UTC+1
    assert prepared.scenario.end_ns == 3 * MINUTE
    assert prepared.scenario.name == "case"
    assert prepared.gaps == ()


def test_the_files_time_may_be_another(tmp_path: Path) -> None:
    text = MEASURED.replace('csv = "rows.csv"', 'csv = "rows.csv"\nutc_offset = "+00:00"')
    assert prepare(measured(tmp_path, scenario=text)).scenario.begin_utc_ns == 1_767_607_200 * S


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("10:02:00,232.0", "10:03:00,232.0"), "row 4: a gap of 60 s"),
        (("10:02:00,232.0", "10:00:00,232.0"), "row 4: "),
        (("232.0", "2x2"), "row 4: voltage_v is not a number: '2x2'"),
        (("1.1,", "nan,"), "row 3: active_kw is not a number: 'nan'"),
        (("active_kw", "kw"), "row 1: column active_kw is missing"),
        (("2026-01-05T10:01:00", "05.01.2026 10:01"), "row 3: local_time"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    text = refused(measured(tmp_path, ROWS.replace(*change, 1)))
    assert text.startswith(f"{tmp_path}/case.toml: load.csv: {tmp_path}/rows.csv, {message}")


def test_gaps_are_listed_where_they_count_as_no_load(tmp_path: Path) -> None:
    scenario = MEASURED.replace('csv = "rows.csv"', 'csv = "rows.csv"\non_gap = "no-load"')
    rows = ROWS.replace("10:02:00,232.0", "10:05:00,232.0")
    gap = "2026-01-05T10:02:00+01:00 to 2026-01-05T10:05:00+01:00, 180 s, between rows 3 and 4"
    assert prepare(measured(tmp_path, rows, scenario)).gaps == (gap,)
    short = scenario.replace('"all"', '"90s"')
    assert prepare(measured(tmp_path, rows, short)).gaps == (), "a gap past the end is none of the run's"


def test_a_run_stays_inside_its_file(tmp_path: Path) -> None:
    assert "load.csv: " in refused(measured(tmp_path, scenario=MEASURED.replace('"all"', '"4min"')))
    early = MEASURED.replace('"first-row"', "2026-01-05T09:59:00+01:00")
    assert "covers 2026-01-05T10:00:00" in refused(measured(tmp_path, scenario=early))
    late = MEASURED.replace('"first-row"', "2026-01-06T10:00:00+01:00")
    assert "covers 2026-01-05T10:00:00" in refused(measured(tmp_path, scenario=late))


def test_what_lies_past_the_end_of_the_file_is_refused(tmp_path: Path) -> None:
    text = MEASURED + '\n[[fault]]\nid = "f"\nkind = "battery-fail"\nat = "3min"\n'
    assert refused(measured(tmp_path, scenario=text)).endswith("fault[0].at: 3min lies past the end, 3min")
    assert prepare(measured(tmp_path, scenario=text.replace("3min", "2min"))).scenario.end_ns == 3 * MINUTE


def test_instants_are_not_known_before_the_file_is_read(tmp_path: Path) -> None:
    scenario = measured(tmp_path)
    with pytest.raises(ValueError, match="not known"):
        _ = scenario.end_ns
    with pytest.raises(ValueError, match="not known"):
        _ = scenario.begin_utc_ns
    assert prepare(scenario).scenario.end_ns < HOUR
