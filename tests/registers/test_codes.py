"""Codes of protocols: each register has at most one in each table, no code has two, and published codes are right."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.registers import c1219, obis, reduced_id
from firmware.registers.c1219 import Element, Segmentation, Source, TimeBase, UnitOfMeasure
from firmware.registers.identity import Kind, RegisterId
from firmware.registers.obis import Obis
from firmware.registers.value import Unit
from tests.registers.catalogue import CODES, COUNTER, ENTRIES, NOT_OURS, UNITS
from tests.registers.drawing import every_base, identities

counters = st.integers(0, 300)


@pytest.mark.parametrize("code", CODES)
def test_published_codes(code: str) -> None:
    full, identity = CODES[code]
    found = obis.code(identity, COUNTER)
    assert found is not None
    assert found.text == full
    assert obis.register(found, COUNTER) == identity
    assert reduced_id.code(identity, COUNTER) == code
    assert reduced_id.register(code, COUNTER) == identity


@pytest.mark.parametrize("code", NOT_OURS)
def test_codes_of_no_register(code: str) -> None:
    assert reduced_id.register(code, COUNTER) is None


def test_units_have_their_cosem_codes() -> None:
    assert {unit.symbol: (int(unit), unit) for unit in Unit} == UNITS


@pytest.mark.parametrize("entry", ENTRIES)
def test_published_units_of_measure(entry: int) -> None:
    source = c1219.source(ENTRIES[entry])
    assert source is not None
    assert source.unit.packed() == entry
    assert UnitOfMeasure.unpacked(entry) == source.unit


def test_no_two_registers_share_a_code() -> None:
    for code_of in (
        lambda identity: obis.code(identity, COUNTER),
        lambda identity: reduced_id.code(identity, COUNTER),
        c1219.source,
    ):
        codes: dict[object, RegisterId] = {}
        for identity in every_base():
            code = code_of(identity)
            if code is not None:
                assert codes.setdefault(code, identity) == identity, code
        assert len(codes) > 500


@settings(max_examples=300)
@given(identities, counters)
def test_a_code_leads_back_to_its_register(identity: RegisterId, counter: int) -> None:
    full, reduced, source = (
        obis.code(identity, counter),
        reduced_id.code(identity, counter),
        c1219.source(identity),
    )
    assert (full is None) == (reduced is None)
    if full is not None and reduced is not None:
        assert obis.register(full, counter) == identity
        assert reduced_id.register(reduced, counter) == identity
        assert reduced_id.parsed(reduced) == full
    if source is not None:
        assert c1219.register(source) == identity


@settings(max_examples=300)
@given(
    st.builds(
        Obis,
        st.sampled_from([0, 1, 2]),
        st.sampled_from([0, 1]),
        st.integers(0, 255),
        st.sampled_from([2, 4, 5, 6, 7, 8, 14, 23, 25, 26, 32, 36, 40]) | st.integers(0, 255),
        st.integers(0, 70) | st.integers(0, 255),
        st.just(255) | st.integers(0, 255),
    ),
    counters,
)
def test_a_register_leads_back_to_its_code(code: Obis, counter: int) -> None:
    identity = obis.register(code, counter)
    if identity is not None:
        assert obis.code(identity, counter) == code
        reduced = reduced_id.text(code)
        assert reduced_id.register(reduced, counter) == identity


def test_every_code_of_the_running_period_leads_to_a_register_and_back() -> None:
    electricity = ((1, c, d) for c in range(256) for d in (*range(2, 9), 14, *range(23, 27), *range(31, 44)))
    abstract = ((0, c, d) for c in (0, 96, 97, 98) for d in range(128))
    found = 0
    for a, c, d in (*electricity, *abstract):
        for e in (*range(28), 40, 41, 63, 64, 124):
            identity = obis.register(Obis(a, 0, c, d, e), 0)
            if identity is not None:
                found += 1
                assert obis.code(identity, 0) == (a, 0, c, d, e, 255)
    assert found > 10_000


units_of_measure = st.builds(
    UnitOfMeasure,
    st.sampled_from([0, 1, 2, 8, 12, 16, 20, 22, 24, 33]) | st.integers(0, 255),
    st.sampled_from(TimeBase),
    st.sampled_from([0, 0b1001, 0b0110, 0b1111]) | st.integers(0, 15),
    st.booleans(),
    st.sampled_from(Segmentation),
    st.booleans(),
    st.integers(0, 7),
    st.integers(0, 31),
    st.booleans(),
)


@given(units_of_measure)
def test_a_unit_of_measure_is_32_bits_and_back(unit: UnitOfMeasure) -> None:
    packed = unit.packed()
    assert 0 <= packed < 1 << 32
    assert UnitOfMeasure.unpacked(packed) == unit


@pytest.mark.parametrize("entry", [1 << 28, 1 << 30, 1 << 32, -1])
def test_reserved_bits_are_refused(entry: int) -> None:
    with pytest.raises(ValueError, match="reserved"):
        UnitOfMeasure.unpacked(entry)


@settings(max_examples=300)
@given(
    st.builds(
        Source,
        st.builds(
            UnitOfMeasure,
            st.sampled_from([0, 1, 2, 8, 12, 16, 20, 22, 24, 33, 34]),
            st.sampled_from([TimeBase.BULK, TimeBase.PERIOD, TimeBase.BLOCK_AVERAGE, TimeBase.THERMAL]),
            st.integers(0, 15),
            st.booleans(),
            st.sampled_from(Segmentation),
            own=st.booleans(),
        ),
        st.sampled_from(Element),
        st.integers(0, 9),
        st.integers(0, 5),
        st.integers(0, 37),
    )
)
def test_a_register_leads_back_to_its_source(source: Source) -> None:
    identity = c1219.register(source)
    if identity is not None:
        assert c1219.source(identity) == source


def test_what_is_measured_now_has_no_tier_and_no_reading() -> None:
    for kind in (Kind.INSTANTANEOUS, Kind.AVERAGE_DEMAND, Kind.LAST_AVERAGE):
        identity = RegisterId(*CODES["1.8.0"][1][:3], kind)
        assert c1219.source(identity) is not None
        for other in (identity._replace(period=1), identity._replace(rate=1), identity._replace(rank=2)):
            assert c1219.source(other) is None


def test_thermal_demand_has_its_own_time_base() -> None:
    identity = RegisterId(*next(iter(ENTRIES.values()))[:3], Kind.MAXIMUM_DEMAND, 3, 2, 5)
    source = c1219.source(identity, TimeBase.THERMAL)
    assert source is not None
    assert source.unit.time_base is TimeBase.THERMAL
    assert (source.tier, source.occurrence, source.reading) == (3, 4, 2)
    assert c1219.register(source, TimeBase.THERMAL) == identity
    assert c1219.register(source) is None
