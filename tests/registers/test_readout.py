"""What the optical port shows is what the registers are: through a run, and digit by digit."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.trust import ClockStatus
from firmware.comms import optical
from firmware.comms.readout import read, readout
from firmware.comms.written import data_set
from firmware.core import Core
from firmware.registers import reduced_id
from firmware.registers.energy import SOURCES
from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.snapshot import Snapshot
from firmware.registers.value import GOOD, Stamp, Unit, Value, ValueStatus
from firmware.snapshot import BILLINGS, ENERGY_RATE, snapshot
from protocols.iec62056_21 import DataSet
from tests.acceptance.playing import play, reading, text_of

NOW = Stamp(1_781_503_200, 7_200, ClockStatus.VALID)


@pytest.fixture(scope="module")
def seen() -> list[tuple[list[DataSet], Snapshot, dict[RegisterId, Value], list[DataSet]]]:
    """Of each readout in a run with four ends of billing: the readout, the snapshot, its values at once, and the same
    registers asked for by address."""
    found = []

    def spy(core: Core, utc_s: int) -> list[DataSet]:
        sets, taken = readout(core, utc_s), snapshot(core, utc_s)
        values = {identity: taken.read(identity) for identity in taken.ids()}
        for place, (quantity, direction) in enumerate(SOURCES[:8]):
            for rate, kept in enumerate((core.tariff.totals, *core.tariff.rates)):
                register = RegisterId(quantity, Phase.TOTAL, direction, Kind.ENERGY, rate)
                assert values[register].value == kept[place] * 40 // 10**9
        found.append((sets, taken, values, read(core, utc_s, [one.address for one in sets])))
        assert values[ENERGY_RATE].value == core.tariff.rate
        assert read(core, utc_s, ["9.9.9", "1.8.99", "1.8.9", "1.6.9", "1.8.0*36", "x"]) == []
        assert [one.address for one in read(core, utc_s, ["2.8.0", "F.F", "1.8.0", "2.8.0"])] == [
            "2.8.0",
            "F.F",
            "1.8.0",
        ]
        (net, average) = read(core, utc_s, ["16.8.0", "1.4.0"])
        assert (net.address, average.address) == ("16.8.0", "1.4.0")
        return sets

    sessions = "".join(
        reading(f"r{n}", f"{40 * n}min") + reading(f"b{n}", f"{40 * n + 7}min", "billing-reset") for n in range(1, 5)
    )
    meter = '[meter]\nconnection = "ct"\nct = "200 A / 5 A"\nrated_current = "5 A"\nmaximum_current = "10 A"\n'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optical, "readout", spy)
        play(text_of("2026-06-15T05:00:00+02:00", "4h", meter + '[billing]\nlockout = "0s"\n' + sessions))
    assert len(found) == 4
    return found


def test_every_address_is_shown_once_and_names_its_register(seen) -> None:
    for sets, taken, values, _ in seen:
        addresses = [one.address for one in sets]
        assert len(addresses) == len(set(addresses))
        counter = values[BILLINGS].value
        named = {address: reduced_id.register(address, counter) for address in addresses}
        assert [address for address, identity in named.items() if identity is None] == ["0.0.0", "0.9.1", "0.9.2"]
        for one in sets:
            identity = named[one.address]
            if identity is not None:
                assert one == data_set(one.address, identity, taken.read(identity))
    periods = {identity.period for identity in seen[-1][2]}
    assert periods == {0, 1, 2, 3}


def test_the_rate_in_force_is_shown(seen) -> None:
    assert {values[ENERGY_RATE].value for _, _, values, _ in seen} == {1, 2}


def test_the_order_is_head_running_period_present_and_closed_periods_the_last_first(seen) -> None:
    sets, _, _, _ = seen[-1]
    addresses = [one.address for one in sets]
    assert addresses[:8] == ["F.F", "0.0.0", "0.1.0", "0.9.1", "0.9.2", "C.14.0", "C.2.0", "1.8.0"]
    stars = [address.partition("*")[2] for address in addresses]
    assert list(dict.fromkeys(stars)) == ["", "03", "02", "01"]
    assert stars == sorted(stars, key=["", "03", "02", "01"].index)
    assert (
        addresses.index("1.6.2") < addresses.index("32.7.0") < addresses.index("14.7.0") < addresses.index("0.1.2*03")
    )


def test_nothing_that_is_billed_is_left_out(seen) -> None:
    sets, _, values, _ = seen[-1]
    shown = {one.address for one in sets}
    for identity in values:
        # Reduced ID codes have no name for the second highest demand, and none for a daily freeze.
        if identity.kind in (Kind.ENERGY, Kind.MAXIMUM_DEMAND, Kind.TIME) and identity.rank == 1 and not identity.day:
            assert reduced_id.code(identity, values[BILLINGS].value) in shown


def test_registers_asked_for_are_those_of_the_readout(seen) -> None:
    for sets, _, _, asked in seen:
        assert asked == sets


def test_a_snapshot_stays_as_it_was_whatever_happens_afterwards(seen) -> None:
    for _, taken, values, _ in seen:
        assert {identity: taken.read(identity) for identity in taken.ids()} == values
    first, last = seen[0][2], seen[-1][2]
    total = RegisterId(Quantity.ACTIVE, Phase.TOTAL, Direction.IMPORT, Kind.ENERGY)
    assert first[total].value < last[total].value
    assert 0 < last[total._replace(rate=1)].value != last[total._replace(rate=2)].value > 0


amounts = st.integers(-(10**12), 10**12)
SCALERS = {Unit.VOLT: -6, Unit.AMPERE: -9, Unit.WATT: -6, Unit.HERTZ: -6, Unit.DEGREE: -3, Unit.PERCENT: -4}
DECIMALS = {Unit.VOLT: 1, Unit.AMPERE: 3, Unit.WATT: 3, Unit.HERTZ: 2, Unit.DEGREE: 1, Unit.PERCENT: 1, Unit.COUNT: 3}


def register(kind: Kind, quantity: Quantity = Quantity.ACTIVE) -> RegisterId:
    return RegisterId(quantity, Phase.TOTAL, Direction.NONE, kind)


@given(amounts, st.sampled_from([*SCALERS.items(), (Unit.COUNT, -6)]))
def test_what_is_measured_is_rounded(amount: int, of: tuple[Unit, int]) -> None:
    unit, scaler = of
    shown = data_set("x", register(Kind.INSTANTANEOUS), Value(amount, unit, scaler, GOOD, NOW)).values[0]
    kilo = unit is Unit.WATT
    exact = Decimal(amount).scaleb(scaler - 3 * kilo)
    assert Decimal(shown.text) == exact.quantize(Decimal(1).scaleb(-DECIMALS[unit]), ROUND_HALF_UP)
    symbol = "deg" if unit is Unit.DEGREE else unit.symbol
    assert shown.unit == (f"k{symbol}" if kilo else symbol or None)


@given(amounts, st.integers(-3, 6), st.sampled_from([Kind.ENERGY, Kind.CUMULATIVE_DEMAND, Kind.MAXIMUM_DEMAND]))
def test_what_is_billed_shows_every_digit(amount: int, scaler: int, kind: Kind) -> None:
    shown = data_set("x", register(kind), Value(amount, Unit.VAR, scaler, GOOD, NOW)).values[0]
    assert Decimal(shown.text) == Decimal(amount).scaleb(scaler - 3)
    assert shown.unit == "kvar"
    digits = shown.text.lstrip("-").partition(".")[0]
    assert len(digits) >= (6 if kind is Kind.ENERGY else 3)


def test_stamps_counts_and_states() -> None:
    def text(kind: Kind, quantity: Quantity, amount: int, unit: Unit = Unit.COUNT) -> str:
        return data_set("x", register(kind, quantity), Value(amount, unit, 0, GOOD, NOW)).encode()

    assert text(Kind.TIME, Quantity.BILLING, NOW.utc_s, Unit.SECOND) == "x(2606150800)"
    assert text(Kind.MAXIMUM_DEMAND, Quantity.ACTIVE, 1_234, Unit.WATT) == "x(001.234*kW)(2606150800)"
    assert text(Kind.COUNT, Quantity.BILLING, 107) == "x(07)"
    assert text(Kind.COUNT, Quantity.PROGRAMMING, 107) == "x(0107)"
    assert text(Kind.COUNT, Quantity.POWER_FAILURE, 107) == "x(107)"
    assert text(Kind.STATE, Quantity.STATUS, 0xAB) == "x(000000AB)"
    assert text(Kind.OVER_DURATION, Quantity.ACTIVE, 900, Unit.SECOND) == "x(900*s)"
    empty = Value(0, Unit.WATT, 0, ValueStatus.EMPTY, NOW)
    assert data_set("x", register(Kind.MAXIMUM_DEMAND), empty).encode() == "x(000.000*kW)()"
