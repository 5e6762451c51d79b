"""Angles, distortion and unbalance as registers: as the front end tells them, absent where it does not."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.trust import ClockStatus
from firmware.metrology.instrumentation import Instrumentation
from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.live import present
from firmware.registers.snapshot import Snapshot
from firmware.registers.value import Stamp, Unit, ValueStatus
from firmware.registers.waves import WaveRegisters
from hal.frontend import ElementWaves, LiveValues, PhaseValues, Waves, Wiring
from tests.registers.drawing import identities

NOW = Stamp(0, 0, ClockStatus.VALID)
NOTHING = PhaseValues(0, 0, 0, 0, 0)

angles = st.none() | st.integers(-180_000_000, 359_999_999)
distortions = st.none() | st.integers(0, 10**7)
elements = st.builds(
    ElementWaves, st.integers(1, 10**9), st.integers(1, 10**10), angles, angles, distortions, distortions
)
told = st.builds(
    Instrumentation,
    st.sampled_from(Wiring),
    st.builds(
        LiveValues,
        st.just((NOTHING,) * 3),
        st.just(NOTHING),
        st.just(50_000_000),
        faulty=st.sampled_from([0, 1, 64]),
        alive=st.booleans(),
    ),
    st.builds(Waves, st.tuples(elements, elements, elements), st.integers(0, 10**10)),
)


@given(told, st.integers(1, 40))
def test_registers_are_what_the_front_end_tells(instrumentation: Instrumentation, ct: int) -> None:
    taken = Snapshot(NOW, [WaveRegisters(NOW, instrumentation, Fraction(ct))])
    wanted: dict[RegisterId, tuple[int, Unit, int]] = {}
    if instrumentation.wiring is not Wiring.THREE_PHASE_THREE_WIRE:
        neutral = instrumentation.waves.neutral_current_na * ct
        wanted[present(Quantity.CURRENT, phase=Phase.NEUTRAL)] = (neutral, Unit.AMPERE, -9)
    for element in instrumentation.wiring.elements:
        waves = instrumentation.waves.elements[element]
        for quantity, amount, unit, scaler in (
            (Quantity.VOLTAGE_ANGLE, waves.voltage_angle_udeg, Unit.DEGREE, -6),
            (Quantity.CURRENT_ANGLE, waves.current_angle_udeg, Unit.DEGREE, -6),
            (Quantity.THD_VOLTAGE, waves.voltage_thd_ppm, Unit.PERCENT, -4),
            (Quantity.THD_CURRENT, waves.current_thd_ppm, Unit.PERCENT, -4),
        ):
            if amount is not None:
                wanted[present(quantity, phase=Phase(element + 1))] = (amount, unit, scaler)
    for quantity, unbalance in (
        (Quantity.VOLTAGE_UNBALANCE, instrumentation.voltage_unbalance),
        (Quantity.CURRENT_UNBALANCE, instrumentation.current_unbalance),
    ):
        if unbalance is not None:
            wanted[present(quantity)] = (unbalance.negative_ppm, Unit.PERCENT, -4)
    found = {identity: taken.read(identity) for identity in taken.ids()}
    assert {name: (value.value, value.unit, value.scaler) for name, value in found.items()} == wanted
    sound = instrumentation.live.alive and not instrumentation.live.faulty
    assert {bool(value.status & ValueStatus.INVALID) for value in found.values()} <= {not sound}


@given(told, identities, st.sampled_from(Phase), st.sampled_from(Quantity))
def test_nothing_else_is_a_register(
    instrumentation: Instrumentation, drawn: RegisterId, phase: Phase, quantity: Quantity
) -> None:
    part = WaveRegisters(NOW, instrumentation, Fraction(1))
    kept = set(part.ids())
    near = present(quantity, phase=phase)
    others = (drawn, near, near._replace(order=3), near._replace(direction=Direction.NET), near._replace(period=1))
    for identity in (*others, near._replace(kind=Kind.MEAN)):
        assert (part.find(identity) is not None) == (identity in kept)
