"""Behind transformers: energy is kept secondary, and shown primary."""

import pytest

from tests.acceptance.playing import play, reading, text_of, wh


@pytest.mark.parametrize(("load", "register", "power"), [("3.6 kW", "1.8.0", "1.7.0"), ("-3.6 kW", "2.8.0", "2.7.0")])
def test_ratios_are_applied_in_the_view_and_nowhere_else(load, register, power):
    """3.6 kW at the meter's terminals for 1,000 s are 1 kWh less the start; behind 200/5 A they are shown as 40."""
    meter = '[meter]\nconnection = "ct"\nct = "200 A / 5 A"\nrated_current = "5 A"\nmaximum_current = "10 A"\n'
    text = text_of(
        "2026-06-15T08:00:00+02:00", "20min", meter + reading("one", "1000s"), load=f'power = "{load}"'
    )
    played = play(text)
    shown = played.registers("one")
    assert float(shown[register][0].removesuffix("*kWh")) == pytest.approx(40, abs=0.2)
    assert shown[power] == ("144.000*kW",)
    assert float(shown["31.7.0"][0].removesuffix("*A")) == pytest.approx(40 * 3600 / 3 / 230, rel=0.001)
    assert shown["32.7.0"] == ("230.0*V",)
    saved = played.saved_at(900 * 10**9 + 10**9).totals
    assert wh(max(saved[0], saved[1])) == pytest.approx(900, abs=1)
