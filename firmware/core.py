"""What the tasks of a meter share: its clock, its tariff, its accounts, its store, and what they do together.

No lock guards it: tasks give way only where they await. It boots here too: recovers the state, and answers to what
happened while the power was off.
"""

from collections.abc import Callable
from dataclasses import replace

from firmware.clock.civil_clock import CivilClock, ClockStatus
from firmware.config import BatteryResponse, MeterConfig
from firmware.events.codes import Event
from firmware.kernel.kernel import Kernel
from firmware.metrology.metering import Metering, metering_for
from firmware.save import (
    MeterState,
    SaveReason,
    Status,
    build_billing,
    build_event,
    build_state,
)
from firmware.storage.flash_port import FlashPort
from firmware.storage.store import HISTORY, Recovered, Request, Store
from firmware.tariff.accounting import Accounting
from firmware.tariff.demand import IntegrationPeriod, Interval
from firmware.tariff.tariff import BillingSet, BillingSource, Outcome, RateChange, Tariff, TariffRules
from hal.board import Board
from hal.probe import BillingClosed, Booted, ClockChanged, EventLogged, IntervalClosed, RateSelected, RegistersSaved
from hal.rtc import RTC_BEGIN_S
from hal.units import S

Action = Callable[[], None]
Written = Callable[[int], None]


class Core:
    """What the tasks share."""

    def __init__(self, kernel: Kernel, board: Board, config: MeterConfig) -> None:
        self.kernel = kernel
        self.board = board
        self.config = config
        self.clock = CivilClock(board.rtc, kernel.now)
        self.port = FlashPort(kernel, board.flash)
        self.store = Store(kernel, board.flash, self.port)
        self.accounting = Accounting(lambda energies: self.tariff.count(energies))
        self.metering: Metering = metering_for(board, config.nameplate, kernel.now)
        self.status = Status(0)
        self.battery_failed_s = 0
        self.battery_not_before = False
        self.response_made = False
        self.history: list[BillingSet] = []
        self.tariff: Tariff
        self.inputs_seen = 0
        """The watched inputs as last seen, a bit each in the order of `hal.inputs.Input`; kept while the meter is
        off."""
        self.rtc_due: Callable[[int], None] = lambda _now_ns: None
        """Told when the clock may be written to an RTC that had lost the time."""
        self._alarm_s = 0
        self._told_s = 0
        self._boot()

    # Boot

    def _boot(self) -> None:
        now = self.kernel.now
        recovered = self.store.recover()
        self.history = list(recovered.history)
        lost = self.clock.lost
        state = recovered.state
        clean = recovered.virgin
        if state is None:
            self._boot_new(recovered)
        else:
            self._boot_from(state, recovered.save)
            clean = state.reason is SaveReason.POWER_FAIL and not recovered.resumed
        self.board.probe.publish(Booted(self.board.processor.reset_cause, clean, recovered.save, recovered.dropped))
        if not clean:
            self.status |= Status.REGISTER_BACKUP_USED | Status.POWER_DOWN_INCOMPLETE
            self.log(Event.STATE_LOST if state is None else Event.REGISTER_BACKUP_USED, recovered.dropped)
        self.log(Event.POWER_UP)
        if lost and state is not None:
            self.log(Event.CLOCK_RESTORED, state.utc_s)
        self.board.probe.publish(RateSelected(self.tariff.rate, self.clock.utc_s(now)))
        self.save(SaveReason.BOOT)
        if not lost:
            self.arm()

    def _boot_new(self, recovered: Recovered) -> None:
        """A virgin meter, or one that has lost all its saves."""
        if self.clock.lost:
            # Never set, or no save to go on from: the clock begins where an RTC does.
            self.clock.restore(self.kernel.now, RTC_BEGIN_S * S)
        self._told_s = self.clock.utc_s(self.kernel.now)
        self.tariff = Tariff(self._rules(), self._told_s)
        if recovered.history:
            self.tariff.billing_number = recovered.history[-1].number

    def _boot_from(self, state: MeterState, save: int) -> None:
        """Go on where the last save, number `save`, ends, and answer to what happened since."""
        now = self.kernel.now
        self.status = state.status & ~(Status.REGISTER_BACKUP_USED | Status.POWER_DOWN_INCOMPLETE)
        self.battery_failed_s = state.battery_failed_s
        self.battery_not_before = state.battery_not_before
        self.response_made = state.response_made
        self.inputs_seen = state.inputs_seen
        self.clock.status = state.clock
        tariff = state.tariff
        freezes = self.config.clock.battery_failure is BatteryResponse.RESET_AND_FREEZE
        billed_s = 0
        for redone in self.history:
            if redone.number > tariff.billing_number:
                # The set reached flash, the save that should have followed did not.
                tariff = replace(tariff.with_billing(redone), totals=redone.totals, rates=redone.rates)
                billed_s = redone.utc_s
                if redone.clock_lost:
                    self.response_made = True
                    tariff = replace(tariff, frozen=tariff.frozen or freezes)
        lost = self.clock.lost
        utc_s = self.clock.utc_s(now)
        if lost:
            self.clock.restore(now, state.utc_ns)
            utc_s = state.utc_s
            self.board.probe.publish(ClockChanged("lost", 0, state.utc_s, self.clock.status.value))
        responds = lost and not self.response_made
        if responds and freezes:
            tariff = replace(tariff, frozen=True)
        self._told_s = utc_s
        self.tariff, outcomes = Tariff.resume(self._rules(), tariff, utc_s)
        if any(isinstance(outcome, Interval) and outcome.end_s <= billed_s for outcome in outcomes):
            # It had ended when the set was made, which holds its maximum.
            self.tariff.maxima = tariff.maxima
        self.log_at(Event.POWER_DOWN, state.utc_s, state.clock, save)
        self.test_battery(found_dead_at_s=state.utc_s)
        if responds:
            self.response_made = True
            if self.config.clock.battery_failure is not BatteryResponse.CONTINUE:
                outcomes.append(self.tariff.end_billing(BillingSource.POWER_UP, utc_s, clock_lost=True))
        if self.tariff.frozen and not state.tariff.frozen:
            self.log(Event.TARIFF_FROZEN, self.tariff.rate)
        # The save may have been laid out in the very second of a boundary that was not seen to any more.
        outcomes += self.tariff.catch_up(state.utc_s - 1, utc_s) if not lost else []
        self.apply(outcomes)

    def _rules(self) -> TariffRules:
        zone = self.config.clock.zone
        period = IntegrationPeriod(self.config.demand_period_s, zone)
        return TariffRules(self.config.calendar, zone, period, self.config.billing)

    # Energy and time

    def boundary(self, at_ns: int, utc_s: int) -> None:
        """The RTC reached the armed second at this instant: end what ends there, once its energy is counted.

        Not if the clock has been set since: that ended the interval, and armed another second.
        """
        if self.clock.ticked(at_ns, utc_s) and utc_s > self._told_s:
            self._tell(at_ns, utc_s)
        self.arm()

    @property
    def alarm_s(self) -> int:
        """The second for which the RTC's alarm is set."""
        return self._alarm_s

    def arm(self) -> None:
        """Set the RTC's alarm to the next boundary. One that has passed without an alarm is told now."""
        now = self.kernel.now
        while (following := self.tariff.next_boundary(self._told_s)) <= self.clock.utc_s(now):
            self._tell(min(self.clock.instant_ns(following), now), following)
        self._alarm_s = following
        self.board.rtc.set_alarm(following)

    def write_rtc(self) -> None:
        """A whole second of the restored clock has come: the RTC takes it, and its alarm."""
        self.clock.write_rtc(self.kernel.now)
        self.arm()

    def _tell(self, at_ns: int, utc_s: int) -> None:
        self._told_s = utc_s
        self.accounting.at(at_ns, lambda: self._end_at(utc_s))

    def _end_at(self, utc_s: int) -> None:
        self.apply(self.tariff.boundary(utc_s))
        self.save(SaveReason.PERIOD)

    def apply(self, outcomes: list[Outcome]) -> None:
        """Make known and durable what came of a boundary."""
        publish = self.board.probe.publish
        for outcome in outcomes:
            if isinstance(outcome, Interval):
                if outcome.empty:
                    continue
                publish(IntervalClosed(outcome.end_s, outcome.demand_mw, outcome.short))
            elif isinstance(outcome, RateChange):
                publish(RateSelected(outcome.rate, outcome.utc_s))
            else:
                self._keep_billing(outcome)

    def _keep_billing(self, billing: BillingSet) -> None:
        self.history = [*self.history, billing][-HISTORY:]
        closed = BillingClosed(billing.number, billing.source.value, billing.utc_s, billing.totals)
        self._write("billing", build_billing(billing), lambda _sequence: self.board.probe.publish(closed))
        self.log_at(Event.END_OF_BILLING, billing.utc_s, self.clock.status, billing.number)

    # Commands

    def set_clock(self, utc_s: int) -> None:
        """Set the clock now. The running interval ends; a healthy cell arms the response to the next battery
        failure."""
        now = self.kernel.now
        before_s = self.clock.utc_s(now)
        self.metering.catch_up(self.accounting, now)
        self.clock.set(now, utc_s)
        self._rearm()
        self.log(Event.CLOCK_SET, before_s)
        self.board.probe.publish(ClockChanged("set", before_s, utc_s, self.clock.status.value))
        self._told_s = utc_s
        self._command(lambda: self.apply(self.tariff.clock_set(before_s, utc_s)))

    def _rearm(self) -> None:
        """With a healthy cell and a clock that was set, the next battery failure is answered to again."""
        if not self.battery_failed_s and self.clock.status is ClockStatus.VALID:
            self.response_made = False

    def end_billing(self, source: BillingSource) -> bool:
        """An end of billing by command or button; False while another one locks it out, or waits to be written."""
        utc_s = self.clock.utc_s(self.kernel.now)
        since_s = utc_s - self.history[-1].utc_s if self.history else -1
        if 0 <= since_s < self.config.billing_lockout_s or not self.store.has_room("billing"):
            return False
        self._command(lambda: self.apply([self.tariff.end_billing(source, utc_s)]))
        return True

    def release_tariff(self) -> None:
        """Let the tariff follow the calendar again."""
        self.log(Event.TARIFF_RELEASED)
        self._command(lambda: self.apply(self.tariff.release(self.clock.utc_s(self.kernel.now))))

    def _command(self, action: Action) -> None:
        """Carry out a command once the energy before it is counted, save, and arm the next boundary."""
        now = self.kernel.now

        def carry_out() -> None:
            action()
            self.save(SaveReason.COMMAND)
            self.arm()

        self.accounting.at(now, carry_out)
        self.metering.catch_up(self.accounting, now)

    # What is kept

    def log(self, event: Event, detail: int = 0) -> None:
        """Log an event of now."""
        self.log_at(event, self.clock.utc_s(self.kernel.now), self.clock.status, detail)

    def log_at(self, event: Event, utc_s: int, clock: ClockStatus, detail: int = 0) -> None:
        """Log an event with its own time."""

        def written(sequence: int) -> None:
            self.board.probe.publish(EventLogged(sequence, event.text, utc_s, clock.value, detail))

        self._write("events", build_event(event, utc_s, clock, detail), written)

    def save(self, reason: SaveReason) -> None:
        """Queue a save of the state as it is now."""
        self._write("registers", *self.capture(reason))

    def capture(self, reason: SaveReason) -> tuple[bytes, Written]:
        """The save of now, and what to do once it is whole in flash."""
        counted_ns = self.accounting.counted_ns
        utc_ns = self.clock.utc_ns(self.kernel.now)
        tariff = self.tariff.state(utc_ns // S)
        state = MeterState(
            reason=reason,
            utc_ns=utc_ns,
            clock=self.clock.status,
            status=self.status_word(),
            battery_failed_s=self.battery_failed_s,
            battery_not_before=self.battery_not_before,
            response_made=self.response_made,
            inputs_seen=self.inputs_seen,
            tariff=tariff,
        )

        def written(sequence: int) -> None:
            self.board.probe.publish(
                RegistersSaved(
                    sequence, reason.name.lower(), counted_ns, tariff.totals, tariff.rates, tariff.billing_number
                )
            )
            if self.clock.lost:
                # Only now is it on record that the time was lost: a cut before this finds the RTC still unset.
                self.rtc_due(self.kernel.now)

        return build_state(state), written

    def _write(self, ring: str, payload: bytes, written: Written) -> None:
        self.store.put(Request(ring, payload, written), self.kernel.now)

    def status_word(self) -> Status:
        status = self.status
        if self.battery_failed_s:
            status |= Status.BATTERY_FAILED
        if self.clock.status is not ClockStatus.VALID:
            status |= Status.CLOCK_DOUBTFUL
        if self.tariff.frozen:
            status |= Status.TARIFF_FROZEN
        return status

    def test_battery(self, found_dead_at_s: int | None = None) -> None:
        """Test the cell; log its failure once, and its recovery. One that died unsupplied did so 'not before' a
        time."""
        healthy = self.board.battery.test() >= self.config.clock.cell_low_mv
        if healthy and self.battery_failed_s:
            self.battery_failed_s = 0
            self.battery_not_before = False
            self._rearm()
            self.log(Event.BATTERY_RESTORED)
        elif not healthy and not self.battery_failed_s:
            self.battery_not_before = found_dead_at_s is not None
            utc_s = self.clock.utc_s(self.kernel.now) if found_dead_at_s is None else found_dead_at_s
            self.battery_failed_s = utc_s
            self.log_at(Event.BATTERY_FAILED, utc_s, self.clock.status, int(self.battery_not_before))
