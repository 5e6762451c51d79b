"""Registers drawn at random: any identity that has the form of one, most of them nobody's."""

from hypothesis import strategies as st

from firmware.registers.identity import DAYS_MOST, PERIODS_MOST, Direction, Kind, Phase, Quantity, RegisterId

identities = st.builds(
    RegisterId,
    st.sampled_from(Quantity),
    st.sampled_from(Phase),
    st.sampled_from(Direction),
    st.sampled_from(Kind),
    st.integers(0, 65) | st.just(0),
    st.just(0) | st.integers(0, PERIODS_MOST + 1),
    st.just(1) | st.integers(0, 7),
    st.just(0) | st.integers(0, 42),
    st.just(0) | st.integers(0, DAYS_MOST + 1),
    st.none() | st.integers(0, 11),
)


def every_base() -> list[RegisterId]:
    """All quantities, phases, directions and kinds, in two rates, two periods, and of two orders."""
    return [
        RegisterId(quantity, phase, direction, kind, rate, period, order=order)
        for quantity in Quantity
        for phase in Phase
        for direction in Direction
        for kind in Kind
        for rate, period in ((0, 0), (2, 3))
        for order in ((0,) if quantity not in (Quantity.HARMONIC_VOLTAGE, Quantity.HARMONIC_CURRENT) else (0, 1, 40))
    ]
