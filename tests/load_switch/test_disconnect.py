"""The relay's states: the transitions of the standard and no others, in each mode."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.load_switch.disconnect import TRANSITIONS, ControlMode, SupplyState, Trigger, transition

OFF, ON, READY = SupplyState.DISCONNECTED, SupplyState.CONNECTED, SupplyState.READY_FOR_RECONNECTION

REMOTE_ON = {1: READY, 2: ON, 3: READY, 4: ON, 5: READY, 6: READY}
"""By mode, where a remote reconnection leads from disconnected."""
BY_HAND = {1, 2, 5}
"""Modes in which the customer may disconnect."""
BY_ITSELF = {5, 6}
"""Modes in which the meter may reconnect."""


def expected(mode: int, state: SupplyState, trigger: Trigger) -> SupplyState:
    """The modes in the standard's words, not by its letters."""
    who, what = trigger.value.split("-")
    if mode == 0:
        return state
    if what == "disconnect":
        if who == "remote":
            return OFF
        allowed = state is ON and (who == "local" or mode in BY_HAND)
        return READY if allowed else state
    if who == "remote":
        return REMOTE_ON[mode] if state is OFF else state
    return ON if state is READY and (who == "manual" or mode in BY_ITSELF) else state


@pytest.mark.parametrize("mode", list(ControlMode))
@pytest.mark.parametrize("state", list(SupplyState))
@pytest.mark.parametrize("trigger", list(Trigger))
def test_each_trigger_leads_where_the_mode_says(mode: ControlMode, state: SupplyState, trigger: Trigger) -> None:
    made = transition(mode, state, trigger)
    assert (state if made is None else made.ends) is expected(mode.value, state, trigger)
    assert made is None or (made.begins, made.trigger) == (state, trigger)


def test_letters_and_numbers() -> None:
    assert [(made.letter, made.number) for made in TRANSITIONS] == list(zip("abcdefgh", range(1, 9), strict=True))
    assert [(state.value, state.name) for state in SupplyState] == [
        (0, "DISCONNECTED"),
        (1, "CONNECTED"),
        (2, "READY_FOR_RECONNECTION"),
    ]


@given(st.sampled_from(ControlMode), st.lists(st.sampled_from(Trigger), max_size=40))
def test_after_a_remote_disconnection_nothing_but_a_remote_command_reconnects(
    mode: ControlMode, triggers: list[Trigger]
) -> None:
    state, released = ON, True
    for trigger in triggers:
        made = transition(mode, state, trigger)
        state = state if made is None else made.ends
        if trigger is Trigger.REMOTE_DISCONNECT and mode is not ControlMode.ALWAYS_CONNECTED:
            released = False
        elif trigger is Trigger.REMOTE_RECONNECT:
            released = True
        assert released or state is OFF
