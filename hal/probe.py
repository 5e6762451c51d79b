"""The probe: how firmware lets an observer see what it did, without a way back.

Firmware publishes frozen records; the canonical log, oracles and expectations see these, and the devices' outputs, and
nothing else. On real hardware a probe is a trace line, or nothing.
"""

from dataclasses import dataclass
from typing import Protocol

from hal.processor import ResetCause


class Record:
    """Base of all records: frozen dataclasses with slots, of ints, strings, bools, None, enums, and tuples of these."""

    __slots__ = ()


class Probe(Protocol):
    def publish(self, record: Record) -> None: ...


@dataclass(frozen=True, slots=True)
class JobDone(Record):
    """A task has ended a job. Instants are monotonic ns; the response counts from the nominal release."""

    task: str
    release_ns: int
    end_ns: int
    missed: bool


@dataclass(frozen=True, slots=True)
class BudgetOverrun(Record):
    """A segment of a job used more cycles than its task declares, or the job had more segments than declared."""

    task: str
    segment: int
    declared: int
    used: int


@dataclass(frozen=True, slots=True)
class ContractBroken(Record):
    """A trigger or interrupt came sooner, later, or a device wait lasted longer, than its specification allows.

    `what` is "spacing", "jitter" or "wait"; a bound computed from the specification no longer holds from here on.
    """

    who: str
    what: str
    seen_ns: int
    allowed_ns: int


@dataclass(frozen=True, slots=True)
class MailboxDropped(Record):
    """A full mailbox refused an item; `dropped` counts them since boot."""

    mailbox: str
    dropped: int


@dataclass(frozen=True, slots=True)
class Booted(Record):
    """The firmware has recovered its state and starts to work.

    `clean` means that the last power-down ended with a whole save; `save` is the sequence number of the save that was
    recovered (0: none, a virgin meter), `dropped` the number of torn or corrupt records passed over.
    """

    cause: ResetCause
    clean: bool
    save: int
    dropped: int


@dataclass(frozen=True, slots=True)
class EventLogged(Record):
    """An event is in the log, in flash: its sequence number, its name, the meter's own time and its trust in it."""

    sequence: int
    event: str
    utc_s: int
    clock: str
    detail: int


@dataclass(frozen=True, slots=True)
class RegistersSaved(Record):
    """A save is whole in flash.

    `totals` are the eight energies in nWh in the order of `hal.energy.ENERGY_KINDS`; `rates[r]` the same for each
    time-of-use rate; `billing` counts the ends of billing so far; `at_ns` is the monotonic instant up to which energy
    is in the save. `utc_s` is the meter's own time when it was laid out, `rate` the one in force then, `frozen` whether
    the tariff is. `intervals` of the load profile are closed so far, `unreported` is what each of its channels has
    counted in nWh that none of them holds: the carry, and the running interval.
    """

    sequence: int
    reason: str
    at_ns: int
    totals: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    billing: int
    utc_s: int
    rate: int
    frozen: bool
    intervals: int = 0
    unreported: tuple[int, ...] = ()
    programme: int = 0
    """The number of the programme in force in it."""
    ratio: tuple[int, int] = (1, 1)
    """CT x VT in lowest terms: registers are of secondary energy, and were made to be multiplied by this."""


@dataclass(frozen=True, slots=True)
class IntervalClosed(Record):
    """A demand interval has ended at `utc_s` with this mean active import power; `short` if it was cut or clipped.

    It is told when the first save that has seen it end is whole.
    """

    utc_s: int
    demand_mw: int
    short: bool


@dataclass(frozen=True, slots=True)
class ProfileRecorded(Record):
    """An interval of the load profile is whole in flash.

    `number` counts from 1 without a gap; `utc_s` is the stamp of its end, `offset_s` local time less UTC in its last
    second, `clock` the trust in it, `status` the names of its flags. `length_s` is the time covered, `period_s` the
    nominal length, `missed` the periods before it that have no interval. `values` are whole units of `unit_nwh` of the
    energies `kinds`, places in `hal.energy.ENERGY_KINDS`.
    """

    number: int
    utc_s: int
    offset_s: int
    clock: str
    status: tuple[str, ...]
    length_s: int
    period_s: int
    missed: int
    kinds: tuple[int, ...]
    unit_nwh: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RateSelected(Record):
    """From `utc_s` on, energy counts in this time-of-use rate (1 is the first)."""

    rate: int
    utc_s: int


@dataclass(frozen=True, slots=True)
class BillingClosed(Record):
    """An end of billing is whole in flash: its number, its source, its stamp, and the registers that it froze.

    `scheduled_s` is the scheduled instant that it was made for, UTC in s; 0 if it was not scheduled.
    """

    number: int
    source: str
    utc_s: int
    totals: tuple[int, ...]
    scheduled_s: int
    ratio: tuple[int, int] = (1, 1)
    maxima: tuple[int, ...] = (0,)
    """The maximum demands in mW, over all and in each rate; 0 for none."""


@dataclass(frozen=True, slots=True)
class Programmed(Record):
    """A programme is in force, and can't be lost: told at each boot, and before the first save that bears it.

    `number` counts the programmings; `passive_s` is when its passive tariff takes over, UTC in s, 0 if none waits.
    `ratio` is its CT x VT in lowest terms, `ratio_before` that of the registers until the monotonic instant `at_ns`.
    """

    number: int
    at_ns: int
    ratio_before: tuple[int, int]
    ratio: tuple[int, int]
    passive_s: int


@dataclass(frozen=True, slots=True)
class ClockChanged(Record):
    """The civil clock was set, restored or lost trust; `utc_s` before and after, and the status that it has now."""

    reason: str
    before_s: int
    after_s: int
    clock: str


@dataclass(frozen=True, slots=True)
class ClockSighted(Record):
    """The meter has looked at its sources of time: at the monotonic instant `at_ns` it was `utc_ns` by its civil clock.
    Until the next sight that goes on with the CPU's oscillator, and `rate_ppb` faster. `source` is what it follows:
    "rtc", "mains", "cpu"."""

    at_ns: int
    utc_ns: int
    rate_ppb: int
    source: str
    clock: str


@dataclass(frozen=True, slots=True)
class SupplyControlled(Record):
    """The disconnect relay goes into another state, by a transition of IEC 62056-6-2, class 70 (its letter), because of
    a trigger; all as `firmware.load_switch.disconnect` names them."""

    transition: str
    trigger: str
    state: str
    utc_s: int


@dataclass(frozen=True, slots=True)
class LoadControlled(Record):
    """The load-control output was switched."""

    on: bool
    utc_s: int


@dataclass(frozen=True, slots=True)
class FrameRefused(Record):
    """The port refused what it received."""

    port: str
    reason: str
