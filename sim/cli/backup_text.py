"""The RTC's backup in words: what was taken from it, and how long a cell would last."""

from collections.abc import Sequence

from sim.cli.figures import hours, milliampere_hours, years
from sim.scenario.result import BackupRow


def backup_lines(row: BackupRow) -> Sequence[str]:
    """Two lines, or one for a super-capacitor."""
    name, loss = ("cell", "self-discharge") if row.kind == "cell" else ("super-capacitor", "leakage")
    parts = [f"RTC {milliampere_hours(row.rtc_nah)}", f"{loss} {milliampere_hours(row.loss_nah)}"]
    if row.kind == "cell":
        parts.insert(1, f"tests {milliampere_hours(row.tests_nah)}")
    taken = (
        f"{name}: {', '.join(parts)} of {milliampere_hours(row.capacity_nah)}; RTC on the supply "
        f"{hours(row.supplied_ns)}, on the {name} {hours(row.on_backup_ns)}"
    )
    if row.life_ns is None:
        return [taken]
    return [taken, f"expected life of the cell, by its charge: {years(row.life_ns)}"]
