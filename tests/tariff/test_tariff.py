"""The tariff about the seconds at which it changes: told late, set over, saved and resumed."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.civil_clock import ClockStatus
from firmware.demand.config import DemandConfig, MaximumDemand
from firmware.demand.interval import Interval
from firmware.demand.period import OnRateChange
from firmware.save import LayoutError, MeterState, SaveReason, build_state, parse_state, state_bytes
from firmware.status_word import Status
from firmware.tariff.billing import BillingSet, BillingSource
from firmware.tariff.calendar import Calendar, DayProfile, Season, Switch, Week
from firmware.tariff.config import TariffConfig
from firmware.tariff.layout import build_tariff, tariff_bytes
from firmware.tariff.tariff import Tariff, TariffRules

ZONE = Zone(3_600)
MIDNIGHT = ZONE.utc(2026, 3, 1)
EIGHT = (0,) * 8


def rules(rates: int = 2, on_rate_change: OnRateChange = OnRateChange.WAIT) -> TariffRules:
    day = DayProfile("day", (Switch(0, rates), Switch(360, 1), Switch(1_320, rates)))
    calendar = Calendar(rates, (day,), (Week("week", *["day"] * 7),), (Season("all", 1, 1, "week"),))
    maxima = tuple(MaximumDemand(0, rate) for rate in range(calendar.rates + 1))
    return TariffRules(calendar, ZONE, DemandConfig(900, on_rate_change=on_rate_change, maxima=maxima))


def sets(outcomes: list) -> list[BillingSet]:
    return [outcome for outcome in outcomes if isinstance(outcome, BillingSet)]


@given(st.integers(-5, 5), st.integers(-400, 4_000_000))
def test_a_clock_set_about_a_billing_date_ends_billing_exactly_once(before: int, by: int) -> None:
    """Wherever the clock stood and wherever it is set, midnight of the first ends the month once, now or when it
    comes: never twice, and never not at all."""
    tariff = Tariff(rules(), MIDNIGHT - 900)
    made: list[BillingSet] = []
    now = MIDNIGHT + before
    while (due := tariff.next_boundary(min(now, MIDNIGHT - 1))) < min(now, MIDNIGHT):
        made += sets(tariff.boundary(due))
    if before > 0:
        made += sets(tariff.boundary(MIDNIGHT))
    after = now + by
    made += sets(tariff.clock_set(now, after))
    told = after
    while told < MIDNIGHT + 60:
        told = tariff.next_boundary(told)
        made += sets(tariff.boundary(told))
    if after < MIDNIGHT + 28 * 86_400:
        assert [one.scheduled_s for one in made] == [MIDNIGHT]
    else:
        assert len(made) <= 2


@given(st.integers(1, 5), st.lists(st.integers(-86_400, 86_400), min_size=1, max_size=6))
def test_a_clock_set_to_and_fro_over_a_billing_date_ends_billing_once(after: int, places: list[int]) -> None:
    """Midnight has come and ended the month; however the clock is then set about it, it does not come again."""
    tariff = Tariff(rules(), MIDNIGHT - 900)
    made = sets(tariff.boundary(MIDNIGHT))
    now = MIDNIGHT + after
    for place in places:
        made += sets(tariff.clock_set(now, MIDNIGHT + place))
        now = MIDNIGHT + place
        told = tariff.next_boundary(now)
        made += sets(tariff.boundary(told))
        now = told
    assert [one.scheduled_s for one in made] == [MIDNIGHT]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 10**9)), max_size=40), st.integers(1, 8))
def test_a_state_saved_and_resumed_is_the_same_and_sums_to_its_total(steps: list[tuple[int, int]], rates: int) -> None:
    tariff, now = Tariff(rules(), MIDNIGHT - 5_000), MIDNIGHT - 5_000
    for what, amount in steps:
        tariff.count((amount, 0, amount // 3, 0, 0, 0, amount, 0))
        if what == 0:
            now = tariff.next_boundary(now)
            tariff.boundary(now)
        elif what == 1:
            tariff.end_billing(BillingSource.OPTICAL, now)
    saved = MeterState(
        SaveReason.PERIOD, now * 1_000_000_000 + 7, ClockStatus.VALID, Status(0), 0, False, False, tariff.state(now)
    )
    data = build_state(saved)
    assert len(data) <= state_bytes(TariffConfig(), rules().demand, 2)
    assert len(build_tariff(saved.tariff)) == tariff_bytes(TariffConfig(), rules().demand, 2)
    assert parse_state(data) == saved
    for cut in (0, 1, len(data) - 1):
        try:
            parse_state(data[:cut])
        except LayoutError:
            continue
        raise AssertionError(f"{cut} of {len(data)} bytes were taken for a state")
    other, _ = Tariff.resume(rules(rates), saved.tariff, now)
    assert other.totals == list(saved.tariff.totals)
    assert [sum(kind) for kind in zip(*other.rates, strict=True)] == other.totals[:8]


def intervals(outcomes: list) -> list[Interval]:
    return [outcome for outcome in outcomes if isinstance(outcome, Interval)]


def eighths(switch_minute: int, on_rate_change: OnRateChange) -> TariffRules:
    """Rate 2 from a minute of the day on that ends no period, rate 1 before it."""
    day = DayProfile("day", (Switch(0, 1), Switch(switch_minute, 2)))
    calendar = Calendar(2, (day,), (Week("week", *["day"] * 7),), (Season("all", 1, 1, "week"),))
    maxima = tuple(MaximumDemand(0, rate) for rate in range(calendar.rates + 1))
    return TariffRules(calendar, ZONE, DemandConfig(900, on_rate_change=on_rate_change, maxima=maxima))


@given(st.sampled_from(OnRateChange), st.integers(60, 899), st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_rate_that_changed_in_an_outage_ends_the_period_as_one_that_is_seen_to_change(
    on_rate_change: OnRateChange, back: int, before: int, after: int
) -> None:
    """Power fails 30 s into a period, the rate changes 60 s into it, and power is back within it."""
    noon = MIDNIGHT + 12 * 3_600
    tariff = Tariff(eighths(721, on_rate_change), noon)
    tariff.count((before, *EIGHT[1:]))
    resumed, outcomes = Tariff.resume(eighths(721, on_rate_change), tariff.state(noon + 30), noon + back)
    assert resumed.rate == 2
    resumed.count((after, *EIGHT[1:]))
    ended = intervals(outcomes) + intervals(resumed.boundary(noon + 900))
    if on_rate_change is OnRateChange.END:
        assert [(one.rate, one.energies[0], one.short) for one in ended] == [(1, before, True), (2, after, True)]
    else:
        assert [(one.rate, one.energies[0], one.short) for one in ended] == [(1, before + after, True)]


@given(st.sampled_from(OnRateChange), st.integers(1, 899))
def test_a_release_into_another_rate_ends_the_period_as_any_change_of_rate(
    on_rate_change: OnRateChange, into: int
) -> None:
    noon = MIDNIGHT + 12 * 3_600
    tariff = Tariff(eighths(721, on_rate_change), noon)
    tariff.frozen = True
    released = noon + 900 + into
    tariff.boundary(noon + 900)
    assert [one.end_s for one in intervals(tariff.release(released))] == (
        [released] if on_rate_change is OnRateChange.END else []
    )
    assert tariff.rate == 2


@given(st.integers(0, 5), st.booleans())
def test_a_clock_slewed_back_before_the_begin_of_its_interval_may_be_set(back: int, sets_it: bool) -> None:
    """A programming began an interval just before a step back, and the next command comes within these seconds."""
    noon = MIDNIGHT + 12 * 3_600
    tariff = Tariff(rules(), noon)
    tariff.programmed(rules(), noon + 19)
    tariff.count((7, *EIGHT[1:]))
    now = noon + 19 - back
    ended = intervals(tariff.clock_set(now, now + 7_200) if sets_it else tariff.programmed(rules(), now))
    assert [(one.energies[0], one.short) for one in ended] == [(7, True)]
