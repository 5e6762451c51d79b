"""Records that have rotted are a matter of the interval in which they are found."""

from hal.probe import EventLogged, ProfileRecorded
from tests.acceptance.playing import Played, fault, play, text_of

START = "2026-06-15T08:00:00+02:00"


def critical(played: Played) -> list[int]:
    """The stamps of the intervals that say so, UTC in s."""
    return [told.utc_s for _, told in played.of(ProfileRecorded) if "critical-error" in told.status]


def test_the_interval_in_which_flash_was_found_corrupt_says_so() -> None:
    rot = fault("flash-rot", "61min", more='ring = "registers"\nwhere = "newest"\nbits = 20')
    played = play(text_of(START, "3h", rot + fault("power-cut", "62min", "5min")))
    assert played.count("flash-corrupt") == 1
    found = next(entry for _, entry in played.of(EventLogged) if entry.event == "flash-corrupt")
    assert critical(played) == [found.utc_s // 1_800 * 1_800 + 1_800]


def test_a_sound_flash_leaves_no_critical_error() -> None:
    played = play(text_of(START, "3h", fault("power-cut", "62min", "5min")))
    assert played.of(ProfileRecorded)
    assert critical(played) == []
