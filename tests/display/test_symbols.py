"""Symbols from what the meter knows."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from firmware.display.modes import Mode
from firmware.display.symbols import Facts, lit
from firmware.load_switch.disconnect import SupplyState
from firmware.status_word import Status
from hal.display import Symbol
from hal.frontend import LiveValues, PhaseSequence, PhaseValues

QUADRANTS = {Symbol.Q1, Symbol.Q2, Symbol.Q3, Symbol.Q4}


def values(voltage_uv: int = 0, active_uw: int = 0, reactive_uvar: int = 0) -> PhaseValues:
    return PhaseValues(voltage_uv, 0, active_uw, reactive_uvar, 0)


def facts(total: PhaseValues, voltages: tuple[int, int, int] = (230, 230, 230), rate: int = 1) -> Facts:
    first, second, third = (values(voltage) for voltage in voltages)
    live = LiveValues((first, second, third), total, 50_000_000, PhaseSequence.FORWARD)
    return Facts(live, (0, 1, 2), 92, 10, rate, Status(0))


@given(st.integers(-30, 30), st.integers(-30, 30))
def test_one_quadrant_or_none(active: int, reactive: int) -> None:
    found = lit(facts(values(0, active, reactive)), Mode.AUTOMATIC) & QUADRANTS
    flows_p, flows_q = abs(active) >= 10, abs(reactive) >= 10
    if not flows_p and not flows_q:
        assert not found
        return
    importing, lagging = active > 0 or not flows_p, reactive > 0 or not flows_q
    expected = {(True, True): "Q1", (False, True): "Q2", (False, False): "Q3", (True, False): "Q4"}
    assert [symbol.value for symbol in found] == [expected[importing, lagging]]


@given(st.tuples(*[st.integers(0, 300)] * 3), st.integers(0, 9))
def test_phases_and_rate(voltages: tuple[int, int, int], rate: int) -> None:
    found = {symbol.value for symbol in lit(facts(values(), voltages, rate), Mode.AUTOMATIC)}
    assert found == {f"L{n}" for n, voltage in enumerate(voltages, 1) if voltage >= 92} | (
        {f"T{rate}"} if 1 <= rate <= 8 else set()
    )


def test_states_have_their_symbols() -> None:
    quiet = facts(values(), (0, 0, 0), 0)
    assert lit(quiet, Mode.AUTOMATIC) == frozenset()
    reversed_live = replace(quiet.live, sequence=PhaseSequence.REVERSED)
    for changed, expected in (
        (replace(quiet, live=reversed_live), {Symbol.SEQUENCE}),
        (replace(quiet, status=Status.PHASE_FAILED), {Symbol.ALARM}),
        (replace(quiet, alarms=4), {Symbol.ALARM}),
        (replace(quiet, status=Status.TARIFF_FROZEN | Status.CLOCK_ADJUSTED | Status.REVERSE_RUN), set()),
        (replace(quiet, status=Status.BATTERY_FAILED), {Symbol.BATTERY}),
        (replace(quiet, status=Status.CLOCK_DOUBTFUL), {Symbol.CLOCK}),
        (replace(quiet, supply=SupplyState.DISCONNECTED), {Symbol.OPEN}),
        (replace(quiet, supply=SupplyState.READY_FOR_RECONNECTION), {Symbol.OPEN, Symbol.READY}),
        (replace(quiet, load_on=True), {Symbol.LOAD}),
    ):
        assert lit(changed, Mode.AUTOMATIC) == expected
    modes = {Mode.STEPPED: {Symbol.MANUAL}, Mode.MANUAL: {Symbol.MANUAL}, Mode.TEST: {Symbol.TEST}}
    for mode, expected in modes.items():
        assert lit(quiet, mode) == expected
