"""All tables `[[fault]]`: what goes wrong, and when. One model a kind; `kind` tells them apart.

A table holds all parameters of its kind; the class in `sim.faults` that carries it out is given the table, and
`sim.faults.catalogue` says which class that is. The docstring is what the catalogue prints.
"""

from typing import Annotated

from pydantic import Field

from sim.scenario.flash_faults import (
    FlashCut,
    FlashMetastable,
    FlashRot,
    FlashStuck,
    FlashTorn,
    FlashWear,
)
from sim.scenario.input_faults import ControlEnergised
from sim.scenario.measuring_faults import (
    CurrentReversed,
    CurrentsCrossed,
    FrequencyWrong,
    FrontEndFrozen,
    FrontEndMissing,
    FrontEndOffset,
    FrontEndSaturated,
    FrontEndStuck,
    NeutralLost,
    PhaseFail,
    SequenceReversed,
    VoltageFault,
)
from sim.scenario.power_faults import (
    BatteryFail,
    BatteryLow,
    BatteryReplace,
    BrownOut,
    CutBurst,
    PowerCut,
    RtcDrift,
    RtcEpoch,
    RtcGarbage,
    RtcJump,
    RtcStop,
    SupplyDips,
    SupplyFail,
)
from sim.scenario.processor_faults import (
    CpuDrift,
    InputChatter,
    TaskHang,
    TaskOverrun,
    UartBreak,
    UartNoise,
    UartParity,
)
from sim.scenario.relay_faults import RelayWelded
from sim.scenario.tamper_faults import (
    MagnetHeld,
    MainCoverOpen,
    ResetPress,
    TerminalCoverOpen,
)

FaultTable = Annotated[
    BatteryFail
    | BatteryLow
    | BatteryReplace
    | SupplyFail
    | PowerCut
    | SupplyDips
    | BrownOut
    | CutBurst
    | RtcStop
    | RtcDrift
    | RtcJump
    | RtcGarbage
    | RtcEpoch
    | FlashCut
    | FlashTorn
    | FlashStuck
    | FlashRot
    | FlashWear
    | FlashMetastable
    | FrontEndStuck
    | FrontEndSaturated
    | FrontEndOffset
    | FrontEndMissing
    | FrontEndFrozen
    | UartNoise
    | UartBreak
    | UartParity
    | CpuDrift
    | TaskOverrun
    | TaskHang
    | InputChatter
    | PhaseFail
    | VoltageFault
    | CurrentReversed
    | CurrentsCrossed
    | SequenceReversed
    | NeutralLost
    | FrequencyWrong
    | TerminalCoverOpen
    | MainCoverOpen
    | MagnetHeld
    | ResetPress
    | ControlEnergised
    | RelayWelded,
    Field(discriminator="kind"),
]
