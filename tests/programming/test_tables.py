"""The table of a programming says what it sends, and refuses what makes no sense."""

from fractions import Fraction

import pytest

from sim.scenario.configuration import meter_config
from sim.scenario.errors import ScenarioError
from sim.scenario.loader import parse
from tests.programming.field import program, scenario, table

PASSIVE = 'passive = { activate = 2026-07-01T00:00:00+02:00, tariff = { day_profiles = { d = { "00:00" = 1 } } } }\n'


def test_what_is_left_out_stays_as_it_is() -> None:
    text = scenario(program("p", "1min", 'vt = "20 kV / 100 V"\n' + PASSIVE))
    scenario_ = parse(text)
    change = scenario_.readings[0].change(meter_config(scenario_).settings)
    assert (change.ct_ratio, change.vt_ratio, change.parts) == (None, Fraction(200), ())
    assert change.passive is not None
    assert change.passive.activate_s == 1_782_856_800
    assert change.passive.calendar.rates == 1


@pytest.mark.parametrize(
    ("kind", "keys", "message"),
    [
        ("program", "", "reading[0].kind: needs ct, vt, tariff, passive or settings to program"),
        ("readout", 'ct = "5 A / 5 A"\n', "reading[0].ct: is for program"),
        ("billing-reset", PASSIVE, "reading[0].passive: is for program"),
        ("program", PASSIVE.replace("2026-07-01T00:00:00+02:00", '"first-row"'), "passive.activate: expected"),
        ("program", PASSIVE.replace('"00:00"', '"01:00"'), "reading[0].passive.tariff"),
        ("program", 'ct = "5 A"\n', "reading[0].ct: expected a ratio"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(kind: str, keys: str, message: str) -> None:
    with pytest.raises(ScenarioError) as problem:
        parse(scenario(table("reading", "r", "1min", f'kind = "{kind}"\n{keys}')))
    assert message in str(problem.value)
