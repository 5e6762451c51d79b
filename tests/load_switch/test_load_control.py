"""The load-control output never switches too soon, and does what is wanted as soon as it may."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.load_switch.load_control import LoadControl, Override, wanted


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=60), st.integers(1, 80), st.integers(1, 80))
def test_it_switches_when_it_may_and_not_before(
    steps: list[tuple[int, bool]], minimum_on_ns: int, minimum_off_ns: int
) -> None:
    output = LoadControl(minimum_on_ns, minimum_off_ns, 0)
    now, last = 0, 0
    for lasts, want in steps:
        end = now + lasts
        while True:
            was = output.on
            free = last + (minimum_on_ns if was else minimum_off_ns)
            switched = output.feed(want, now)
            assert switched == (output.on != was) == (want != was and now >= free)
            if switched:
                last = now
            if output.due_ns is None or output.due_ns >= end:
                break
            assert output.due_ns > now
            now = output.due_ns
        now = end


def test_a_command_goes_before_the_tariff() -> None:
    for rate in (1, 2):
        assert wanted(Override.TARIFF, rate, (2,)) is (rate == 2)
        assert wanted(Override.ON, rate, (2,))
        assert not wanted(Override.OFF, rate, (2,))
