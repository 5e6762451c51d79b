"""The catalogue: every kind of fault, the table with its parameters, and the class that carries it out."""

from collections.abc import Mapping
from typing import Final

from sim.faults import battery, clock, flash, front_end, mains, port, processor, supply, tamper
from sim.faults.fault import Fault
from sim.scenario import fault_tables as tables
from sim.scenario.fault_base import FaultBase

CATALOGUE: Final[Mapping[type[FaultBase], type[Fault]]] = {
    tables.BatteryFail: battery.BatteryFail,
    tables.BatteryLow: battery.BatteryLow,
    tables.BatteryReplace: battery.BatteryReplace,
    tables.SupplyFail: supply.SupplyFail,
    tables.PowerCut: supply.PowerCut,
    tables.SupplyDips: supply.SupplyDips,
    tables.BrownOut: supply.BrownOut,
    tables.CutBurst: supply.CutBurst,
    tables.RtcStop: clock.RtcStop,
    tables.RtcDrift: clock.RtcDrift,
    tables.RtcJump: clock.RtcJump,
    tables.RtcGarbage: clock.RtcGarbage,
    tables.RtcEpoch: clock.RtcEpoch,
    tables.FlashCut: flash.FlashCut,
    tables.FlashTorn: flash.FlashTorn,
    tables.FlashStuck: flash.FlashStuck,
    tables.FlashRot: flash.FlashRot,
    tables.FlashWear: flash.FlashWear,
    tables.FlashMetastable: flash.FlashMetastable,
    tables.FrontEndStuck: front_end.FrontEndStuck,
    tables.FrontEndSaturated: front_end.FrontEndSaturated,
    tables.FrontEndOffset: front_end.FrontEndOffset,
    tables.FrontEndMissing: front_end.FrontEndMissing,
    tables.FrontEndFrozen: front_end.FrontEndFrozen,
    tables.UartNoise: port.UartNoise,
    tables.UartBreak: port.UartBreak,
    tables.UartParity: port.UartParity,
    tables.CpuDrift: processor.CpuDrift,
    tables.TaskOverrun: processor.TaskOverrun,
    tables.TaskHang: processor.TaskHang,
    tables.InputChatter: processor.InputChatter,
    tables.PhaseFail: mains.PhaseFail,
    tables.VoltageFault: mains.VoltageFault,
    tables.CurrentReversed: mains.CurrentReversed,
    tables.CurrentsCrossed: mains.CurrentsCrossed,
    tables.SequenceReversed: mains.SequenceReversed,
    tables.NeutralLost: mains.NeutralLost,
    tables.FrequencyWrong: mains.FrequencyWrong,
    tables.TerminalCoverOpen: tamper.TerminalCoverOpen,
    tables.MainCoverOpen: tamper.MainCoverOpen,
    tables.MagnetHeld: tamper.MagnetHeld,
    tables.ResetPress: tamper.ResetPress,
}
"""In the order in which it is listed."""


def fault_of(table: FaultBase) -> Fault:
    """The fault that a table describes."""
    return CATALOGUE[type(table)](table)
