"""Power-up: the state that flash holds is taken up again, and what happened while the power was off is answered to."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from firmware.clock.civil_clock import ClockStatus, RtcUse
from firmware.clock.records import logged_since, newest_record_s
from firmware.config import BatteryResponse
from firmware.events.codes import Event
from firmware.events.detectors import Detectors
from firmware.events.told import Told
from firmware.profile.recorder import PowerDown
from firmware.save import LayoutError, MeterState, SaveReason, parse_event
from firmware.status_word import Status
from firmware.storage.store import Recovered, Store
from firmware.tariff.demand import Interval
from firmware.tariff.tariff import BILLED, BillingSet, BillingSource, Tariff, TariffState
from hal.probe import Booted, ClockChanged, RateSelected
from hal.processor import ResetCause
from hal.units import S

if TYPE_CHECKING:
    from firmware.core import Core


def boot(core: "Core") -> None:
    """Recover what `core` shares, and save it again."""
    now = core.kernel.now
    recovered = core.store.recover()
    core.history = list(recovered.history)
    state = recovered.state
    told = Told() if state is None else Told(state.inputs_seen, state.conditions, state.event)
    core.told.resume(told, _events_newest_first(core.store))
    core.detectors = Detectors(core.config.supervision, core.limits, core.told.told.conditions)
    core.programming.recover()
    recorded_s = newest_record_s(core.store, core.history) if state is None else 0
    trouble = core.timekeeping.start(now, state, recorded_s)
    utc_s = core.clock.utc_s(now)
    activated = core.programming.take_over(utc_s, state)
    clean = recovered.virgin if state is None else recovered.clean
    if state is not None:
        core.battery.resume(state.battery_failed_s, state.battery_not_before, state.response_made)
    for logged in logged_since(core.store, told.event):
        core.battery.heard(logged)
        core.timekeeping.heard(logged)
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
    core.log(Event.POWER_UP)
    if trouble is not None:
        if state is None and core.clock.status is ClockStatus.INVALID:
            core.log(Event.CLOCK_INVALID)
        else:
            core.log(Event.CLOCK_RESTORED, recorded_s if state is None else state.utc_s)
        if core.clock.use is RtcUse.FAILED:
            core.log(Event.RTC_FAILED, trouble.value)
    elif core.clock.status is ClockStatus.DOUBTFUL and state is not None and state.clock is not ClockStatus.DOUBTFUL:
        core.log(Event.CLOCK_DOUBTFUL)
    core.board.probe.publish(RateSelected(core.tariff.rate, utc_s))
    core.save(SaveReason.BOOT)
    core.timekeeping.tell(now)


def _events_newest_first(store: Store) -> Iterator[tuple[int, int, int]]:
    """Sequence numbers, codes and details."""
    for record in store.rings["events"].newest_first():
        with suppress(LayoutError):
            yield record.sequence, *parse_event(record.payload)


def _begin(core: "Core", recovered: Recovered) -> None:
    """A virgin meter, or one that has lost all its saves."""
    told_s = core.timekeeping.told_s
    core.tariff = Tariff(core.rules(), told_s)
    if recovered.history:
        # Never from zero where there is a billing set to go on from.
        last = recovered.history[-1]
        state = replace(
            core.tariff.state(told_s),
            totals=last.totals,
            rates=last.rates,
            billing_number=last.number,
            billed=tuple(made.scheduled_s for made in recovered.history if made.scheduled_s)[-BILLED:],
            ratio=last.ratio,
        )
        core.tariff, outcomes = Tariff.resume(core.rules(), state, told_s)
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
    core.tariff, outcomes = Tariff.resume(core.rules(), tariff, utc_s)
    down = PowerDown(state.utc_s, max(state.utc_s, billed_s), state.clock, state.tariff.totals, recovered.clean)
    core.profile.resume(state.profile, down, utc_s, core.clock.status)
    if any(isinstance(outcome, Interval) and outcome.end_s <= billed_s for outcome in outcomes):
        # It had ended when the set was made, which holds its maximum.
        core.tariff.maxima = tariff.maxima
    core.log_at(Event.POWER_DOWN, state.utc_s, state.clock, recovered.save)
    _test_battery(core, state.utc_s)
    core.battery.answered |= responds
    resets = responds and response is not BatteryResponse.CONTINUE
    # The save may have been laid out in the very second of a boundary that was not seen to any more; a clock that
    # was lost stands in that second again.
    missed = core.tariff.catch_up(state.utc_s - 1, utc_s, clock_lost=resets)
    if resets and not missed:
        outcomes.append(core.tariff.end_billing(BillingSource.POWER_UP, utc_s, clock_lost=True))
    if core.tariff.frozen and not state.tariff.frozen:
        core.log(Event.TARIFF_FROZEN, core.tariff.rate)
    core.apply([*outcomes, *missed])


def _with_sets_made(tariff: TariffState, history: Sequence[BillingSet]) -> tuple[TariffState, list[BillingSet]]:
    """The tariff with the sets that reached flash while the save that should have followed did not, and these."""
    redone = [made for made in history if made.number > tariff.billing_number]
    for made in redone:
        tariff = replace(tariff.with_billing(made), totals=made.totals, rates=made.rates, ratio=made.ratio)
    return tariff, redone


def _test_battery(core: "Core", down_s: int) -> None:
    """A cell that is found dead now died unsupplied, not before `down_s`."""
    event = core.battery.test(down_s, core.clock.status)
    if event is Event.BATTERY_FAILED:
        core.battery.not_before = True
        core.log_at(event, down_s, core.clock.status, 1)
    elif event is not None:
        core.log(event)
