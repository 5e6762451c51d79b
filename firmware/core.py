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
from firmware.config import MeterConfig, Settings
from firmware.demand.interval import Interval
from firmware.display.screen import Screen
from firmware.events.alarms import Alarms
from firmware.events.book import log_of
from firmware.events.codes import Event
from firmware.events.detectors import Detectors
from firmware.events.entry import Entry, build_entry
from firmware.events.limits import limits_of
from firmware.events.told import Log
from firmware.kernel.kernel import Kernel
from firmware.load_switch.service import LoadSwitch
from firmware.metrology.metering import Metering, metering_for
from firmware.profile.interval import Layout
from firmware.profile.profiles import RINGS as PROFILE_RINGS
from firmware.profile.profiles import Profiles
from firmware.profile.recorder import ProfileRules
from firmware.programming.programme import Programme
from firmware.programming.service import Programming
from firmware.registers.energy import MEASURED
from firmware.save import MeterState, SaveReason, build_billing, build_state
from firmware.status_word import Status, status_word
from firmware.storage.flash_port import FlashPort
from firmware.storage.store import HISTORY, Request, Store
from firmware.tariff.accounting import Accounting
from firmware.tariff.billing import BillingSet, BillingSource
from firmware.tariff.controls import Controls
from firmware.tariff.daily import DAYS, DailyFreeze
from firmware.tariff.layout import build_daily
from firmware.tariff.records import billing_closed, day_frozen, interval_closed
from firmware.tariff.tariff import Outcome, RateChange, Tariff, TariffRules
from firmware.test_mode.service import TestMode
from hal.board import Board
from hal.outputs import Output
from hal.probe import EventLogged, RateSelected, RegistersSaved, SecondProfileSaved
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
        self.port = FlashPort(kernel, board.flash)
        self.store = Store(kernel, board.flash, self.port)
        self.programming = Programming(self, config)
        self.config = config = self.programming.config
        """What is in force; another one once the meter has been programmed."""
        self.on_settings: list[Callable[[], None]] = []
        """Told when other settings are in force, and all energy before is counted."""
        self.store.add(PROFILE_RINGS[1 : len(config.profiles)])
        self.clock = CivilClock(board.rtc, kernel.now, config.clock.rtc_tolerance_ppb)
        self.store.retired(lambda sector: self.log(Event.FLASH_WORN, sector))
        self.store.worn_out(lambda number: self.log(Event.FLASH_WORN_OUT, number))
        self.store.corrupt = self._flash_corrupt
        self.test_mode = TestMode(self, config.test_mode_s)
        self.accounting = Accounting(self._count)
        self.metering: Metering = metering_for(board, config.nameplate, kernel.now)
        self.boot_status = Status(0)
        """What the boot found."""
        self.battery = BatteryWatch(board.battery, config.clock.cell_low_mv, config.clock.cell_margin_mv)
        self.history: list[BillingSet] = []
        self.days: list[DailyFreeze] = []
        """The daily freezes, oldest first."""
        self.tariff: Tariff
        self.quality: Quality | None = None
        """None while none is configured."""
        self.profile = Profiles(
            self.profile_rules(), self.store, board.probe, lambda: kernel.now, lambda: self.tariff.totals
        )
        self.limits = limits_of(config.supervision, config.nameplate)
        self.told = Log(config.supervision, self.limits)
        """What the logs say of inputs and conditions; it alone is kept."""
        self.alarms = Alarms(config.alarms, partial(board.outputs.set, Output.ALARM))
        self.detectors: Detectors
        """What counts of the conditions now."""
        self.access_wrong = 0
        """Wrong passwords in a row."""
        self.access_locked_until_ns = 0
        """The port's programming mode is locked up to this monotonic instant."""
        self.timekeeping = ClockService(self, self.clock, board.probe, lambda: kernel.now)
        self.load_switch = LoadSwitch(self)
        self.screen = Screen(self)
        self.input_changed: list[Callable[[int], None]] = []
        """Told, with the monotonic instant, when an input has changed."""
        self.controls = Controls(self)
        self.input_changed.append(lambda at_ns: self.controls.look(at_ns))
        self._locked_until_ns: int | None = None
        """Until when the last end of billing locks others out, monotonic; None if that was before this power-up."""
        self._billing_asked: list[BillingSource] = []
        """Who asked for an end of billing, as long as the energy before it is not counted yet."""
        self._waiting: list[tuple[int, Action]] = []
        self._waits = 0
        boot(self)

    def rules(self, programme: Programme | None = None) -> TariffRules:
        """What the tariff works by: with the programme in force, or with another one."""
        config: Settings = self.config if programme is None else programme.settings
        programme = self.programming.programme if programme is None else programme
        zone = config.clock.zone
        return TariffRules(
            programme.calendar,
            zone,
            config.demand,
            config.billing,
            config.tariff,
            programme.ratio,
        )

    def profile_rules(self) -> list[ProfileRules]:
        """What the load profiles work by."""
        config = self.config
        return [
            ProfileRules(Layout(config.period_of(one), one.channels, one.unit_nwh), config.clock.zone, one.missed)
            for one in config.profiles
        ]

    def selected_rate(self) -> int:
        """The rate that the control inputs select; 1 where they have nothing to do with the tariff."""
        inputs, rates = self.board.inputs, self.programming.programme.calendar.rates
        return 1 + sum(
            inputs.state(which) << place for place, which in enumerate(self.config.tariff.inputs(rates))
        )

    # Energy and time

    def _count(self, energies: tuple[int, ...]) -> None:
        """Energy has flowed: it bills, unless the meter is in test mode."""
        if self.test_mode.on:
            self.test_mode.count(energies)
        else:
            self.tariff.count(energies)

    def next_boundary(self, utc_s: int) -> int:
        """The first second after `utc_s` at which the tariff or the profile has something to end."""
        nearest = min(self.tariff.next_boundary(utc_s), self.profile.next_end(utc_s))
        activates = self.programming.next_due(utc_s)
        return nearest if activates is None else min(nearest, activates)

    def end_at(self, at_ns: int, utc_s: int) -> None:
        """The clock reached a boundary at this instant: end what ends there, once its energy is counted."""

        def end() -> None:
            activated = self.programming.activate_due(utc_s)
            outcomes = self.tariff.boundary(utc_s, self.clock.status)
            self.apply(outcomes)
            if activated:
                self.profile.programmed(utc_s)
            self.timekeeping.ended(utc_s)
            self.profile.boundary(utc_s, self.clock.status)
            due = utc_s >= self.profile.next_end(utc_s - 1) or self.tariff.saves(utc_s)
            if activated or due or not all(isinstance(one, Interval) for one in outcomes):
                self.save(SaveReason.PERIOD)

        self.accounting.at(at_ns, end)

    def apply(self, outcomes: list[Outcome]) -> None:
        """Make known and durable what came of a boundary."""
        publish = self.board.probe.publish
        for outcome in outcomes:
            if isinstance(outcome, Interval):
                if outcome.empty or outcome.idle:
                    continue
                self.when_saved(partial(publish, interval_closed(outcome)))
            elif isinstance(outcome, RateChange):
                publish(RateSelected(outcome.rate, outcome.utc_s, outcome.demand_rate))
                self.load_switch.poke(self.kernel.now)
            elif isinstance(outcome, DailyFreeze):
                self._keep_day(outcome)
            else:
                self._keep_billing(outcome)

    def _keep_billing(self, billing: BillingSet) -> None:
        self.profile.billed(billing.scheduled_s)
        self.history = [*self.history, billing][-HISTORY:]
        locked_s = self.config.billing.locked_s(billing.utc_s, self.config.clock.zone)
        self._locked_until_ns = self.kernel.now + locked_s * S
        closed = billing_closed(billing)
        self._write("billing", build_billing(billing), lambda _sequence: self.board.probe.publish(closed))
        self.log_at(Event.END_OF_BILLING, billing.utc_s, self.clock.status, billing.number)

    def _keep_day(self, freeze: DailyFreeze) -> None:
        self.days = [*self.days, freeze][-DAYS:]
        frozen = day_frozen(freeze)
        self._write("daily", build_daily(freeze), lambda _sequence: self.board.probe.publish(frozen))

    # Commands

    def clock_was_set(self, before_s: int, after_s: int, *, known: bool) -> None:
        """The clock was set by more than may be slewed, and all energy before that is counted: intervals end. `known`:
        it had a time before, right or wrong."""
        self.apply(self.tariff.clock_set(before_s, after_s, self.clock.status, known=known))
        self.profile.clock_set(before_s, after_s, self.clock.status)
        if self.programming.activate_due(after_s):
            self.profile.programmed(after_s)

    def reprogram(
        self, utc_s: int, cause: BillingSource = BillingSource.PROGRAMMING, *, billed: bool = False
    ) -> None:
        """Another programme is in force from now on, and all energy before that is counted. `cause`, `billed`: see
        `Tariff.programmed`."""
        self.apply(self.tariff.programmed(self.rules(), utc_s, self.clock.status, billed=billed, cause=cause))
        self.profile.programmed(utc_s, self.profile_rules())
        self.rescale()

    def settings_changed(self) -> None:
        """Other settings are in force: whatever was made by the old ones is made by these. What they say of intervals
        and registers was seen to by `reprogram`."""
        config = self.config
        self.battery.programmed(config.clock.cell_low_mv, config.clock.cell_margin_mv)
        self.timekeeping.programmed()
        self.alarms.programmed(config.alarms)
        self.limits = limits_of(config.supervision, config.nameplate)
        self.detectors = Detectors(config.supervision, self.limits, self.detectors.mask)
        self.controls = Controls(self)
        self.test_mode.programmed(config.test_mode_s)
        self.screen.programmed()
        self.load_switch.programmed(self.kernel.now)
        for told in self.on_settings:
            told()

    def rescale(self) -> None:
        """Express the registers under the ratio of the programme in force."""
        before = tuple(self.tariff.totals)
        self.profile.rescaled(before, self.tariff.rescale())

    def end_billing(self, source: BillingSource, done: Action = lambda: None) -> bool:
        """An end of billing that somebody asks for, by command, button or input; False if that is none of the sources,
        while another one locks it out, or waits to be written. `done` is called once it can't be lost any more.

        What several ask for before the energy is counted is one end of billing.
        """
        utc_s = self.clock.utc_s(self.kernel.now)
        if source not in self.config.billing.sources or self._billing_locked(utc_s):
            return False
        if not self._billing_asked and not self.store.has_room("billing"):
            return False
        self._billing_asked.append(source)

        def end() -> None:
            causes, self._billing_asked = self._billing_asked, []
            if causes:
                self.apply([self.tariff.end_billing(causes, utc_s)])

        self.command(end, done)
        return True

    def _billing_locked(self, utc_s: int) -> bool:
        """Whether the last end of billing locks another out. A clock that is set does not lift that."""
        if self._locked_until_ns is not None:
            return self.kernel.now < self._locked_until_ns
        if not self.history:
            return False
        last_s = self.history[-1].utc_s
        return 0 <= utc_s - last_s < self.config.billing.locked_s(last_s, self.config.clock.zone)

    def acknowledge_alarms(self, bits: int, done: Action = lambda: None) -> None:
        """Clear these bits of the alarm register. `done` is called once that can't be lost any more."""
        if cleared := bits & self.alarms.register:
            self.log(Event.ALARMS_ACKNOWLEDGED, cleared)
        self.when_saved(done)
        self.save(SaveReason.COMMAND)

    def release_tariff(self, done: Action = lambda: None) -> None:
        """Let a frozen tariff follow the calendar again. `done` is called once that can't be lost any more."""

        def release() -> None:
            if self.tariff.frozen:
                self.log(Event.TARIFF_RELEASED)
                self.apply(self.tariff.release(self.clock.utc_s(self.kernel.now), self.clock.status))

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

    def log(self, event: Event, detail: int = 0, phase: int = 0, duration_s: int | None = None) -> None:
        """Log an event of now. `phase`: 0 total, 1 to 3, 4 the neutral; `duration_s` of what has ended, if its begin is
        not in a log."""
        self.log_at(event, self.clock.utc_s(self.kernel.now), self.clock.status, detail, phase, duration_s)

    def log_at(
        self,
        event: Event,
        utc_s: int,
        clock: ClockStatus,
        detail: int = 0,
        phase: int = 0,
        duration_s: int | None = None,
    ) -> None:
        """Log an event with its own time."""
        self.unlogged(event, detail)
        lasted_s = self.told.logged(event, detail, self.kernel.now)
        duration_s = lasted_s if duration_s is None else duration_s
        offset_s = self.config.clock.zone.offset(utc_s)
        entry = Entry(event, self.told.next_number(), utc_s, offset_s, clock, detail, phase, duration_s)
        log = log_of(event)

        def written(place: int) -> None:
            self.told.heard(log, place, entry)
            self.board.probe.publish(
                EventLogged(
                    entry.number, event.text, utc_s, clock.value, detail, log.value, place, phase, duration_s
                )
            )

        self._write(log.ring, build_entry(entry), written)

    def unlogged(self, event: Event, detail: int = 0) -> None:
        """What an event means for the profile and the alarms, whether it leaves an entry or not."""
        self.profile.heard(event, detail)
        self.alarms.heard(event, detail)

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
            events=self.told.kept(self.alarms.register, now),
            tariff=tariff,
            rtc_believed=clock.believed,
            rtc_due=clock.due,
            rtc_lag_ns=clock.lag_ns,
            slew=(slew.rest_s, slew.next_s, slew.flagged_until_s),
            access_wrong=self.access_wrong,
            access_locked_s=-(-max(self.access_locked_until_ns - now, 0) // S),
            profiles=self.profile.state(utc_ns // S, tariff.totals),
            programme=self.programming.programme.number,
            passive=self.programming.passive,
            load_switch=self.load_switch.state,
        )
        programmed = self.programming.untold

        def written(sequence: int) -> None:
            if programmed is not None and programmed is self.programming.untold:
                self.programming.untold = None
                self.board.probe.publish(programmed)
            for second in state.profiles[1:]:
                self.board.probe.publish(SecondProfileSaved(sequence, second.closed, second.unreported))
            self.board.probe.publish(
                RegistersSaved(
                    sequence=sequence,
                    reason=reason.name.lower(),
                    at_ns=counted_ns,
                    totals=tariff.totals[:MEASURED],
                    sums=tariff.totals[MEASURED:],
                    registered=tariff.registered,
                    rates=tariff.rates,
                    billing=tariff.billing_number,
                    utc_s=state.utc_s,
                    rate=tariff.rate,
                    demand_rate=tariff.demand_rate,
                    frozen=tariff.frozen,
                    intervals=state.profiles[0].closed,
                    unreported=state.profiles[0].unreported,
                    programme=state.programme,
                    ratio=tariff.ratio.as_integer_ratio(),
                )
            )
            self._saved(moves, waits)
            self.profile.saved(state.profiles)

        return build_state(state), written

    def _write(self, ring: str, payload: bytes, written: Written) -> None:
        self.store.put(Request(ring, payload, written), self.kernel.now)

    def test_battery(self) -> None:
        """Test the cell, and log what is new."""
        event = self.battery.test(self.clock.utc_s(self.kernel.now), self.clock.status)
        if event is not None:
            self.log(event)
