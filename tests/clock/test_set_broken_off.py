"""A clock set that a power cut breaks off, and an outage longer than the step: two times are possible by the RTC."""

import pytest

from hal.probe import ClockChanged, RegistersSaved
from hal.units import HOUR, US, S
from sim.scenario.result import Verdict
from tests.acceptance.playing import fault, play, reading, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
SET = '[clock]\nbattery_failure = "reset"\n'


@pytest.mark.parametrize("offset", ["1h", "-1h"])
@pytest.mark.parametrize(
    ("save", "off_us", "doubtful"), [(0, -3_000, False), (0, 1, True), (1, -5_000, True), (1, 1, False)]
)
def test_the_clock_is_as_set_or_in_doubt_or_was_never_set(offset: str, save: int, off_us: int, doubtful: bool) -> None:
    """The cut comes before the save of the set, after it, before and after the next, which says that the RTC is set;
    the cover of the main terminal is closed afterwards, and the event bears the status of the clock."""
    body = SET + reading("set", "1h10min", "set-clock", offset=offset)
    body += fault("main-cover-open", "1h9min", "5h")
    clean = play(text_of(START, "7h", body))
    ((set_ns, _),) = clean.of(ClockChanged)
    whole_ns = [at_ns for at_ns, _ in clean.of(RegistersSaved) if at_ns > set_ns][save]
    body += fault("power-cut", f"{whole_ns + off_us * US}ns", "4h")
    played = play(text_of(START, "7h", body))
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    error_ns = played.result.clock_error_ns
    was_set = abs(error_ns - (HOUR if offset == "1h" else -HOUR)) < 2 * S
    assert was_set or abs(error_ns) < 2 * S
    assert was_set is (save > 0 or off_us > 0)
    assert played.count("clock-doubtful") == doubtful
    clock = [row.clock for row in played.result.events if row.event == "main-cover-closed"]
    assert clock == ["doubtful" if doubtful else "valid"]
    assert (played.count("clock-restored"), played.billing()) == (0, [])
