"""The table `[world]`: the RTC's backup, the supply's capacitor, steps of the temperature."""

import pytest

from hal.units import HOUR
from sim.devices.backup_part import CellPart, SuperCapacitorPart
from sim.devices.supply_part import SUPPLY
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import parse
from sim.scenario.schema import Scenario

HEAD = 'schema = 1\ntitle = "world"\nstart = 2026-06-15T08:00:00+02:00\nduration = "30h"\n\n[load]\npower = "1 kW"\n\n'


def scenario(world: str) -> Scenario:
    return parse(f"{HEAD}[world]\n{world}\n")


def test_without_a_word_it_is_a_cell_and_a_nominal_capacitor() -> None:
    world = scenario("").world
    assert world.backup() == CellPart()
    assert world.supply() == SUPPLY
    assert world.temperature_steps == ()


def test_a_cell_with_its_figures() -> None:
    world = scenario('rtc_backup = { kind = "cell", capacity = "0.22 Ah", self_discharge = "2.5 %" }').world
    assert world.backup() == CellPart(capacity_uah=220_000, self_discharge_ppb=25_000_000)


def test_a_super_capacitor_with_its_figures() -> None:
    table = 'kind = "super-capacitor"\ncapacitance = "1 F"\nvoltage = "3 V"\nleakage = "500 nA"\ncharging = "1 mA"\n'
    world = scenario(f"[world.rtc_backup]\n{table}").world
    assert world.backup() == SuperCapacitorPart(1_000, 3_000, leak_na=500, charge_na=1_000_000)


def test_an_aged_capacitor() -> None:
    assert scenario('hold_up_capacity = "64 %"').world.supply().present_capacity_uf == SUPPLY.worst_capacity_uf


def test_steps_of_the_temperature() -> None:
    step = '[[world.temperature_step]]\nat = "{}"\ntemperature = "{}"\n'
    world = scenario(step.format("1h", "-10 °C") + step.format("2h30min", "40 °C")).world
    assert [(step.at_ns, step.temperature_mc) for step in world.temperature_steps] == [
        (HOUR, -10_000),
        (5 * HOUR // 2, 40_000),
    ]


@pytest.mark.parametrize(
    ("world", "problem"),
    [
        ('rtc_backup = { kind = "dynamo" }', "world.rtc_backup.kind"),
        ('rtc_backup = { capacity = "1 Ah" }', "world.rtc_backup.kind"),
        ('rtc_backup = { kind = "cell", capacity = "1 F" }', "world.rtc_backup.capacity: expected a charge"),
        ('rtc_backup = { kind = "cell", capacity = "0 Ah" }', 'world.rtc_backup.capacity: "0 Ah" is not above zero'),
        ('rtc_backup = { kind = "cell", capacitance = "1 F" }', "world.rtc_backup.capacitance"),
        ('rtc_backup = { kind = "super-capacitor", capacitance = "1 uF" }', "is finer than a milli-farad"),
        ('rtc_backup = { kind = "super-capacitor", voltage = "1.5 V" }', "world.rtc_backup.voltage"),
        ('hold_up_capacity = "5 %"', "world.hold_up_capacity"),
        ('temperature_step = [{ at = "31h", temperature = "9 °C" }]', "world.temperature_step[0].at: 31h lies past"),
        ('temperature_step = [{ at = "1h", temperature = "130 °C" }]', "world.temperature_step[0].temperature"),
    ],
)
def test_what_can_not_be_is_refused_at_its_place(world: str, problem: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        scenario(world)
    assert problem in str(caught.value)
