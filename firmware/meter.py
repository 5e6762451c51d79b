"""The core: a board and a configuration become tasks.

`build` is what a processor runs: it boots the core and adds the tasks that share it.
"""

from firmware.clock.tasks import add_clock, add_housekeeping
from firmware.comms.optical import add_optical
from firmware.config import MeterConfig
from firmware.core import Core
from firmware.display.tasks import add_display
from firmware.events.inputs import add_inputs
from firmware.events.supply_quality import add_supply_quality
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, KernelCosts
from firmware.kernel.supervision import Supervision
from firmware.load_switch.tasks import add_load_switch
from firmware.profile.sampling import add_profile_sampling
from firmware.quality.task import add_quality
from firmware.storage.hold_up import record_pages
from firmware.storage.power_fail import add_power_fail, batch_pages
from firmware.storage.tasks import add_eraser, add_store
from firmware.test_mode.tasks import add_test_mode
from hal.board import Board

KERNEL_COSTS = KernelCosts(dispatch=Cost(300, 500), interrupt=Cost(60, 100))
"""Cycles of a context switch and of an interrupt's entry and exit on a Cortex-M class core; estimates of ours."""

_STORE_PRIORITY = 2


def build(board: Board, config: MeterConfig) -> Kernel:
    """The meter's program for a board."""
    kernel = Kernel(board.probe, costs=KERNEL_COSTS)
    kernel.now = board.processor.now()
    core = Core(kernel, board, config)
    geometry = board.flash.geometry
    save_pages = record_pages(config.save_room_bytes, geometry)
    billing_pages = record_pages(config.billing_room_bytes, geometry)
    part_pages = record_pages(core.store.map.ring("configuration").payload_bytes, geometry)
    urgent_pages = batch_pages(save_pages, billing_pages)
    longest = max(save_pages, billing_pages, part_pages)
    add_profile_sampling(kernel, 12, core)
    core.quality = add_quality(kernel, 20, core)
    # Blocks of samples come oftener than the mains can fail, and go on if they come back while the save is made.
    core.metering.add_tasks(kernel, 0, core.accounting)
    add_power_fail(kernel, 1, core, urgent_pages, max(save_pages, billing_pages), ceiling=_STORE_PRIORITY)
    add_store(kernel, _STORE_PRIORITY, core.store, core.port, longest)
    add_clock(kernel, 3, core)
    add_optical(kernel, 4, core)
    add_inputs(kernel, 5, core)
    add_supply_quality(kernel, 6, core)
    add_housekeeping(kernel, 7, core)
    add_eraser(kernel, 8, core.store, core.port, urgent_pages, longest)
    add_load_switch(kernel, 9, core)
    add_display(kernel, 10, core)
    add_test_mode(kernel, 11, core)
    kernel.supervision = Supervision(board.watchdog, *core.metering.watchdog_window_ns)
    kernel.supervision.start(kernel.now, kernel.tasks)
    return kernel
