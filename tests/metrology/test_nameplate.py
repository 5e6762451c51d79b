"""The nameplate: what follows from it, and what it refuses."""

import dataclasses
from dataclasses import replace
from fractions import Fraction

import pytest

from firmware.metrology.nameplate import AccuracyClass, Connection, Nameplate
from hal.frontend import Wiring

PLATE = Nameplate(
    wiring=Wiring.THREE_PHASE_FOUR_WIRE,
    connection=Connection.DIRECT,
    nominal_voltage_uv=230_000_000,
    rated_current_na=5_000_000_000,
    maximum_current_na=60_000_000_000,
    frequency_uhz=50_000_000,
    accuracy=AccuracyClass.CLASS_0_5S,
    impulses_per_kwh=1_000,
)


@pytest.mark.parametrize(
    ("accuracy", "connection", "starting_na"),
    [
        ("0.2S", "direct", 5_000_000),
        ("0.2S", "ct", 5_000_000),
        ("0.5S", "ct-vt", 5_000_000),
        ("1", "direct", 20_000_000),
        ("1", "ct", 10_000_000),
        ("2", "direct", 25_000_000),
        ("2", "ct", 15_000_000),
    ],
)
def test_starting_current_by_class_and_connection(accuracy: str, connection: str, starting_na: int) -> None:
    plate = replace(PLATE, accuracy=AccuracyClass(accuracy), connection=Connection(connection))
    assert plate.starting_current_na == starting_na
    assert plate.start_power_uw == 3 * 230 * starting_na // 2_000


@pytest.mark.parametrize(("wiring", "start_uw"), [("3p4w", 1_725_000), ("3p3w", 995_929), ("1p2w", 575_000)])
def test_starting_threshold_is_half_the_balanced_starting_power(wiring: str, start_uw: int) -> None:
    assert replace(PLATE, wiring=Wiring(wiring)).start_power_uw == start_uw


def test_a_pulse_is_an_exact_quantum() -> None:
    assert PLATE.pulse_energy_nwh == 10**9
    assert replace(PLATE, impulses_per_kwh=6_400).pulse_energy_nwh * 6_400 == 10**12


def test_full_scale_leaves_room_for_the_maximum() -> None:
    assert PLATE.full_scale_current_na > 1.41 * PLATE.maximum_current_na
    assert PLATE.full_scale_voltage_uv > 1.41 * 1.15 * PLATE.nominal_voltage_uv


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("nominal_voltage_uv", 0),
        ("rated_current_na", -1),
        ("maximum_current_na", 4_999_999_999),
        ("frequency_uhz", 16_700_000),
        ("impulses_per_kwh", 0),
        ("impulses_per_kwh", 3_000),
        ("ct_ratio", Fraction(100)),
        ("ct_ratio", Fraction(0)),
        ("vt_ratio", Fraction(20)),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object) -> None:
    fields = {one.name: getattr(PLATE, one.name) for one in dataclasses.fields(PLATE)}
    with pytest.raises(ValueError, match=f"^{field}: "):
        Nameplate(**{**fields, field: value})


def test_transformer_ratios_are_exact() -> None:
    plate = replace(PLATE, connection=Connection.CURRENT_TRANSFORMERS, ct_ratio=Fraction(250, 5))
    assert plate.ct_ratio == 50
    with pytest.raises(ValueError, match=r"^vt_ratio: "):
        replace(plate, vt_ratio=Fraction(10_000, 100))
    both = replace(plate, connection=Connection.CURRENT_AND_VOLTAGE_TRANSFORMERS, vt_ratio=Fraction(10_000, 100))
    assert both.ct_ratio * both.vt_ratio == 5_000
