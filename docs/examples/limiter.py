"""A load limiter: two tasks on a board with a metering IC."""

from dataclasses import dataclass

from firmware.config import MeterConfig
from firmware.kernel.kernel import Kernel
from firmware.kernel.sources import Mailbox
from firmware.kernel.spec import (
    Cost,
    InterruptSpec,
    KernelCosts,
    Periodic,
    Segment,
    Sporadic,
    TaskSpec,
    exactly,
)
from firmware.kernel.task import Task
from hal.board import Board
from hal.frontend import MeteringFrontEnd
from hal.outputs import Output
from hal.probe import Record
from hal.processor import Line
from hal.units import MS, S

LIMIT_UW = 600 * 1_000_000
"""The load is disconnected above 600 W."""

COSTS = KernelCosts(dispatch=Cost(300, 500), interrupt=Cost(60, 100))
SENSE = Cost(1_500, 4_000)
PREPARE = Cost(2_000, 5_000)
CONFIRM = Cost(500, 1_000)


@dataclass(frozen=True, slots=True)
class LoadShed(Record):
    """The load was disconnected, and flash says so: how many times by now, at this power."""

    times: int
    power_uw: int


def build(board: Board, config: MeterConfig) -> Kernel:
    """What `firmware = "limiter:build"` names."""
    front_end = board.front_end
    if not isinstance(front_end, MeteringFrontEnd):
        raise ValueError('the limiter needs a metering front end: board = "afe"')
    nameplate = config.nameplate
    front_end.configure(nameplate.wiring, nameplate.start_power_uw, nameplate.pulse_energy_nwh)

    kernel = Kernel(board.probe, costs=COSTS)
    shed: Mailbox[int] = kernel.mailbox("shed", 4)
    programmed = kernel.signal()

    async def sense(task: Task) -> None:
        connected = True
        board.outputs.set(Output.RELAY, connected)
        while True:
            await task.release()
            power_uw = front_end.live().total.active_uw
            await task.work(SENSE)
            wanted = power_uw <= LIMIT_UW
            if wanted != connected:
                connected = wanted
                board.outputs.set(Output.RELAY, connected)
                if not connected:
                    shed.put(power_uw, task.released_ns)

    async def note(task: Task) -> None:
        times = 0
        while True:
            power_uw = await task.release_on(shed)
            if power_uw is None:
                continue  # only a timeout brings None, and none was asked for
            await task.work(PREPARE)
            board.flash.program(256 * times, power_uw.to_bytes(8, "little"))
            await task.wait_for(programmed)
            await task.work(CONFIRM)
            times += 1
            board.probe.publish(LoadShed(times, power_uw))

    kernel.add(TaskSpec("sense", 0, Periodic(S), 10 * MS, (Segment(SENSE),)), sense)
    trigger = Sporadic(S, jitter_ns=MS)
    segments = (Segment(PREPARE), Segment(CONFIRM))
    waits = (board.flash.geometry.program_worst_ns,)
    kernel.add(TaskSpec("note", 1, trigger, 50 * MS, segments, waits), note)
    kernel.attach(InterruptSpec(Line.FLASH, exactly(100), 100_000), programmed.raise_at)
    return kernel
