"""What a save keeps of the load switch comes back; what does not fit together is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.load_switch.config import (
    LimiterConfig,
    LoadControlConfig,
    LoadSwitchConfig,
    Monitored,
    OnOver,
    OnUnder,
    RelayConfig,
)
from firmware.load_switch.disconnect import ALLOWED, ControlMode, SupplyState
from firmware.load_switch.limiter import EmergencyProfile
from firmware.load_switch.load_control import Override
from firmware.load_switch.state import LOAD_SWITCH_BYTES, LoadSwitchState, build_load_switch, parse_load_switch
from hal.units import MS, S

PROFILES = st.builds(
    EmergencyProfile, st.integers(0, (1 << 16) - 1), st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 32) - 1)
)
STATES = st.builds(
    LoadSwitchState,
    st.sampled_from(SupplyState),
    st.sampled_from(Override),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    PROFILES,
)


@given(STATES)
def test_it_comes_back(state: LoadSwitchState) -> None:
    data = build_load_switch(state)
    assert len(data) == LOAD_SWITCH_BYTES
    assert parse_load_switch(data) == state


def test_an_unknown_state_is_refused() -> None:
    with pytest.raises(ValueError, match="7"):
        parse_load_switch(b"\x07" + build_load_switch(LoadSwitchState())[1:])


@pytest.mark.parametrize("mode", list(ControlMode))
def test_a_limiter_may_do_what_the_mode_lets_it(mode: ControlMode) -> None:
    opens = LimiterConfig(Monitored.CURRENT, 1, 1, on_over=OnOver.DISCONNECT)
    closes = LimiterConfig(Monitored.CURRENT, 1, 1, on_under=OnUnder.RECONNECT)
    for limiter, letter, path in ((opens, "g", "on_over"), (closes, "h", "on_under")):
        if letter in ALLOWED[mode]:
            LoadSwitchConfig(RelayConfig(mode), limiter)
        else:
            with pytest.raises(ValueError, match=rf"load_switch\.limiter\.{path}: "):
                LoadSwitchConfig(RelayConfig(mode), limiter)
    with pytest.raises(ValueError, match=r"load_switch\.limiter\.on_over: "):
        LoadSwitchConfig(None, opens)


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: RelayConfig(manual_hold_ns=99 * MS), "relay.manual_hold"),
        (lambda: RelayConfig(unexpected_delay_ns=90_000 * S), "relay.unexpected_delay"),
        (lambda: RelayConfig(unexpected_permille=1), "relay.unexpected"),
        (lambda: LimiterConfig(Monitored.CURRENT, 0, 1), "limiter.threshold"),
        (lambda: LimiterConfig(Monitored.CURRENT, 1, -1), "limiter.emergency_threshold"),
        (lambda: LimiterConfig(Monitored.CURRENT, 1, 1, over_ns=0), "limiter.over"),
        (lambda: LimiterConfig(Monitored.CURRENT, 1, 1, under_ns=0), "limiter.under"),
        (lambda: LimiterConfig(Monitored.CURRENT, 1, 1, heeded=(0,)), "limiter.heeded"),
        (lambda: LimiterConfig(Monitored.CURRENT, 1, 1, reconnections=0), "limiter.reconnections"),
        (lambda: LoadControlConfig((1, 1)), "load_control.rates"),
        (lambda: LoadControlConfig((0,)), "load_control.rates"),
        (lambda: LoadControlConfig((1,), minimum_on_ns=0), "load_control.minimum_on"),
        (lambda: LoadControlConfig((1,), minimum_off_ns=0), "load_control.minimum_off"),
    ],
)
def test_a_bad_figure_is_refused_with_its_path(make, path: str) -> None:
    with pytest.raises(ValueError, match=rf"load_switch\.{path}: "):
        make()
