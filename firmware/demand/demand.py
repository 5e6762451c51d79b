"""Demand of a meter: the running interval, and the registers that its demands go to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from firmware.clock.civil import Zone
from firmware.clock.trust import ClockStatus
from firmware.demand.config import DemandConfig
from firmware.demand.integration import Integration
from firmware.demand.interval import Interval
from firmware.demand.period import EndCause
from firmware.demand.registers import DemandRegisters
from firmware.demand.state import Averages, IntegrationState


@dataclass(frozen=True, slots=True)
class DemandState:
    """All that a save keeps of demand."""

    running: IntegrationState
    registers: DemandRegisters


class Demand:
    """Pure: told of energy, boundaries and what happens to the clock, as `Integration` is. Each interval that ends is
    given back, and in the registers already."""

    def __init__(self, config: DemandConfig, zone: Zone, utc_s: int, rate: int) -> None:
        """A meter that never ran before; `rate` is the demand rate in force."""
        self._running = Integration(config, zone, utc_s, rate)
        self.registers = DemandRegisters.cleared(config)

    @classmethod
    def resume(
        cls,
        config: DemandConfig,
        zone: Zone,
        state: DemandState,
        utc_s: int,
        rate: int,
        clock: ClockStatus,
        outage_s: int | None,
    ) -> tuple[Self, Interval | None]:
        """Go on after an outage, as `Integration.resume` says. The state may be of another configuration: what was
        measured by that is closed, and registers that both have go on."""
        demand = cls(config, zone, utc_s, rate)
        demand._running, broken = Integration.resume(config, zone, state.running, utc_s, rate, clock, outage_s)
        registers = state.registers
        if broken is not None:
            registers = registers.with_interval(broken)
        demand.registers = registers.fitted(config)
        return demand, broken

    @property
    def next_s(self) -> int:
        """When `boundary` is to be called next, at the latest, UTC in s."""
        return self._running.next_s

    def next_after(self, utc_s: int) -> int:
        """The first second after `utc_s` at which `boundary` is to be called, told of `utc_s` or not."""
        return self._running.next_after(utc_s)

    @property
    def end_s(self) -> int:
        """When the running interval ends, UTC in s."""
        return self._running.end_s

    @property
    def waiting(self) -> bool:
        """Whether what flows now is no demand: forgiven, or before the first whole period."""
        return self._running.waiting

    def state(self, at_s: int) -> DemandState:
        """What a save at `at_s`, UTC in s, must keep."""
        return DemandState(self._running.state(at_s), self.registers)

    def averages(self) -> Averages:
        """Current and last averages, of what has been added so far."""
        return self._running.averages()

    def add(self, energies: Sequence[int]) -> None:
        """Energy has flowed, all of it before the next boundary; as for `Integration.add`."""
        self._running.add(energies)

    def boundary(self, utc_s: int, rate: int, clock: ClockStatus) -> Interval | None:
        """The clock shows `utc_s`, `rate` is in force from now on, and all energy before has been added: what ends.

        To be called at `next_s`, and when the rate changes; at any other second it changes nothing.
        """
        interval = self._running.boundary(utc_s, rate, clock)
        return None if interval is None else self._registered(interval)

    def clock_set(self, before_s: int, after_s: int, rate: int, clock: ClockStatus) -> Interval:
        """The clock was set by more than may be slewed; `rate` is the one in force by the new time, `clock` the status
        before."""
        before_s = self._running.within(before_s)
        return self._registered(self._running.clock_set(before_s, after_s, rate, clock))

    def synchronise(self, utc_s: int, rate: int, clock: ClockStatus) -> Interval:
        """A control input ends the integration period."""
        at_s = self._running.within(utc_s)
        return self._registered(self._running.end_period(at_s, rate, clock, EndCause.CONTROL_INPUT))

    def programmed(self, config: DemandConfig, zone: Zone, utc_s: int, rate: int, clock: ClockStatus) -> Interval:
        """Another configuration holds from now on: the interval ends, registers that both have go on.

        Maxima of another period or method don't compare: end the billing period first if these change. A forgiveness
        goes on.
        """
        running = self._running
        interval = self._registered(running.end_period(running.within(utc_s), rate, clock, EndCause.PROGRAMMED))
        self._running = running.under(config, zone, utc_s, rate)
        self.registers = self.registers.fitted(config)
        return interval

    def end_billing(self) -> DemandRegisters:
        """The billing period ends: its registers as they stand, for the historical set; the next period's begin.

        The running interval goes on, and counts in the period in which it ends.
        """
        closed = self.registers
        self.registers = closed.billed()
        return closed

    def _registered(self, interval: Interval) -> Interval:
        self.registers = self.registers.with_interval(interval)
        return interval
