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

    `totals` are the eight energies in nWh in the order of `hal.frontend.ENERGY_KINDS`; `rates[r]` the same for each
    time-of-use rate; `billing` counts the ends of billing so far; `at_ns` is the monotonic instant up to which energy
    is in the save.
    """

    sequence: int
    reason: str
    at_ns: int
    totals: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    billing: int


@dataclass(frozen=True, slots=True)
class IntervalClosed(Record):
    """A demand interval has ended at `utc_s` with this mean active import power; `short` if it was cut or clipped."""

    utc_s: int
    demand_mw: int
    short: bool


@dataclass(frozen=True, slots=True)
class RateSelected(Record):
    """From `utc_s` on, energy counts in this time-of-use rate (1 is the first)."""

    rate: int
    utc_s: int


@dataclass(frozen=True, slots=True)
class BillingClosed(Record):
    """An end of billing is whole in flash: its number, its source, its stamp, and the registers that it froze."""

    number: int
    source: str
    utc_s: int
    totals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClockChanged(Record):
    """The civil clock was set, restored or lost trust; `utc_s` before and after, and the status that it has now."""

    reason: str
    before_s: int
    after_s: int
    clock: str


@dataclass(frozen=True, slots=True)
class FrameRefused(Record):
    """The port refused what it received."""

    port: str
    reason: str
