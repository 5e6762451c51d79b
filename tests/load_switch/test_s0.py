"""The S0 output has a constant of its own, on both boards, and pulses that a receiver can tell apart."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.metrology.nameplate import AccuracyClass, Connection, Nameplate
from hal.frontend import Wiring
from hal.outputs import Pulse
from hal.units import MS, S
from sim.scenario.loader import parse
from sim.scenario.result import Verdict
from sim.scenario.runner import Runner

PLATE = Nameplate(
    Wiring.THREE_PHASE_FOUR_WIRE,
    Connection.DIRECT,
    230_000_000,
    5_000_000_000,
    100_000_000_000,
    50_000_000,
    AccuracyClass.CLASS_1,
    1_000,
)


def text_of(board: str, constant: int, load: str = 'power = "36 kW"') -> str:
    return f"""
schema = 1
title = "s0"
start = 2026-06-01T00:00:00+02:00
duration = "1min"
board = "{board}"
[meter]
impulses_per_kwh = 10000
s0_impulses_per_kwh = {constant}
[load]
{load}
"""


@pytest.mark.parametrize("board", ["soc", "afe"])
def test_each_output_counts_with_its_own_constant(board: str) -> None:
    runner = Runner(parse(text_of(board, 500)), 1)
    sent: list[int] = []
    runner.bench.board.outputs.subscribe(lambda which, at: sent.extend(at if which is Pulse.S0 else ()))
    assert runner.run().verdict is Verdict.HELD
    # 36 kW for a minute are 0.6 kWh, less what has not come out yet.
    assert 290 <= runner.observations.pulses(Pulse.S0) <= 300
    assert 5_800 <= runner.observations.pulses(Pulse.ACTIVE) <= 6_000
    if board == "soc":
        assert min(b - a for a, b in pairwise(sent)) >= 199 * MS


@pytest.mark.parametrize("board", ["soc", "afe"])
def test_a_meter_without_it_sends_none(board: str) -> None:
    runner = Runner(parse(text_of(board, 0).replace("1min", "5s")), 1)
    runner.run()
    assert runner.observations.pulses(Pulse.S0) == 0


def test_beyond_the_maximum_power_pulses_wait() -> None:
    """120 kW with a constant of 625 would be 21 pulses a second; S0 takes 16.7 of them."""
    runner = Runner(parse(text_of("soc", 625, 'power = "120 kW"').replace("1min", "10s")), 1)
    sent: list[int] = []
    runner.bench.board.outputs.subscribe(lambda which, at: sent.extend(at if which is Pulse.S0 else ()))
    runner.run()
    gaps = [b - a for a, b in pairwise(sent)]
    assert min(gaps) == 60 * MS
    assert len(sent) >= 9 * S // (60 * MS)


@given(
    st.sampled_from(Wiring),
    st.integers(50_000_000, 300_000_000),
    st.integers(1_000_000_000, 200_000_000_000),
    st.sampled_from([1, 10, 50, 100, 200, 250, 500, 1_000, 2_000, 5_000, 10_000, 40_000, 100_000]),
)
def test_a_constant_is_refused_from_where_pulses_would_be_too_fast(
    wiring: Wiring, voltage_uv: int, current_na: int, constant: int
) -> None:
    plate = replace(
        PLATE,
        wiring=wiring,
        nominal_voltage_uv=voltage_uv,
        rated_current_na=min(current_na, 10**9),
        maximum_current_na=current_na,
    )
    watts = Fraction(len(wiring.elements) * voltage_uv * current_na * 115, 10**17)
    per_second = watts * constant / 3_600_000
    if per_second * Fraction(60, 1000) > Fraction(1001, 1000):
        with pytest.raises(ValueError, match=r"^s0_impulses_per_kwh: .*too fast"):
            replace(plate, s0_impulses_per_kwh=constant)
    elif per_second * Fraction(60, 1000) < Fraction(999, 1000):
        assert replace(plate, s0_impulses_per_kwh=constant).s0_energy_nwh * constant == 10**12


def test_a_constant_that_is_no_whole_quantum_is_refused() -> None:
    for constant in (-1, 3, 700):
        with pytest.raises(ValueError, match=r"^s0_impulses_per_kwh: "):
            replace(PLATE, s0_impulses_per_kwh=constant)
