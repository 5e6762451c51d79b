"""A snapshot of the running meter: where its registers come from."""

from typing import TYPE_CHECKING, Final

from firmware.events.tally import Tally
from firmware.registers.billing import Kept, closed_periods, frozen_days
from firmware.registers.demand import each_average
from firmware.registers.energy import units
from firmware.registers.identity import Kind, Quantity, RegisterId
from firmware.registers.live import Live
from firmware.registers.periods import Periods
from firmware.registers.snapshot import Snapshot
from firmware.registers.states import States, single
from firmware.registers.value import Stamp
from firmware.registers.view import View
from firmware.registers.waves import WaveRegisters
from firmware.status_word import status_word

if TYPE_CHECKING:
    from firmware.core import Core

BILLINGS: Final = single(Quantity.BILLING, Kind.COUNT)
"""The billing period counter: how many periods were closed."""
ENERGY_RATE: Final = single(Quantity.ENERGY_RATE, Kind.STATE)
DEMAND_RATE: Final = single(Quantity.DEMAND_RATE, Kind.STATE)
PROGRAMMINGS: Final = single(Quantity.PROGRAMMING, Kind.COUNT)
STATUS: Final = single(Quantity.STATUS, Kind.STATE)
ALARMS: Final = single(Quantity.ALARM, Kind.STATE)
POWER_FAILURES: Final = single(Quantity.POWER_FAILURE, Kind.COUNT)



def snapshot(core: "Core", utc_s: int) -> Snapshot:
    """Everything that can be read of the meter now, at `utc_s` by its clock.

    Energy is what has been counted; whoever wants that of this very instant has the front end caught up first.
    """
    tariff, nameplate, zone = core.tariff, core.programming.nameplate, core.config.clock.zone
    now = Stamp(utc_s, zone.offset(utc_s), core.clock.status)
    state = tariff.state(utc_s)
    energies = core.config.tariff.energies
    told = core.metering.instrumentation
    view = View(registration=core.config.tariff.registration)
    ct_ratio, vt_ratio = view.effective(nameplate.ct_ratio), view.effective(nameplate.vt_ratio)
    numbers: dict[RegisterId, int] = {
        STATUS: int(status_word(core)),
        ALARMS: core.alarms.register,
        POWER_FAILURES: core.told.count(Tally.POWER_FAIL),
        BILLINGS: state.billing_number,
        ENERGY_RATE: state.rate,
        DEMAND_RATE: state.demand_rate,
        PROGRAMMINGS: core.programming.programme.number,
    }
    return Snapshot(
        now,
        (
            States(now, numbers),
            Periods(
                now,
                view,
                units(core.config.tariff.sums),
                Kept(state, energies),
                closed_periods(core.history, state.billing_number, energies),
                frozen_days(core.days, energies, now),
                each_average(tariff.averages()),
            ),
            Live(now, told.live, nameplate.wiring.elements, ct_ratio, vt_ratio),
            WaveRegisters(now, told, ct_ratio),
        ),
    )
