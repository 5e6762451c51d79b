"""What the optical port shows of the present, held against decimal arithmetic."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.trust import ClockStatus
from firmware.comms.instantaneous import instantaneous
from firmware.metrology.nameplate import AccuracyClass, Connection, Nameplate
from firmware.registers.live import Live
from firmware.registers.snapshot import Snapshot
from firmware.registers.value import Stamp
from hal.frontend import LiveValues, PhaseValues, Wiring

NOTHING = PhaseValues(0, 0, 0, 0, 0)


def nameplate(wiring: Wiring = Wiring.THREE_PHASE_FOUR_WIRE, ct: int = 1, vt: int = 1) -> Nameplate:
    return Nameplate(
        wiring,
        Connection.CURRENT_AND_VOLTAGE_TRANSFORMERS,
        57_700_000,
        5 * 10**9,
        6 * 10**9,
        50_000_000,
        AccuracyClass.CLASS_0_5S,
        10_000,
        Fraction(ct),
        Fraction(vt),
    )


def shown(live: LiveValues, plate: Nameplate) -> dict[str, tuple[Decimal, str | None]]:
    now = Stamp(0, 0, ClockStatus.VALID)
    sets = list(instantaneous(Snapshot(now, [Live(now, live, plate.wiring.elements, plate.ct_ratio, plate.vt_ratio)])))
    assert len({data_set.address for data_set in sets}) == len(sets)
    return {data_set.address: (Decimal(data_set.text), data_set.values[0].unit) for data_set in sets}


def rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


phases = st.builds(
    PhaseValues,
    st.integers(0, 300_000_000),
    st.integers(0, 6 * 10**9),
    st.integers(-(10**10), 10**10),
    st.integers(-(10**10), 10**10),
    st.integers(1, 10**10),
)


@given(st.tuples(phases, phases, phases), st.sampled_from([1, 20, 40]), st.sampled_from([1, 100]))
def test_values_are_primary_signed_by_their_code_and_rounded(
    three: tuple[PhaseValues, PhaseValues, PhaseValues], ct: int, vt: int
) -> None:
    found = shown(LiveValues(three, three[0], 50_030_000), nameplate(ct=ct, vt=vt))
    for element, values in enumerate(three):
        base = 20 * (element + 1)
        assert found[f"{base + 12}.7.0"] == (rounded(Decimal(values.voltage_uv * vt).scaleb(-6), 1), "V")
        assert found[f"{base + 11}.7.0"] == (rounded(Decimal(values.current_na * ct).scaleb(-9), 3), "A")
        for code, power, unit in ((1, values.active_uw, "kW"), (3, values.reactive_uvar, "kvar")):
            size = rounded(Decimal(abs(power) * ct * vt).scaleb(-9), 3)
            assert found[f"{base + code}.7.0"] == (size if power > 0 else 0, unit)
            assert found[f"{base + code + 1}.7.0"] == (size if power < 0 else 0, unit)
        factor = found[f"{base + 13}.7.0"][0]
        assert abs(factor) <= 1
        assert factor == 0 or (factor < 0) == (values.active_uw < 0)
    assert found["14.7.0"] == (Decimal("50.03"), "Hz")


def test_elements_that_are_not_wired_are_not_shown() -> None:
    live = LiveValues((NOTHING, NOTHING, NOTHING), NOTHING, 0)
    three_wire = shown(live, nameplate(Wiring.THREE_PHASE_THREE_WIRE))
    assert {"32.7.0", "72.7.0"} <= set(three_wire)
    assert "52.7.0" not in three_wire
    single = shown(live, nameplate(Wiring.SINGLE_PHASE))
    assert {"52.7.0", "72.7.0"}.isdisjoint(single)
    assert single["13.7.0"] == (0, None)
    assert single["14.7.0"] == (0, "Hz")
