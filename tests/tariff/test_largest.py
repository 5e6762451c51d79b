"""The largest configurations: what fits a save, and what is refused with its path."""

import pytest

from firmware import save, save_size
from firmware.demand.config import Method
from firmware.save import state_bytes
from firmware.tariff.config import RateSource, TariffConfig
from firmware.tariff.layout import billing_bytes, daily_bytes
from hal.inputs import Input
from sim.devices.flash import W25Q64
from sim.scenario.configuration import meter_config
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import parse

CHANNELS = [
    f"{what} {energy}" for what in ("reading", "demand") for energy in ("A+", "A-", "R1", "R2", "S+", "S-", "R3", "R4")
]
MAXIMA = [(energy, rate) for rate in (0, 1) for energy in ("A+", "A-", "R1", "R2", "S+", "C1", "C2", "C3")]
HEAD = """schema = 1
title = "The most"
start = 2026-01-30T22:00:00+01:00
duration = "1d"
board = "afe"
"""


def largest(demand: str = "", channels: int = 16) -> str:
    """64 time-of-use registers, 16 maxima of 11 energies, five coincident demands, two profiles."""
    maxima = ", ".join(f'{{ energy = "{energy}", rate = {rate} }}' for energy, rate in MAXIMA)
    beside = ", ".join(f'{{ maximum = {at}, energy = "S-" }}' for at in range(1, 6))
    named = ", ".join(f'"{name}"' for name in CHANNELS[:channels])
    return f"""{HEAD}
[meter]
sums = {{ C1 = "A+ - A-", C2 = "R1 + R2 - R3 - R4", C3 = "S+ + S-" }}
[tariff]
rates = 8
registers = ["A+", "A-", "R1", "R2", "S+", "C1", "C2", "C3"]
[tariff.day_profiles]
every-day = {{ "00:00" = 8, "06:00" = 1 }}
[demand]
maxima = [{maxima}]
coincident = [{beside}]
averages = ["R3", "R4"]
{demand}
[profile]
channels = [{named}]
[profile_2]
channels = [{named}]
"""


def test_the_largest_meter_has_a_save_of_fifteen_pages() -> None:
    config = meter_config(parse(largest()))
    exact = state_bytes(config.tariff, config.demand, 8, 16, 16)
    assert len(config.demand.quantities) == 11
    assert exact <= config.save_bytes <= save_size.SAVE_MOST_BYTES
    assert save._STATE_BYTES <= save_size.HEAD_MOST_BYTES
    page = W25Q64.geometry.page_bytes
    assert 16 + exact + 16 <= 15 * page
    assert 16 + billing_bytes(config.tariff, config.demand, 8) <= 9 * page
    assert 16 + daily_bytes(config.tariff, 8) <= 3 * page


def test_what_does_not_fit_a_save_is_refused_with_its_length() -> None:
    sliding = 'period = "15min"\nmethod = "sliding"\nsubintervals = 5'
    assert meter_config(parse(largest(sliding, channels=8))).demand.method is Method.SLIDING
    with pytest.raises(ScenarioError, match=r"demand: with all else a save of \d+ bytes, at most 3800 fit"):
        meter_config(parse(largest(sliding)))


@pytest.mark.parametrize(
    ("tables", "path"),
    [
        (
            '[tariff]\nsource = "inputs"\n[demand]\ninput = "control-1"',
            "demand.input: control-1 is taken by tariff.source",
        ),
        (
            '[demand]\ninput = "control-2"\n[billing]\ninput = "control-2"\nsources = ["input"]',
            "demand.input: control-2 is taken by billing.input",
        ),
        ('[billing]\nsources = ["input"]', "billing.input: "),
        ('[billing]\ninput = "control-1"', "billing.input: "),
        ('[billing]\nsources = ["button", "button"]', "billing.sources[1]: button is there twice"),
        ('[tariff]\nregisters = ["A+", "C1"]', "tariff.registers[1]: C1 is not defined"),
        ("[tariff]\nrates = 12", "tariff.rates: 12 rates of 8 energies are over 64"),
        ('[tariff]\nrates = 5\nregisters = ["A+"]\nsource = "inputs"', "tariff.source: "),
        ('[demand]\nmaxima = [{ energy = "A+", rate = 3 }]', "demand.maxima[0].rate: 3 is not within 0 to 2"),
        ('[demand]\nmaxima = [{ energy = "C1" }]', "demand.maxima[0].energy: C1 is not defined"),
        ('[demand]\nmethod = "sliding"\nsubintervals = 7', "demand.subintervals: "),
        ('[demand]\ncoincident = [{ maximum = 9, energy = "S+" }]', "demand.coincident[0].maximum: "),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_path(tables: str, path: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        meter_config(parse(f"{HEAD}\n{tables}\n", "case.toml"))
    assert str(refused.value).startswith(f"case.toml: {path}")


@pytest.mark.parametrize(("sums", "path"), [('C1 = "A+ + R1"', "C1"), ('C2 = "A+"', "C2"), ('C1 = "A+ -"', "C1")])
def test_a_sum_that_is_none_is_refused_with_its_path(sums: str, path: str) -> None:
    with pytest.raises(ScenarioError, match=f"meter.sums.{path}: "):
        parse(f"{HEAD}\n[meter]\nsums = {{ {sums} }}\n")


def test_two_rates_leave_the_second_input_free() -> None:
    config = TariffConfig(source=RateSource.INPUTS)
    assert config.inputs(2) == (Input.CONTROL_1,)
    assert config.inputs(3) == (Input.CONTROL_1, Input.CONTROL_2)
    assert TariffConfig().inputs(2) == ()
