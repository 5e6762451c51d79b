"""Control inputs of a whole meter: one selects the rate, one ends the demand period, one ends billing."""

import pytest

from hal.probe import BillingClosed, IntervalClosed
from hal.units import MINUTE, S
from sim.scenario.result import Verdict
from tests.acceptance.playing import Played, at, fault, play, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
START_S = 1_781_503_200
FOUR_RATES = '[tariff]\nrates = 4\nsource = "inputs"\n[tariff.day_profiles]\nd = { "00:00" = 4 }\n'


def energised(which: int, begin: str, lasts: str) -> str:
    return fault("control-energised", begin, lasts, f'input = "control-{which}"')


def held(body: str, duration: str = "2h") -> Played:
    played = play(text_of(START, duration, body))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    return played


def test_two_inputs_select_among_four_rates() -> None:
    body = FOUR_RATES + energised(1, "20min", "40min") + energised(2, "40min", "40min")
    played = held(body)
    assert played.changes() == [(0, 1), (20, 2), (40, 4), (60, 3), (80, 1)]
    saved = played.saved_at(at(1, 50))
    # The last one at 1 h 45 min; 1 Wh a second.
    assert [rate[0] / 10**9 for rate in saved.rates] == pytest.approx([45 * 60, 20 * 60, 20 * 60, 20 * 60], abs=3)
    assert saved.totals[0] == sum(rate[0] for rate in saved.rates)


def test_the_inputs_that_are_energised_at_power_up_select_the_rate() -> None:
    """Off from 08:20 to 08:40; the first input falls off in the dark, the second one stays."""
    outage = fault("supply-fail", "20min", "20min")
    body = FOUR_RATES + energised(1, "5min", "25min") + energised(2, "10min", "80min") + outage
    assert held(body).changes() == [(0, 1), (5, 2), (10, 4), (40, 3), (90, 1)]


def test_an_input_ends_the_demand_period() -> None:
    """Energised at 08:40 for a minute: the period that began at 08:30 ends there, and the next one at 09:00."""
    body = '[demand]\nperiod = "30min"\ninput = "control-1"\n' + energised(1, "40min", "1min")
    played = held(body)
    told = [one for at_ns, one in played.of(IntervalClosed) if at_ns > 30 * MINUTE + 5 * S]
    assert [one.cause for one in told] == ["control-input", "period", "period"]
    assert [one.short for one in told] == [True, True, False]
    ends = [(one.utc_s - START_S) / 60 for one in told]
    assert ends == pytest.approx([40, 60, 90], abs=0.05)


def test_an_input_ends_billing_and_the_lock_out_holds_it_off() -> None:
    billing = '[billing]\nsources = ["input"]\ninput = "control-2"\nlockout = "15min"\n'
    body = billing + energised(2, "20min", "1min") + energised(2, "30min", "1min") + energised(2, "50min", "1min")
    played = held(body)
    sets = [(at_ns // MINUTE, one.causes) for at_ns, one in played.of(BillingClosed)]
    assert sets == [(20, ("input",)), (50, ("input",))]
