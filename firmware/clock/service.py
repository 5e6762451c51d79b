"""The clock service: looks at the sources of time, tells what ends, sets and slews the clock, and sees to it that the
RTC follows once a change is on record.

Order of a change: the clock moves in memory, a save with the new time is made whole in flash, the RTC is set, and that
is saved too. A cut before the first save leaves the old time whole. One between the two saves leaves it open whether
the RTC was set: where only one of the two times can be, because the other is before the save, that is the time; else
the clock is in doubt. Nobody has been told yet that it was done, unless the RTC was set.
"""

from collections.abc import Callable
from typing import Final

from firmware.clock.civil_clock import SLIGHT_NS, CivilClock, RtcUse, SavedTime
from firmware.clock.clocked import Clocked
from firmware.clock.mains_time import MainsTime, time_of
from firmware.clock.rtc_watch import RtcTrouble
from firmware.clock.slew import ADJUST_LIMIT_S, Slew
from firmware.clock.trust import ClockEvent, ClockStatus
from firmware.config import ClockSource
from firmware.demand.period import IntegrationPeriod
from firmware.events.codes import Event
from firmware.events.entry import Entry
from firmware.save import MeterState, SaveReason
from firmware.status_word import Status
from hal.probe import ClockChanged, ClockSighted, Probe
from hal.rtc import RTC_BEGIN_S, RTC_END_S
from hal.units import MS, S

_GRACE_NS: Final = 500 * MS
_GRACE_SHARE: Final = 5_000
"""The RTC's alarm rings first, unless the CPU's oscillator is 200 ppm and more fast against its crystal."""

_WRITE_AT_ONCE_NS: Final = 200 * MS
"""An RTC that the clock is ahead of by no more is set at once; else the next whole second is waited for."""

_ASTRAY_NS: Final = 500 * MS
"""A clock on the CPU's oscillator alone that may be wrong by so much is doubted."""

_PPB: Final = 1_000_000_000
_TROUBLES: Final = {
    RtcTrouble.NOT_INCREMENTING: ClockEvent.STOPPED,
    RtcTrouble.STOPPED: ClockEvent.STOPPED,
    RtcTrouble.UNREADABLE: ClockEvent.IMPLAUSIBLE,
    RtcTrouble.IMPLAUSIBLE: ClockEvent.IMPLAUSIBLE,
    RtcTrouble.DISTRUSTED: ClockEvent.IMPLAUSIBLE,
}


class ClockService:
    """What is done with the clock of a meter."""

    def __init__(self, meter: Clocked, clock: CivilClock, probe: Probe, now: Callable[[], int]) -> None:
        """`now` is the monotonic instant in ns."""
        config = meter.config
        self._meter = meter
        self._probe = probe
        self._now = now
        self._clock = clock
        clock.watch.mains_ns = self._mains_ns
        self.slew = Slew(IntegrationPeriod(config.demand_period_s, config.clock.zone))
        self.alarm_s = 0
        """The second for which the RTC's alarm is set."""
        self.told_s = 0
        """All that ends up to this second has been told to end."""
        self.poke: Callable[[int], None] = lambda _now_ns: None
        """Told when the clock's task may have something to do sooner than it thinks."""
        follows = config.clock.source is ClockSource.MAINS
        self._mains = MainsTime(config.nameplate.frequency_uhz) if follows else None
        self._on_mains = False
        self.on_crystal = False
        """The log says that the clock should follow the mains, and does not."""
        self._alone_ns: int | None = None
        """Since when nothing but the CPU's oscillator carries a clock that is trusted."""
        self._miscounted = False
        self._setting = 0
        """Commands whose energy is still being counted: until then nothing ends."""
        self._write_due = False
        self._failure_told = False

    @property
    def on_mains(self) -> bool:
        """Whether the clock follows the mains."""
        return self._on_mains

    def programmed(self) -> None:
        """Another zone or integration period may be in force."""
        config = self._meter.config
        self.slew.period = IntegrationPeriod(config.demand_period_s, config.clock.zone)

    # Boot

    def start(self, now_ns: int, state: MeterState | None, recorded_s: int) -> RtcTrouble | None:
        """Power-up: find the time. Why the RTC was not believed, None if it was. `recorded_s` as for
        `CivilClock.start`."""
        meter, clock = self._meter, self._clock
        saved = None
        if state is not None:
            clock.status = state.clock
            saved = SavedTime(state.utc_ns, state.rtc_believed, state.rtc_lag_ns, state.rtc_due)
            self.on_crystal = bool(state.status & Status.CLOCK_ON_CRYSTAL)
        config = meter.config.clock
        trouble = clock.start(now_ns, saved, config.longest_outage_s * S, config.built_s, recorded_s)
        utc_s = clock.utc_s(now_ns)
        if state is not None and trouble is None:
            self.slew.resume(*state.slew, utc_s)
        self._failure_told = clock.use is RtcUse.FAILED
        self.told_s = utc_s
        self._sighted(now_ns)
        return trouble

    def heard(self, logged: Entry) -> None:
        """The log says so, and the save that the meter went on from is older."""
        if logged.event in (Event.CLOCK_ON_CRYSTAL, Event.CLOCK_ON_MAINS):
            self.on_crystal = logged.event is Event.CLOCK_ON_CRYSTAL

    # Looking, and telling what ends

    def look(self, now_ns: int, rung: tuple[int, int] | None = None) -> None:
        """See what the sources of time say. `rung`: see `CivilClock.look`."""
        clock = self._clock
        use, elsewhere = clock.use, self._on_mains
        self._look_at_mains(now_ns)
        # What the mains have brought up to now stays, though they tell no more.
        trouble = clock.look(now_ns, rung, on_mains=elsewhere or self._on_mains)
        self._sighted(now_ns)
        if trouble is not None:
            self._failed(trouble, doubted=not (elsewhere and self._on_mains))
        elif use is RtcUse.FAILED and clock.lost:
            # It is set, and believed again, once this is on record.
            self._meter.save(SaveReason.COMMAND)
        self._doubt_what_is_alone(now_ns)

    def _doubt_what_is_alone(self, now_ns: int) -> None:
        """A failed RTC did no harm while the mains told the time. Where they tell none either, the trust is gone as
        soon as the CPU's oscillator may have led astray."""
        clock = self._clock
        trusted = clock.status in (ClockStatus.VALID, ClockStatus.ADJUSTED)
        if self._on_mains or not trusted or clock.use is not RtcUse.FAILED or clock.trouble is None:
            self._alone_ns = None
        elif self._alone_ns is None:
            self._alone_ns = now_ns
        elif (now_ns - self._alone_ns) * self._meter.config.clock.rtc_tolerance_ppb > _ASTRAY_NS * _PPB:
            before = clock.status
            clock.trust(_TROUBLES[clock.trouble])
            self._tell_doubt(before)
            self._meter.save(SaveReason.COMMAND)

    def _failed(self, trouble: RtcTrouble, doubted: bool) -> None:
        meter, before = self._meter, self._clock.status
        self._failure_told = True
        if doubted:
            self._clock.trust(_TROUBLES[trouble])
        meter.log(Event.RTC_FAILED, trouble.value)
        self._clock.watch.rtc.set_alarm(None)
        self._tell_doubt(before)
        meter.save(SaveReason.COMMAND)
        self.poke(self._now())

    def _tell_doubt(self, before: ClockStatus) -> None:
        if self._clock.status is ClockStatus.DOUBTFUL and before is not ClockStatus.DOUBTFUL:
            self._meter.log(Event.CLOCK_DOUBTFUL)

    def _look_at_mains(self, now_ns: int) -> None:
        if self._mains is None:
            return
        live = self._meter.metering.live
        now_uhz = live.frequency_uhz if live.alive else 0
        advance = self._mains.look(now_ns, self._meter.metering.mains_cycles(now_ns))
        if self._on_mains and advance is not None and advance.good:
            # What the clock said at the last look, carried on by the cycles counted since.
            begun_ns = self._clock.utc_ns(advance.at_ns - advance.elapsed_ns)
            rate_ppb = (advance.mains_ns - advance.elapsed_ns) * _PPB // advance.elapsed_ns
            self._clock.follow(advance.at_ns, begun_ns + advance.mains_ns, rate_ppb)
        tells = self._mains.tells(now_uhz, followed=self._on_mains)
        if advance is not None and (self._on_mains or self._miscounted):
            # A count that does not fit its frequency must fit it once before it is believed again.
            self._miscounted = tells and not advance.good
        tells = tells and not self._miscounted
        if tells is not self._on_mains:
            self._change_source(now_ns, now_uhz, tells)

    def _change_source(self, now_ns: int, now_uhz: int, to_mains: bool) -> None:
        """That the mains are gone, or back, is in the log anyway."""
        self._on_mains = to_mains
        if not to_mains:
            self._clock.coast(now_ns)
        if not to_mains and now_uhz:
            self._meter.log(Event.CLOCK_ON_CRYSTAL, now_uhz // 1_000)
            self.on_crystal = True
            if self._clock.use is RtcUse.FAILED and self._clock.trouble is not None:
                # Not the RTC's crystal carries the clock from here on, but the CPU's oscillator.
                before = self._clock.status
                self._clock.trust(_TROUBLES[self._clock.trouble])
                self._tell_doubt(before)
            self._meter.save(SaveReason.COMMAND)
        elif to_mains and self.on_crystal:
            self._meter.log(Event.CLOCK_ON_MAINS)
            self.on_crystal = False
            self._meter.save(SaveReason.COMMAND)

    def _mains_ns(self, now_ns: int) -> int | None:
        """The time of all mains cycles counted so far; None without a frequency."""
        meter = self._meter
        if not meter.metering.live.frequency_uhz:
            return None
        return time_of(meter.metering.mains_cycles(now_ns), meter.config.nameplate.frequency_uhz)

    def mains_changed(self, now_ns: int) -> None:
        """Something about the mains has passed a level: their frequency may have left its band, or come back."""
        if self._mains is not None:
            self.look(now_ns)
            self.poke(now_ns)

    def _sighted(self, now_ns: int) -> None:
        clock = self._clock
        source = "mains" if self._on_mains else "rtc" if clock.use is RtcUse.BELIEVED else "cpu"
        record = ClockSighted(now_ns, clock.utc_ns(now_ns), clock.rate_ppb, source, clock.status.value)
        self._probe.publish(record)

    def due_ns(self, now_ns: int) -> int | None:
        """How long until the clock's task has something to do without being told; None while a command is counted."""
        if self._setting:
            return None
        clock = self._clock
        boundary_ns = clock.instant_ns(self.alarm_s)
        if clock.use is RtcUse.BELIEVED and not self._on_mains:
            # The alarm will have rung by then.
            boundary_ns += _GRACE_NS + max(boundary_ns - now_ns, 0) // _GRACE_SHARE
        instants = [boundary_ns]
        if self.slew.next_s:
            instants.append(clock.instant_ns(self.slew.next_s))
        if self._write_due:
            instants.append(clock.instant_ns(clock.utc_s(now_ns - 1) + 1))
        return max(min(instants) - now_ns, 0)

    def step(self, now_ns: int, rung: tuple[int, int] | None) -> None:
        """The clock's task: a look, and all that is due. `rung` is the instant of the RTC's alarm and its second."""
        if self._setting:
            return
        self.look(now_ns, rung)
        if self._write_due and self._clock.utc_ns(now_ns) % S <= _WRITE_AT_ONCE_NS:
            self._write(now_ns)
        self.tell(now_ns)
        by_s = self.slew.step(self._clock.utc_s(now_ns))
        if by_s:
            self._shift(now_ns, by_s)

    def tell(self, now_ns: int) -> None:
        """End all that has ended by the clock, and set the alarm for what ends next; not while the clock is being set,
        which tells by the new time."""
        clock, meter = self._clock, self._meter
        if self._setting:
            return
        while (following := meter.next_boundary(self.told_s)) <= clock.utc_s(now_ns):
            self.told_s = following
            meter.end_at(min(clock.instant_ns(following), now_ns), following)
        self.alarm_s = following
        if clock.use is RtcUse.BELIEVED:
            clock.watch.rtc.set_alarm(following)

    def ended(self, utc_s: int) -> None:
        """An interval has ended: so may an adjustment."""
        if self.slew.settles(utc_s):
            self._clock.trust(ClockEvent.SETTLED)
            self._meter.log(Event.CLOCK_SETTLED)

    # Setting it

    def set(self, utc_s: int, done: Callable[[], None]) -> None:
        """Set the clock now. What is no more than the limit is slewed; more ends the running interval, flagged.

        A healthy cell arms the response to the next battery failure. `done` is called once it can't be lost any more.
        """
        meter, clock, now = self._meter, self._clock, self._now()
        self.look(now)
        before_s = clock.utc_s(now)
        if clock.status is ClockStatus.INVALID or abs(utc_s - before_s) > meter.config.clock.slew_limit_s:
            self._set_at_once(now, utc_s, done)
            return
        self._trusted(before_s)
        meter.when_saved(done)
        if utc_s != before_s:
            self._begin_slew(utc_s - before_s, utc_s)
        else:
            # It is right as it is: what is left of an adjustment would take it away from there.
            self.slew.begin(0, utc_s)
        meter.save(SaveReason.COMMAND)
        self.poke(now)

    def adjust(self, by_s: int, done: Callable[[], None]) -> bool:
        """Slew the clock by some seconds from what it shows now; False if that is too much, or there is no time."""
        meter, clock, now = self._meter, self._clock, self._now()
        self.look(now)
        utc_s = clock.utc_s(now) + by_s
        if abs(by_s) > ADJUST_LIMIT_S or clock.status is ClockStatus.INVALID or not RTC_BEGIN_S <= utc_s < RTC_END_S:
            return False
        meter.when_saved(done)
        self._begin_slew(by_s, utc_s)
        meter.save(SaveReason.COMMAND)
        self.poke(now)
        return True

    def _set_at_once(self, now_ns: int, utc_s: int, done: Callable[[], None]) -> None:
        """Nothing else ends between now and the instant at which the energy before now has been counted."""
        meter, clock = self._meter, self._clock
        self._setting += 1

        def carry_out() -> None:
            self._setting -= 1
            before_s = max(clock.utc_s(now_ns), self.told_s)
            known = clock.status is not ClockStatus.INVALID
            self.slew.drop()
            clock.move(now_ns, utc_s * S)
            self.told_s = utc_s
            self._trusted(before_s)
            self._probe.publish(ClockChanged("set", before_s, utc_s, clock.status.value))
            self._sighted(self._now())
            meter.clock_was_set(before_s, utc_s, known=known)
            meter.when_saved(done)
            meter.save(SaveReason.COMMAND)
            self.tell(self._now())
            self.poke(self._now())

        meter.once_counted(now_ns, carry_out)

    def _trusted(self, before_s: int) -> None:
        clock = self._clock
        clock.trust(ClockEvent.SET)
        clock.distrust.forgive()
        if clock.use is RtcUse.FAILED and clock.trouble is not None and not self._on_mains:
            # The time is right now; what carries it on is not.
            clock.trust(_TROUBLES[clock.trouble])
        self._meter.battery.arm(clock.status)
        self._meter.log(Event.CLOCK_SET, before_s)

    def _begin_slew(self, by_s: int, becomes_s: int) -> None:
        self.slew.begin(by_s, self._clock.utc_s(self._now()))
        # One that takes another back before its first step leaves nothing that could settle later.
        self._clock.trust(ClockEvent.SLEWED if self.slew.running else ClockEvent.SETTLED)
        self._meter.log(Event.CLOCK_ADJUSTED, becomes_s)

    def _shift(self, now_ns: int, by_s: int) -> None:
        """One step of a slew."""
        clock = self._clock
        before_s = clock.utc_s(now_ns)
        clock.move(now_ns, clock.utc_ns(now_ns) + by_s * S)
        changed = ClockChanged("slewed", before_s, before_s + by_s, clock.status.value)
        self._probe.publish(changed)
        self._sighted(now_ns)
        self._meter.save(SaveReason.COMMAND)

    # The RTC follows

    def saved(self, now_ns: int, moves: int) -> None:
        """A save is whole in flash, with the clock as it was after so many moves: an RTC that is to be set to it may be
        set now, about a whole second."""
        clock = self._clock
        if not clock.due or moves != clock.moves:
            return
        if clock.use is RtcUse.BELIEVED or clock.utc_ns(now_ns) % S <= _WRITE_AT_ONCE_NS:
            self._write(now_ns)
        else:
            self._write_due = True
        self.poke(now_ns)

    def _write(self, now_ns: int) -> None:
        clock = self._clock
        tells = clock.use is not RtcUse.BELIEVED or abs(clock.lag_ns) > SLIGHT_NS
        clock.write_rtc(now_ns)
        self._write_due = False
        clock.watch.rtc.set_alarm(self.alarm_s)
        if self._failure_told:
            self._failure_told = False
            self._meter.log(Event.RTC_RESTORED)
        if tells:
            # Until this is on record, a cut without warning leaves it open whether the RTC was set.
            self._meter.save(SaveReason.COMMAND)
