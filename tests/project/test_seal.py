"""The legally relevant software is the one that its checksum tells of."""

from firmware.software import CHECKSUM, LEGALLY_RELEVANT, VERSION
from tests.project.seal import ROOT, checksum


def test_the_checksum_is_that_of_the_sources() -> None:
    assert checksum() == CHECKSUM, "the legally relevant software has changed: raise its version, and run `make seal`"


def test_every_part_exists_and_the_version_is_told() -> None:
    assert all((ROOT / part).exists() for part in LEGALLY_RELEVANT)
    assert VERSION
