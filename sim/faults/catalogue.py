"""The catalogue: every kind of fault, the table with its parameters, and the class that carries it out."""

from collections.abc import Mapping
from typing import Final

from sim.faults import (
    battery,
    clock,
    flash,
    flash_wear,
    front_end,
    inputs,
    mains,
    port,
    processor,
    relay,
    supply,
    tamper,
)
from sim.faults.fault import Fault
from sim.scenario import (
    flash_faults,
    input_faults,
    measuring_faults,
    power_faults,
    processor_faults,
    relay_faults,
    tamper_faults,
)
from sim.scenario.fault_base import FaultBase

CATALOGUE: Final[Mapping[type[FaultBase], type[Fault]]] = {
    power_faults.BatteryFail: battery.BatteryFail,
    power_faults.BatteryLow: battery.BatteryLow,
    power_faults.BatteryReplace: battery.BatteryReplace,
    power_faults.SupplyFail: supply.SupplyFail,
    power_faults.PowerCut: supply.PowerCut,
    power_faults.SupplyDips: supply.SupplyDips,
    power_faults.BrownOut: supply.BrownOut,
    power_faults.CutBurst: supply.CutBurst,
    power_faults.RtcStop: clock.RtcStop,
    power_faults.RtcDrift: clock.RtcDrift,
    power_faults.RtcJump: clock.RtcJump,
    power_faults.RtcGarbage: clock.RtcGarbage,
    power_faults.RtcEpoch: clock.RtcEpoch,
    flash_faults.FlashCut: flash.FlashCut,
    flash_faults.FlashTorn: flash.FlashTorn,
    flash_faults.FlashStuck: flash.FlashStuck,
    flash_faults.FlashRot: flash.FlashRot,
    flash_faults.FlashWear: flash_wear.FlashWear,
    flash_faults.FlashMetastable: flash.FlashMetastable,
    measuring_faults.FrontEndStuck: front_end.FrontEndStuck,
    measuring_faults.FrontEndSaturated: front_end.FrontEndSaturated,
    measuring_faults.FrontEndOffset: front_end.FrontEndOffset,
    measuring_faults.FrontEndMissing: front_end.FrontEndMissing,
    measuring_faults.FrontEndFrozen: front_end.FrontEndFrozen,
    processor_faults.UartNoise: port.UartNoise,
    processor_faults.UartBreak: port.UartBreak,
    processor_faults.UartParity: port.UartParity,
    processor_faults.CpuDrift: processor.CpuDrift,
    processor_faults.TaskOverrun: processor.TaskOverrun,
    processor_faults.TaskHang: processor.TaskHang,
    processor_faults.InputChatter: processor.InputChatter,
    measuring_faults.PhaseFail: mains.PhaseFail,
    measuring_faults.VoltageFault: mains.VoltageFault,
    measuring_faults.CurrentReversed: mains.CurrentReversed,
    measuring_faults.CurrentsCrossed: mains.CurrentsCrossed,
    measuring_faults.SequenceReversed: mains.SequenceReversed,
    measuring_faults.NeutralLost: mains.NeutralLost,
    measuring_faults.FrequencyWrong: mains.FrequencyWrong,
    tamper_faults.TerminalCoverOpen: tamper.TerminalCoverOpen,
    tamper_faults.MainCoverOpen: tamper.MainCoverOpen,
    tamper_faults.MagnetHeld: tamper.MagnetHeld,
    tamper_faults.ResetPress: tamper.ResetPress,
    input_faults.ControlEnergised: inputs.ControlEnergised,
    relay_faults.RelayWelded: relay.RelayWelded,
}
"""In the order in which it is listed."""


def fault_of(table: FaultBase) -> Fault:
    """The fault that a table describes."""
    return CATALOGUE[type(table)](table)
