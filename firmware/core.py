"""What the tasks of a meter share: its clock, its tariff, its accounts, its store, and what they do together.

No lock guards it: tasks give way only where they await.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from firmware.boot import boot
from firmware.clock.battery import BatteryWatch
from firmware.clock.civil_clock import CivilClock, ClockStatus
from firmware.clock.service import ClockService
from firmware.config import MeterConfig
from firmware.display.screen import Screen
from firmware.events.codes import Event
from firmware.events.detectors import Detectors
from firmware.events.limits import limits_of
from firmware.events.told import Log
from firmware.kernel.kernel import Kernel
from firmware.load_switch.service import LoadSwitch
from firmware.metrology.metering import Metering, metering_for
from firmware.profile.interval import Layout
from firmware.profile.load_profile import LoadProfile
from firmware.profile.recorder import ProfileRules
from firmware.profile.status import IntervalStatus
from firmware.programming.service import Programming
from firmware.save import MeterState, SaveReason, build_billing, build_event, build_state
from firmware.status_word import Status, status_word
from firmware.storage.flash_port import FlashPort
from firmware.storage.store import HISTORY, Request, Store
from firmware.tariff.accounting import Accounting
from firmware.tariff.demand import IntegrationPeriod, Interval
from firmware.tariff.tariff import BillingSet, BillingSource, Outcome, RateChange, Tariff, TariffRules
from hal.board import Board
from hal.probe import BillingClosed, EventLogged, IntervalClosed, RateSelected, RegistersSaved
from hal.units import S

if TYPE_CHECKING:
    from firmware.quality.task import Quality

Action = Callable[[], None]
Written = Callable[[int], None]


class Core:
    """What the tasks share."""

    def __init__(self, kernel: Kernel, board: Board, config: MeterConfig) -> None:
        self.kernel = kernel
        self.board = board
        self.config = config
        self.clock = CivilClock(board.rtc, kernel.now, config.clock.rtc_tolerance_ppb)
        self.port = FlashPort(kernel, board.flash)
        self.store = Store(kernel, board.flash, self.port)
        self.store.retired(lambda sector: self.log(Event.FLASH_WORN, sector))
        self.store.worn_out(lambda number: self.log(Event.FLASH_WORN_OUT, number))
        self.store.corrupt = self._flash_corrupt
        self.accounting = Accounting(lambda energies: self.tariff.count(energies))
        self.metering: Metering = metering_for(board, config.nameplate, kernel.now)
        self.boot_status = Status(0)
        """What the boot found."""
        self.battery = BatteryWatch(board.battery, config.clock.cell_low_mv, config.clock.cell_margin_mv)
        self.history: list[BillingSet] = []
        self.tariff: Tariff
        self.quality: Quality | None = None
        """None while none is configured."""
        self.profile = LoadProfile(
            self._profile_rules(), self.store, board.probe, lambda: kernel.now, lambda: self.tariff.totals
        )
        self.limits = limits_of(config.supervision, config.nameplate)
        self.told = Log(config.supervision, self.limits)
        """What the log says of inputs and conditions; it alone is kept."""
        self.detectors: Detectors
        """What counts of the conditions now."""
        self.access_wrong = 0
        """Wrong passwords in a row."""
        self.access_locked_until_ns = 0
        """The port's programming mode is locked up to this monotonic instant."""
        self.timekeeping = ClockService(self, self.clock, board.probe, lambda: kernel.now)
        self.programming = Programming(self)
        self.load_switch = LoadSwitch(self)
        self.screen = Screen(self)
        self.input_changed: list[Callable[[int], None]] = []
        """Told, with the monotonic instant, when an input has changed."""
        self._billed_ns: int | None = None
        """When the last end of billing was made, monotonic; None if that was before this power-up."""
        self._billing_asked = False
        """An end of billing was asked for, and the energy before it is not counted yet."""
        self._waiting: list[tuple[int, Action]] = []
        self._waits = 0
        boot(self)

    def rules(self) -> TariffRules:
        """What the tariff works by, with the programme in force."""
        config, programme = self.config, self.programming.programme
        zone = config.clock.zone
        return TariffRules(
            programme.calendar,
            zone,
            IntegrationPeriod(config.demand_period_s, zone),
            config.billing,
            config.demand_after_outage,
            config.demand_on_rate_change,
            programme.ratio,
        )

    def _profile_rules(self) -> ProfileRules:
        config = self.config
        layout = Layout(config.profile_period_s, config.profile.channels, config.profile.unit_nwh)
        return ProfileRules(layout, config.clock.zone, config.profile.missed)

    # Energy and time

    def next_boundary(self, utc_s: int) -> int:
        """The first second after `utc_s` at which the tariff or the profile has something to end."""
        nearest = min(self.tariff.next_boundary(utc_s), self.profile.next_end(utc_s))
        activates = self.programming.next_due(utc_s)
        return nearest if activates is None else min(nearest, activates)

    def end_at(self, at_ns: int, utc_s: int) -> None:
        """The clock reached a boundary at this instant: end what ends there, once its energy is counted."""

        def end() -> None:
            activated = self.programming.activate_due(utc_s)
            self.apply(self.tariff.boundary(utc_s))
            if activated:
                self.profile.programmed(utc_s)
            self.timekeeping.ended(utc_s)
            self.profile.boundary(utc_s, self.clock.status)
            self.save(SaveReason.PERIOD)

        self.accounting.at(at_ns, end)

    def apply(self, outcomes: list[Outcome]) -> None:
        """Make known and durable what came of a boundary."""
        publish = self.board.probe.publish
        for outcome in outcomes:
            if isinstance(outcome, Interval):
                if outcome.empty or outcome.idle:
                    continue
                closed = IntervalClosed(outcome.end_s, outcome.demand_mw, outcome.short)
                self.when_saved(partial(publish, closed))
            elif isinstance(outcome, RateChange):
                publish(RateSelected(outcome.rate, outcome.utc_s))
                self.load_switch.poke(self.kernel.now)
            else:
                self._keep_billing(outcome)

    def _keep_billing(self, billing: BillingSet) -> None:
        self.profile.mark(IntervalStatus.BILLING_RESET)
        self.history = [*self.history, billing][-HISTORY:]
        self._billed_ns = self.kernel.now
        maxima = (billing.maxima.total, *billing.maxima.by_rate)
        closed = BillingClosed(
            billing.number,
            billing.source.value,
            billing.utc_s,
            billing.totals,
            billing.scheduled_s,
            billing.ratio.as_integer_ratio(),
            tuple(0 if maximum is None else maximum.demand_mw for maximum in maxima),
        )
        self._write("billing", build_billing(billing), lambda _sequence: self.board.probe.publish(closed))
        self.log_at(Event.END_OF_BILLING, billing.utc_s, self.clock.status, billing.number)

    # Commands

    def clock_was_set(self, before_s: int, after_s: int, *, known: bool) -> None:
        """The clock was set by more than may be slewed, and all energy before that is counted: intervals end. `known`:
        it had a time before, right or wrong."""
        self.apply(self.tariff.clock_set(before_s, after_s, known=known))
        self.profile.clock_set(before_s, after_s, self.clock.status)
        if self.programming.activate_due(after_s):
            self.profile.programmed(after_s)

    def reprogram(self, utc_s: int, *, billed: bool = False) -> None:
        """Another programme is in force from now on, and all energy before that is counted. `billed`: see
        `Tariff.programmed`."""
        self.apply(self.tariff.programmed(self.rules(), utc_s, billed=billed))
        self.profile.programmed(utc_s)
        self.rescale()

    def rescale(self) -> None:
        """Express the registers under the ratio of the programme in force."""
        before = tuple(self.tariff.totals)
        self.profile.rescaled(before, self.tariff.rescale())

    def end_billing(self, source: BillingSource, done: Action = lambda: None) -> bool:
        """An end of billing by command or button; False while another one locks it out, or waits to be written.
        `done` is called once it can't be lost any more."""
        utc_s = self.clock.utc_s(self.kernel.now)
        if self._billing_asked or self._billing_locked(utc_s) or not self.store.has_room("billing"):
            return False
        self._billing_asked = True

        def end() -> None:
            self._billing_asked = False
            self.apply([self.tariff.end_billing(source, utc_s)])

        self.command(end, done)
        return True

    def _billing_locked(self, utc_s: int) -> bool:
        """Whether the last end of billing locks another out. A clock that is set does not lift that."""
        lockout_s = self.config.billing_lockout_s
        if self._billed_ns is not None:
            return self.kernel.now - self._billed_ns < lockout_s * S
        return bool(self.history) and 0 <= utc_s - self.history[-1].utc_s < lockout_s

    def release_tariff(self, done: Action = lambda: None) -> None:
        """Let a frozen tariff follow the calendar again. `done` is called once that can't be lost any more."""

        def release() -> None:
            if self.tariff.frozen:
                self.log(Event.TARIFF_RELEASED)
                self.apply(self.tariff.release(self.clock.utc_s(self.kernel.now)))

        self.command(release, done)

    def command(self, action: Action, done: Action) -> None:
        """Carry out a command once the energy before it is counted, save, and arm the next boundary."""
        now = self.kernel.now

        def carry_out() -> None:
            action()
            self.when_saved(done)
            self.save(SaveReason.COMMAND)
            self.timekeeping.tell(self.kernel.now)
            self.timekeeping.poke(self.kernel.now)

        self.once_counted(now, carry_out)

    def once_counted(self, now_ns: int, action: Action) -> None:
        """Do something as soon as all energy before `now_ns` is counted; at once, if the front end can tell it now."""
        self.accounting.at(now_ns, action)
        self.metering.catch_up(self.accounting, now_ns)

    @property
    def utc_s(self) -> int:
        """The second that the clock shows now, not before one that was told to end already."""
        return max(self.clock.utc_s(self.kernel.now), self.timekeeping.told_s)

    # What is kept

    def log(self, event: Event, detail: int = 0) -> None:
        """Log an event of now."""
        self.log_at(event, self.clock.utc_s(self.kernel.now), self.clock.status, detail)

    def log_at(self, event: Event, utc_s: int, clock: ClockStatus, detail: int = 0) -> None:
        """Log an event with its own time."""
        self.profile.heard(event, detail)

        def written(sequence: int) -> None:
            self.told.heard(sequence, event.value, detail)
            self.board.probe.publish(EventLogged(sequence, event.text, utc_s, clock.value, detail))

        self._write("events", build_event(event, utc_s, clock, detail), written)

    def _flash_corrupt(self, ring: str, records: int) -> None:
        """So many records that were whole are no more; the newest save is made anew."""
        if records:
            self.log(Event.FLASH_CORRUPT, records)
        if ring == "registers":
            self.save(SaveReason.PERIOD)

    def when_saved(self, done: Action) -> None:
        """Call `done` once a save that is laid out from now on is whole in flash."""
        self._waits += 1
        self._waiting.append((self._waits, done))

    def _saved(self, moves: int, waits: int) -> None:
        self.timekeeping.saved(self.kernel.now, moves)
        ready = [done for number, done in self._waiting if number <= waits]
        self._waiting = [(number, done) for number, done in self._waiting if number > waits]
        for done in ready:
            done()

    def save(self, reason: SaveReason) -> None:
        """Queue a save of the state as it is now."""
        self._write("registers", *self.capture(reason))

    def capture(self, reason: SaveReason) -> tuple[bytes, Written]:
        """The save of now, and what to do once it is whole in flash."""
        counted_ns = self.accounting.counted_ns
        now = self.kernel.now
        clock = self.clock.saved(now)
        utc_ns = clock.utc_ns
        slew = self.timekeeping.slew
        moves, waits = self.clock.moves, self._waits
        tariff = self.tariff.state(utc_ns // S)
        state = MeterState(
            reason=reason,
            utc_ns=utc_ns,
            clock=self.clock.status,
            status=status_word(self),
            battery_failed_s=self.battery.failed_s,
            battery_not_before=self.battery.not_before,
            response_made=self.battery.answered,
            inputs_seen=self.told.told.inputs,
            conditions=self.told.told.conditions,
            event=self.told.told.event,
            tariff=tariff,
            rtc_believed=clock.believed,
            rtc_due=clock.due,
            rtc_lag_ns=clock.lag_ns,
            slew=(slew.rest_s, slew.next_s, slew.flagged_until_s),
            access_wrong=self.access_wrong,
            access_locked_s=-(-max(self.access_locked_until_ns - now, 0) // S),
            profile=self.profile.state(utc_ns // S, tariff.totals),
            programme=self.programming.programme.number,
            passive=self.programming.passive,
            load_switch=self.load_switch.state,
        )
        programmed = self.programming.untold

        def written(sequence: int) -> None:
            if programmed is not None and programmed is self.programming.untold:
                self.programming.untold = None
                self.board.probe.publish(programmed)
            self.board.probe.publish(
                RegistersSaved(
                    sequence=sequence,
                    reason=reason.name.lower(),
                    at_ns=counted_ns,
                    totals=tariff.totals,
                    rates=tariff.rates,
                    billing=tariff.billing_number,
                    utc_s=state.utc_s,
                    rate=tariff.rate,
                    frozen=tariff.frozen,
                    intervals=state.profile.closed,
                    unreported=state.profile.unreported,
                    programme=state.programme,
                    ratio=tariff.ratio.as_integer_ratio(),
                )
            )
            self._saved(moves, waits)
            self.profile.saved(state.profile)

        return build_state(state), written

    def _write(self, ring: str, payload: bytes, written: Written) -> None:
        self.store.put(Request(ring, payload, written), self.kernel.now)

    def test_battery(self) -> None:
        """Test the cell, and log what is new."""
        event = self.battery.test(self.clock.utc_s(self.kernel.now), self.clock.status)
        if event is not None:
            self.log(event)
