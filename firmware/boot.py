"""Power-up: the state that flash holds is taken up again, and what happened while the power was off is answered to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from firmware.clock.civil_clock import ClockStatus, RtcUse
from firmware.clock.records import newest_record_s
from firmware.config import BatteryResponse
from firmware.demand.interval import Interval
from firmware.events.codes import Event
from firmware.events.detectors import Detectors
from firmware.events.logs import newer
from firmware.events.state import NO_EVENTS
from firmware.profile.recorder import PowerDown
from firmware.save import MeterState, SaveReason
from firmware.status_word import Status
from firmware.storage.store import Recovered
from firmware.tariff.billing import BILLED, BillingSet, BillingSource
from firmware.tariff.tariff import Tariff, TariffState
from hal.probe import Booted, ClockChanged, RateSelected
from hal.processor import ResetCause
from hal.units import S

if TYPE_CHECKING:
    from firmware.core import Core


def boot(core: "Core") -> None:
    """Recover what `core` shares, and save it again."""
    now = core.kernel.now
    recovered = core.store.recover()
    core.history, core.days = list(recovered.history), list(recovered.days)
    state = recovered.state
    told = NO_EVENTS if state is None else state.events
    since = newer(core.store.rings, told.places)
    core.told.resume(told, since)
    core.alarms.resume(told.alarms)
    core.detectors = Detectors(core.config.supervision, core.limits, core.told.conditions)
    core.programming.recover()
    recorded_s = newest_record_s(core.store, core.history) if state is None else 0
    trouble = core.timekeeping.start(now, state, recorded_s)
    utc_s = core.clock.utc_s(now)
    activated = core.programming.take_over(utc_s, state)
    clean = recovered.virgin if state is None else recovered.clean
    if state is not None:
        core.battery.resume(state.battery_failed_s, state.battery_not_before, state.response_made)
    outage_s = None if state is None or trouble is not None else max(utc_s - state.utc_s, 0)
    core.told.time_known(told, now, utc_s, outage_s)
    for _, _, logged in since:
        core.battery.heard(logged)
        core.timekeeping.heard(logged)
        core.alarms.heard(logged.event, logged.detail)
        if state is not None and logged.event is Event.TARIFF_RELEASED:
            # A cut came between the event and the save that should have followed.
            state = replace(state, tariff=replace(state.tariff, frozen=False))
    if state is None:
        _begin(core, recovered)
    else:
        _go_on(core, state, recovered, clock_lost=trouble is not None)
    core.board.probe.publish(Booted(core.board.processor.reset_cause, clean, recovered.save, recovered.dropped))
    if not clean:
        core.boot_status |= Status.REGISTER_BACKUP_USED | Status.POWER_DOWN_INCOMPLETE
        core.log(Event.STATE_LOST if state is None else Event.REGISTER_BACKUP_USED, recovered.dropped)
    core.programming.do_over(state, recovered.uncounted, activated, utc_s)
    if recovered.dropped:
        core.log(Event.FLASH_CORRUPT, recovered.dropped)
    if core.board.processor.reset_cause is ResetCause.WATCHDOG:
        core.log(Event.WATCHDOG_RESET)
    core.log(Event.POWER_UP, duration_s=outage_s)
    if trouble is not None:
        if state is None and core.clock.status is ClockStatus.INVALID:
            core.log(Event.CLOCK_INVALID)
        else:
            core.log(Event.CLOCK_RESTORED, recorded_s if state is None else state.utc_s)
        if core.clock.use is RtcUse.FAILED:
            core.log(Event.RTC_FAILED, trouble.value)
    elif core.clock.status is ClockStatus.DOUBTFUL and state is not None and state.clock is not ClockStatus.DOUBTFUL:
        core.log(Event.CLOCK_DOUBTFUL)
    core.board.probe.publish(RateSelected(core.tariff.rate, utc_s, core.tariff.demand_rate))
    core.save(SaveReason.BOOT)
    core.timekeeping.tell(now)


def _begin(core: "Core", recovered: Recovered) -> None:
    """A virgin meter, or one that has lost all its saves."""
    told_s = core.timekeeping.told_s
    selected = core.selected_rate()
    core.tariff = Tariff(core.rules(), told_s, selected)
    if recovered.history:
        # Never from zero where there is a billing set to go on from.
        last = recovered.history[-1]
        fresh = core.tariff.state(told_s)
        state = replace(
            fresh,
            totals=last.totals,
            registered=last.registered,
            rates=last.rates,
            demand=replace(fresh.demand, registers=last.demand.billed()),
            billing_number=last.number,
            billed=tuple(made.scheduled_s for made in recovered.history if made.scheduled_s)[-BILLED:],
            ratio=last.ratio,
        )
        core.tariff, outcomes = Tariff.resume(core.rules(), state, told_s, core.clock.status, selected)
        core.apply(outcomes)
    core.profile.begin(told_s, core.clock.status)


def _go_on(core: "Core", state: MeterState, recovered: Recovered, *, clock_lost: bool) -> None:
    """Go on where the last save ends, and answer to what happened since. `clock_lost`: the RTC could not tell the
    time."""
    now, utc_s = core.kernel.now, core.clock.utc_s(core.kernel.now)
    core.load_switch.resume(state.load_switch)
    core.access_wrong = state.access_wrong
    core.access_locked_until_ns = now + state.access_locked_s * S if state.access_locked_s else 0
    response = core.config.clock.battery_failure
    freezes = response is BatteryResponse.RESET_AND_FREEZE
    tariff, redone = _with_sets_made(state.tariff, core.history)
    if any(made.clock_lost for made in redone):
        core.battery.answered = True
        tariff = replace(tariff, frozen=tariff.frozen or freezes)
    billed_s = redone[-1].utc_s if redone else 0
    if clock_lost:
        core.board.probe.publish(ClockChanged("lost", 0, state.utc_s, core.clock.status.value))
    responds = clock_lost and not core.battery.answered
    if responds and freezes:
        tariff = replace(tariff, frozen=True)
    days = [made.utc_s for made in recovered.days if made.utc_s <= utc_s]
    tariff = replace(tariff, midnight_s=max([tariff.midnight_s, *days]))
    # What has been programmed since is done over behind this, as if the meter had lived through it.
    rules = core.rules(core.programming.before(state))
    core.tariff, outcomes = Tariff.resume(
        rules, tariff, utc_s, core.clock.status, core.selected_rate(), known=not clock_lost
    )
    down = PowerDown(state.utc_s, max(state.utc_s, billed_s), state.clock, state.tariff.totals, recovered.clean)
    core.profile.resume(state.profiles, down, utc_s, core.clock.status)
    if any(isinstance(outcome, Interval) and outcome.end_s <= billed_s for outcome in outcomes):
        # It had ended when the set was made, which holds its maximum.
        core.tariff.demand.registers = tariff.demand.registers.fitted(rules.demand)
    core.log_at(Event.POWER_DOWN, state.utc_s, state.clock, recovered.save)
    _test_battery(core, state.utc_s)
    core.battery.answered |= responds
    resets = responds and response is not BatteryResponse.CONTINUE
    # The save may have been laid out in the very second of a boundary that was not seen to any more; a clock that
    # was lost stands in that second again.
    powered_up = BillingSource.POWER_UP in core.config.billing.sources
    missed = core.tariff.catch_up(
        state.utc_s - 1, utc_s, core.clock.status, powered_up=powered_up, clock_lost=resets
    )
    if core.tariff.frozen and not state.tariff.frozen:
        core.log(Event.TARIFF_FROZEN, core.tariff.rate)
    core.apply([*outcomes, *missed])


def _with_sets_made(tariff: TariffState, history: Sequence[BillingSet]) -> tuple[TariffState, list[BillingSet]]:
    """The tariff with the sets that reached flash while the save that should have followed did not, and these."""
    redone = [made for made in history if made.number > tariff.billing_number]
    for made in redone:
        tariff = replace(
            tariff.with_billing(made),
            totals=made.totals,
            registered=made.registered,
            rates=made.rates,
            ratio=made.ratio,
        )
    return tariff, redone


def _test_battery(core: "Core", down_s: int) -> None:
    """A cell that is found dead now died unsupplied, not before `down_s`."""
    event = core.battery.test(down_s, core.clock.status)
    if event is Event.BATTERY_FAILED:
        core.battery.not_before = True
        core.log_at(event, down_s, core.clock.status, 1)
    elif event is not None:
        core.log(event)
