"""The hold-up and the flash in words: what is needed, what is given, how long it lasts."""

from collections.abc import Sequence

from sim.cli.figures import short
from sim.scenario.result import FlashRow, HoldUpRow


def hold_up_line(row: HoldUpRow) -> str:
    """What the worst save takes, and how many times as much there is."""
    tenths = row.given_ns * 10 // row.needed_ns
    return (
        f"hold-up: needs {short(row.needed_ns)}, capacitor gives {short(row.given_ns)} at its worst "
        f"({tenths // 10}.{tenths % 10} times)"
    )


def flash_lines(row: FlashRow) -> Sequence[str]:
    """The spare and the expected life; the wear of this run, where there was any."""
    rings = [(region.erases_life, region.name) for region in row.regions if region.erases_life is not None]
    worst, name = max(rings)
    years = row.life_days * 100 // 36_525
    apart = max(region.erases_apart or 0 for region in row.regions)
    most = max(region.erases_most or 0 for region in row.regions)
    return [
        f"flash: {row.spare_permille // 10}.{row.spare_permille % 10} % of {row.sectors:,} sectors spare; expected: at "
        f"most {worst:,} erases of a sector ({name}) in {years} years, {row.erases_allowed:,} allowed",
        f"flash wear in this run: at most {most:,} erases of a sector, at most {apart} apart within a ring",
    ]
