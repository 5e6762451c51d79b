"""What a run used: energy from the supply by consumer, and charge from the RTC's backup."""

from hal.units import HOUR
from sim.bench import Bench
from sim.devices.backup_part import CellPart
from sim.devices.battery import BackupUse
from sim.devices.draw import FJ_PER_NWH
from sim.scenario.result import BackupRow, ConsumptionRow


def consumption(bench: Bench) -> tuple[ConsumptionRow, ...]:
    """By consumer, from the start until now."""
    return tuple(
        ConsumptionRow(row.consumer, row.active_ns, row.energy_fj // FJ_PER_NWH)
        for row in bench.board.draw.by_consumer()
    )


def backup(bench: Bench) -> BackupRow:
    """From the start, or from the last replacement, until now."""
    part, use = bench.board.parts.backup, bench.board.cell.use()
    is_cell = isinstance(part, CellPart)
    return BackupRow(
        kind="cell" if is_cell else "super-capacitor",
        capacity_nah=bench.board.cell.full // HOUR,
        rtc_nah=use.rtc // HOUR,
        tests_nah=use.tests // HOUR,
        loss_nah=use.lost // HOUR,
        supplied_ns=use.supplied_ns,
        on_backup_ns=use.on_backup_ns,
        life_ns=life_ns(bench.board.cell.full, use) if is_cell else None,
    )


def life_ns(full: int, use: BackupUse) -> int | None:
    """How long a charge of `full` lasts at the mean current of this use; None where nothing was taken."""
    taken = use.rtc + use.tests + use.lost
    return full * (use.supplied_ns + use.on_backup_ns) // taken if taken else None
