"""What came out of a run: everything a summary, a machine-readable report or a test asks for. Plain frozen values."""

import enum
from dataclasses import dataclass


class Verdict(enum.Enum):
    HELD = "held"
    """All oracles and expectations held."""
    BROKEN = "broken"
    """One of them did not, or the firmware failed."""
    INVALID = "invalid"
    """A fault never took effect, so the run shows nothing."""


@dataclass(frozen=True, slots=True)
class Check:
    """An oracle, an expectation or a fault's witness: whether it held, and what it has to say.

    `at_ns` is the true instant at which it broke; None if it held or if no one instant is to blame.
    """

    name: str
    held: bool
    message: str
    at_ns: int | None = None


@dataclass(frozen=True, slots=True)
class EnergyRow:
    """A register in nWh (nvarh, nVAh) beside the true energy since the start."""

    name: str
    meter_nwh: int
    true_nwh: int

    @property
    def error_ppm(self) -> int | None:
        """Error in millionths of the true energy, rounded to the nearest; None where there is none."""
        if self.true_nwh == 0:
            return None
        return (2 * (self.meter_nwh - self.true_nwh) * 1_000_000 + self.true_nwh) // (2 * self.true_nwh)


@dataclass(frozen=True, slots=True)
class EventRow:
    """A logged event: the true instant at which it was safe in flash, the meter's own time, and its trust in that."""

    at_ns: int
    event: str
    local_time: str
    clock: str
    detail: int


@dataclass(frozen=True, slots=True)
class TimingRow:
    """A task over all lives of the CPU; times in ns of its clock."""

    task: str
    period_ns: int
    periodic: bool
    jobs: int
    worst_ns: int
    bound_ns: int | None
    missed: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What an optical reading brought: data sets by address, or why there are none. Instants are true ns."""

    id: str
    started_ns: int
    ended_ns: int
    identification: str
    registers: dict[str, tuple[str, ...]]
    problem: str | None


@dataclass(frozen=True, slots=True)
class ConsumptionRow:
    """What one consumer drew from the meter's supply while it was active, with the converter's losses."""

    consumer: str
    active_ns: int
    energy_nwh: int


@dataclass(frozen=True, slots=True)
class BackupRow:
    """What was taken from the RTC's backup since the start, or since it was last replaced: charges in nAh, cut off.

    `life_ns` is how long a new cell would last if it all went on like that, by its charge alone; None for a
    super-capacitor. `loss_nah` is self-discharge or leakage.
    """

    kind: str
    capacity_nah: int
    rtc_nah: int
    tests_nah: int
    loss_nah: int
    supplied_ns: int
    on_backup_ns: int
    life_ns: int | None


@dataclass(frozen=True, slots=True)
class HoldUpRow:
    """The hold-up that the worst save takes, and what the capacitor gives at its worst: full, at the lower end of its
    tolerance and of its life, with the largest draw."""

    needed_ns: int
    given_ns: int


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region of the flash's memory map. `erases_life` is what its sectors see in the meter's life as it was laid out,
    `erases_most` what the run gave the one most erased, `erases_apart` that less the one erased least. None for a
    region that no ring uses."""

    name: str
    first_sector: int
    sectors: int
    erases_life: int | None
    erases_most: int | None
    erases_apart: int | None


@dataclass(frozen=True, slots=True)
class FlashRow:
    """The flash's memory map and its expected life."""

    regions: tuple[RegionRow, ...]
    sectors: int
    spare_permille: int
    erases_allowed: int
    """Of a sector in the meter's life: half of what the part's data sheet gives."""
    life_days: int


@dataclass(frozen=True, slots=True)
class RunResult:
    """The outcome of one run."""

    scenario: str
    title: str
    seed: int
    board: str
    simulated_ns: int
    verdict: Verdict
    energies: tuple[EnergyRow, ...]
    rates: tuple[tuple[int, ...], ...]
    """Time-of-use registers: for each rate the eight energies in nWh."""
    billing_sets: int
    clock_error_ns: int
    """The meter's RTC less true UTC, at the end."""
    events: tuple[EventRow, ...]
    timing: tuple[TimingRow, ...]
    oracles: tuple[Check, ...]
    expectations: tuple[Check, ...]
    faults: tuple[Check, ...]
    readings: tuple[Reading, ...]
    load_gaps: tuple[str, ...]
    """Gaps in a measured load that count as no load, in words."""
    wakes: dict[str, int]
    """How often the CPU left sleep, by cause."""
    cpu_busy_ns: int
    flash_programs: int
    flash_erases: int
    digest: str
    """SHA-256 of the canonical log, without header and seed."""
    consumption: tuple[ConsumptionRow, ...] = ()
    """What the board drew from its supply, by consumer."""
    backup: BackupRow | None = None
    """What the RTC's backup gave."""
    hold_up: HoldUpRow | None = None
    """None if the task that saves has no bound."""
    flash: FlashRow | None = None
    """The flash's memory map and wear."""
