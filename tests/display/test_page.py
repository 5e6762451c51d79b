"""Pages against decimal arithmetic in text."""

from collections.abc import Iterable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.trust import ClockStatus
from firmware.display.config import Digits, DisplayConfig, Prefix
from firmware.display.entries import entry
from firmware.display.page import ABSENT, Seen, page
from firmware.load_switch.disconnect import SupplyState
from firmware.registers.identity import Kind, Quantity, RegisterId
from firmware.registers.snapshot import Snapshot
from firmware.registers.states import single
from firmware.registers.value import GOOD, Stamp, Unit, Value, ValueStatus
from firmware.software import CHECKSUM, VERSION
from hal.display import COLUMNS

NOON = Stamp(1_780_308_000, 7_200, ClockStatus.VALID)
"""2026-06-01 12:00:00 in summer, UTC+2."""


class Held:
    """A part of a snapshot with these registers."""

    def __init__(self, values: dict[RegisterId, Value]) -> None:
        self._values = values

    @property
    def kinds(self) -> Iterable[Kind]:
        return {identity.kind for identity in self._values}

    def ids(self) -> Iterable[RegisterId]:
        return self._values

    def find(self, identity: RegisterId) -> Value | None:
        return self._values.get(identity)


def seen(*values: tuple[str, Value]) -> Seen:
    registers: dict[RegisterId, Value] = {}
    for text, value in values:
        identity = entry(text).register
        assert identity is not None
        registers[identity] = value
    return Seen(Snapshot(NOON, [Held(registers)]), "12345678")


def shown(text: str, *values: tuple[str, Value], config: DisplayConfig | None = None) -> tuple[str, str]:
    return page(entry(text), seen(*values), config or DisplayConfig())


DIGITS = st.integers(1, 12).flatmap(
    lambda digits: st.builds(Digits, st.just(digits), st.integers(0, digits - 1), st.sampled_from(Prefix))
)


@given(st.integers(-(10**15), 10**15), st.integers(-3, 6), DIGITS)
def test_an_energy_is_cut_off_rolls_over_and_keeps_its_zeros(amount: int, scaler: int, digits: Digits) -> None:
    config = DisplayConfig(energy=digits)
    top, bottom = shown("1.8.0", ("1.8.0", Value(amount, Unit.WATT_HOUR, scaler, GOOD, NOON)), config=config)
    assert top == f"1.8.0{digits.prefix.symbol + 'Wh':>11}"
    text = bottom.strip()
    whole, _, rest = text.lstrip("-").partition(".")
    assert (len(whole) + len(rest), len(rest)) == (digits.digits, digits.decimals)
    exact = abs(Fraction(amount) * Fraction(10) ** scaler / 10**digits.prefix.value)
    counted = exact.numerator * 10**digits.decimals // exact.denominator
    assert int(whole + rest) == counted % 10**digits.digits
    assert text.startswith("-") is (amount < 0 and counted % 10**digits.digits > 0)


@given(st.integers(0, 10**9))
def test_a_demand_does_not_roll_over(watts: int) -> None:
    top, bottom = shown("1.6.0", ("1.6.0", Value(watts, Unit.WATT, 0, GOOD, NOON)))
    assert top == "1.6.0         kW"
    assert Fraction(bottom.strip()) == Fraction(watts, 1_000)
    assert len(bottom.strip()) >= len("000.000")


@given(st.integers(-(10**9), 10**9))
def test_what_is_measured_is_rounded(microvolts: int) -> None:
    _, bottom = shown("32.7.0", ("32.7.0", Value(microvolts, Unit.VOLT, -6, GOOD, NOON)))
    assert abs(Fraction(bottom.strip()) - Fraction(microvolts, 10**6)) <= Fraction(1, 20)


def test_words_counts_and_stamps() -> None:
    status = Value(0x1A, Unit.COUNT, 0, GOOD, NOON)
    assert shown("F.F", ("F.F", status)) == ("F.F".ljust(16), "0000001A".rjust(16))
    peak = Value(1_234, Unit.WATT, 0, GOOD, NOON)
    assert shown("1.6.0:time", ("1.6.0", peak)) == ("1.6.0:time".ljust(16), "26-06-01 12:00".rjust(16))
    none = Value(0, Unit.WATT, 0, ValueStatus.EMPTY, NOON)
    assert shown("1.6.0:time", ("1.6.0", none))[1] == ABSENT.rjust(16)
    assert shown("1.6.0", ("1.6.0", none))[1] == "000.000".rjust(16)


def test_a_closed_period_bears_its_number() -> None:
    count = single(Quantity.BILLING, Kind.COUNT)
    last, second = entry("1.8.0@1").register, entry("1.6.0@2#3").register
    assert last is not None
    assert second is not None
    held = Held(
        {
            count: Value(107, Unit.COUNT, 0, GOOD, NOON),
            last: Value(5_000, Unit.WATT_HOUR, 0, GOOD, NOON),
            second: Value(7_000, Unit.WATT, 0, GOOD, NOON),
        }
    )
    what = Seen(Snapshot(NOON, [held]), "")
    assert page(entry("1.8.0@1"), what, DisplayConfig()) == ("1.8.0*07     kWh", "000005.000".rjust(16))
    assert page(entry("1.6.0@2#3"), what, DisplayConfig()) == ("1.6.0*06#3    kW", "007.000".rjust(16))


def test_what_is_not_there_or_not_right_shows_dashes() -> None:
    assert shown("1.8.5") == ("1.8.5".ljust(16), ABSENT.rjust(16))
    wrong = Value(230_000_000, Unit.VOLT, -6, ValueStatus.INVALID, NOON)
    assert shown("32.7.0", ("32.7.0", wrong))[1] == ABSENT.rjust(16)


def test_what_is_no_register() -> None:
    what = Seen(Snapshot(NOON, []), "12345678", SupplyState.READY_FOR_RECONNECTION)
    config = DisplayConfig()
    pages = {text: page(entry(text), what, config)[1].strip() for text in ("0.9.1", "0.9.2", "0.0.0", "0.2.0", "0.2.8")}
    assert list(pages.values()) == ["12:00:00", "2026-06-01", "12345678", VERSION, f"{CHECKSUM:08X}"]
    assert page(entry("C.3.10"), what, config) == ("C.3.10".ljust(16), "READY HOLD KEY".rjust(16))
    assert page(entry("segments"), what, config) == ("8" * 16, "8" * 16)
    silent = Seen(Snapshot(NOON, []), "12345678")
    assert page(entry("C.3.10"), silent, config)[1].strip() == ABSENT


@pytest.mark.parametrize("text", [*DisplayConfig().automatic, *DisplayConfig().manual, *DisplayConfig().test])
def test_every_page_fits(text: str) -> None:
    for line in shown(text):
        assert len(line) == COLUMNS
        assert line.isascii()
        assert line.isprintable()
