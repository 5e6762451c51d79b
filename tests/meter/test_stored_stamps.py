"""What was stamped keeps its offset, whatever rule is programmed afterwards."""

from firmware.profile.interval import parse_interval
from hal.probe import ProfileRecorded
from tests.programming.field import play, program, scenario

PROFILE = '[profile]\nperiod = "1min"\nchannels = ["A+"]\n'
ZONE = 'settings = { clock = { timezone = { standard = "+05:30" } } }\n'


def test_another_zone_restamps_nothing() -> None:
    """Programmed at 10:04:30 to be half past one: four intervals of a minute are in flash by then."""
    seen = play(scenario(PROFILE + program("p", "270s", ZONE), duration="9min"))
    assert not seen.wrong, seen.wrong
    assert seen.reading("p").problem is None
    held = [parse_interval(record.payload) for record in seen.held("profile")][::-1]
    told = [(one.utc_s, one.offset_s) for one in seen.of(ProfileRecorded)]
    assert [(one.end_s, one.offset_s) for one in held] == told
    before = [one for one in held if one.end_s <= 1_781_510_400 + 240]
    assert len(before) >= 4
    assert {one.offset_s for one in before} == {7_200}
    assert {one.offset_s for one in held[len(before) + 1 :]} == {19_800}
    assert [one.end_s for one in held] == sorted({one.end_s for one in held})
