"""What is measured now as registers, against rational arithmetic."""

from fractions import Fraction
from math import trunc

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.trust import ClockStatus
from firmware.registers import obis
from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.live import Live, present
from firmware.registers.snapshot import Snapshot
from firmware.registers.value import GOOD, Stamp, Unit, Value, ValueStatus
from hal.frontend import LiveValues, PhaseSequence, PhaseValues, Wiring
from tests.registers.drawing import identities

NOW = Stamp(0, 0, ClockStatus.VALID)
powers = st.integers(-(10**12), 10**12)
phases = st.builds(PhaseValues, st.integers(0, 10**9), st.integers(0, 10**11), powers, powers, st.integers(1, 10**13))
lives = st.builds(
    LiveValues,
    st.tuples(phases, phases, phases),
    phases,
    st.integers(0, 65_000_000),
    st.sampled_from(PhaseSequence),
    st.integers(0, 127),
    st.booleans(),
)
ratios = st.builds(Fraction, st.integers(1, 10_000), st.integers(1, 100))

P, D, Q = Phase, Direction, Quantity
SEQUENCE = RegisterId(Q.PHASE_SEQUENCE, P.TOTAL, D.NONE, Kind.STATE)


def of_powers(values: PhaseValues, phase: Phase, ratio: Fraction, faulty: bool) -> dict[RegisterId, tuple]:
    active, reactive = values.active_uw * ratio, values.reactive_uvar * ratio
    found = {
        present(Q.ACTIVE, D.IMPORT, phase): (max(trunc(active), 0), Unit.WATT),
        present(Q.ACTIVE, D.EXPORT, phase): (max(trunc(-active), 0), Unit.WATT),
        present(Q.REACTIVE, D.IMPORT, phase): (max(trunc(reactive), 0), Unit.VAR),
        present(Q.REACTIVE, D.EXPORT, phase): (max(trunc(-reactive), 0), Unit.VAR),
        present(Q.APPARENT, D.NONE, phase): (trunc(values.apparent_uva * ratio), Unit.VOLT_AMPERE),
    }
    return {identity: (*shown, -6, faulty) for identity, shown in found.items()}


@given(lives, st.sampled_from(Wiring), ratios, ratios)
def test_values_are_primary_and_cut_off(live: LiveValues, wiring: Wiring, ct: Fraction, vt: Fraction) -> None:
    taken = Snapshot(NOW, [Live(NOW, live, wiring.elements, ct, vt)])

    def faulty(*channels: int) -> bool:
        return not live.alive or any(live.faulty >> channel & 1 for channel in channels)

    wanted = of_powers(live.total, P.TOTAL, ct * vt, faulty(0, 1, 2, 3, 4, 5))
    wanted[present(Q.FREQUENCY)] = (live.frequency_uhz, Unit.HERTZ, -6, faulty(0, 1, 2))
    wanted[SEQUENCE] = (list(PhaseSequence).index(live.sequence), Unit.COUNT, 0, faulty(0, 1, 2))
    for element in wiring.elements:
        values, phase = live.phases[element], Phase(element + 1)
        wanted |= of_powers(values, phase, ct * vt, faulty(element, element + 3))
        volts, amperes = trunc(values.voltage_uv * vt), trunc(values.current_na * ct)
        wanted[present(Q.VOLTAGE, phase=phase)] = (volts, Unit.VOLT, -6, faulty(element))
        wanted[present(Q.CURRENT, phase=phase)] = (amperes, Unit.AMPERE, -9, faulty(element + 3))
    found: dict[RegisterId, Value] = {identity: taken.read(identity) for identity in taken.ids()}
    factors = {identity for identity in found if identity.quantity is Q.POWER_FACTOR}
    assert {identity.phase for identity in factors} == {P.TOTAL, *(Phase(one + 1) for one in wiring.elements)}
    assert {
        identity: (value.value, value.unit, value.scaler, value.status is not GOOD)
        for identity, value in found.items()
        if identity not in factors
    } == wanted
    assert all(value.status in (GOOD, ValueStatus.INVALID) for value in found.values())
    net = taken.read(present(Q.ACTIVE, D.NET))
    assert net.value == trunc(live.total.active_uw * ct * vt)
    assert all(obis.code(identity, 0) is not None for identity in found if identity != SEQUENCE)


@given(lives, st.sampled_from(Wiring), identities, st.sampled_from(Phase), st.sampled_from(Quantity))
def test_nothing_else_is_a_register(
    live: LiveValues, wiring: Wiring, drawn: RegisterId, phase: Phase, quantity: Quantity
) -> None:
    part = Live(NOW, live, wiring.elements, Fraction(1), Fraction(1))
    kept = set(part.ids())
    kept |= {identity._replace(direction=D.NET) for identity in kept if identity.quantity in (Q.ACTIVE, Q.REACTIVE)}
    for direction in Direction:
        near = present(quantity, direction, phase)
        for identity in (near, near._replace(rate=1), near._replace(kind=Kind.STATE), near._replace(rank=2), drawn):
            assert (part.find(identity) is not None) == (identity in kept), identity.text
