"""What storage asks of the board, and what it does to it: the hold-up needed and given, the memory map, the wear."""

from firmware.storage import hold_up as storage_hold_up
from firmware.storage import memory_map
from firmware.storage.memory_map import METER, RingLayout, plan
from firmware.storage.store import RINGS
from hal.flash import FlashGeometry
from sim.bench import Bench
from sim.devices.supply import worst_hold_up_ns
from sim.scenario.result import FlashRow, HoldUpRow, RegionRow, TimingRow

TASK = "power-fail"
"""Of the firmware: what saves at power fail."""


def needed_ns(geometry: FlashGeometry, bound_ns: int, profiles: int = 1) -> int:
    """The hold-up that the worst save takes, if the task that makes it has this bound; each load profile but the first
    has a ring of its own."""
    return storage_hold_up.needed_ns(geometry, len(RINGS) + profiles - 1, bound_ns)


def hold_up(bench: Bench, timing: tuple[TimingRow, ...]) -> HoldUpRow | None:
    """None if the task that saves at power fail has no bound."""
    bound_ns = next((row.bound_ns for row in timing if row.task == TASK), None)
    if bound_ns is None:
        return None
    parts = bench.board.parts
    needed = needed_ns(bench.board.flash.geometry, bound_ns, len(bench.setting.config.profiles))
    return HoldUpRow(needed, worst_hold_up_ns(parts.supply, parts.draw.most_uw))


def flash(bench: Bench) -> FlashRow:
    """The map as the firmware lays it out for this part, with the erases of this run."""
    part = bench.board.flash
    layout = plan(METER, part.geometry)
    rows = []
    for wanted, region in zip(METER, layout.regions, strict=True):
        life = most = apart = None
        if isinstance(wanted, RingLayout):
            life = memory_map.erases_in_life(wanted, layout.ring(wanted.name))
            erases = [part.wear(sector) for sector in range(region.first_sector, region.first_sector + region.sectors)]
            most, apart = max(erases), max(erases) - min(erases)
        rows.append(RegionRow(region.name, region.first_sector, region.sectors, life, most, apart))
    return FlashRow(tuple(rows), layout.sectors, layout.spare_permille, memory_map.ERASES_MOST, memory_map.LIFE_DAYS)
