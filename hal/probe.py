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
    """An event is in its log, in flash: its number among the events of all logs, its name, the meter's own time and its
    trust in it. `place` is the sequence number in the log; `phase` 0 total, 1 to 3, 4 the neutral; `duration_s` of what
    has ended, None if it is no end, or nobody knows."""

    sequence: int
    event: str
    utc_s: int
    clock: str
    detail: int
    log: str = ""
    place: int = 0
    phase: int = 0
    duration_s: int | None = None


@dataclass(frozen=True, slots=True)
class RegistersSaved(Record):
    """A save is whole in flash.

    `totals` are the eight energies in nWh in the order of `hal.energy.ENERGY_KINDS`; `sums` the customer's sums, which
    follow them; `rates[r]` those of `registered` places of these eleven for each time-of-use rate; `billing` counts the
    ends of billing so far; `at_ns` is the monotonic instant up to which energy is in the save. `utc_s` is the meter's
    own time when it was laid out, `rate` and `demand_rate` those in force then, `frozen` whether the tariff is.
    `intervals` of the load profile are closed so far, `unreported` is what each of its channels has counted in nWh that
    none of them holds: the carry, and the running interval; 0 for channels that are no energy's advance.
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
    sums: tuple[int, ...] = (0, 0, 0)
    registered: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7)
    demand_rate: int = 0


@dataclass(frozen=True, slots=True)
class IntervalClosed(Record):
    """A demand interval has ended at `utc_s` with this demand of active import; `short` if it was cut or clipped.

    A period of block demand, a subinterval of sliding demand, a minute of thermal demand, which counts in the demand
    rate `rate` and was ended by `cause`. `demands_mw` and `energies` are those of the places `quantities` among the
    eleven energies. It is told when the first save that has seen it end is whole.
    """

    utc_s: int
    demand_mw: int
    short: bool
    start_s: int = 0
    length_s: int = 0
    rate: int = 0
    cause: str = ""
    quantities: tuple[int, ...] = ()
    energies: tuple[int, ...] = ()
    demands_mw: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileRecorded(Record):
    """An interval of the load profile is whole in flash.

    `number` counts from 1 without a gap; `utc_s` is the stamp of its end, `offset_s` local time less UTC in its last
    second, `clock` the trust in it, `status` the names of its flags. `length_s` is the time covered, `period_s` the
    nominal length, `missed` the periods before it that have no interval. `kinds` are codes of
    `firmware.profile.channel`; those below 8 are places in `hal.energy.ENERGY_KINDS`, and their `values` whole units of
    `unit_nwh`. `profile` is 1 or 2.
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
    profile: int = 1


@dataclass(frozen=True, slots=True)
class SecondProfileSaved(Record):
    """A save with a second load profile is whole, and is told next: what `RegistersSaved` says of the first profile."""

    sequence: int
    intervals: int
    unreported: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RateSelected(Record):
    """From `utc_s` on, energy counts in this time-of-use rate (1 is the first)."""

    rate: int
    utc_s: int
    demand_rate: int = 0


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
    """The highest demand in mW of each maximum demand register, 0 for none; of which energy (its place among eleven)
    and demand rate (0: all) it is `kept` says, and `ranked` the five highest and the ends of their intervals, UTC in
    s."""
    kept: tuple[tuple[int, int], ...] = ()
    ranked: tuple[tuple[tuple[int, int], ...], ...] = ()
    cumulative: tuple[int, ...] = ()
    """The sums of the maxima of all periods before, in mW."""
    coincident: tuple[tuple[int, ...], ...] = ()
    """The demands in mW of another energy at each of the ranks of a maximum; `beside` are its place among the maxima,
    and the other's place among the energies."""
    beside: tuple[tuple[int, int], ...] = ()
    causes: tuple[str, ...] = ()
    """All of them; `source` is the first."""
    sums: tuple[int, ...] = (0, 0, 0)
    registered: tuple[int, ...] = ()
    rates: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class DayFrozen(Record):
    """A daily freeze is whole in flash: the midnight, UTC in s, that it is made for, and the registers then; as in
    `RegistersSaved`. `late`: the clock passed over that midnight while the meter was off, or when it was set."""

    utc_s: int
    offset_s: int
    clock: str
    late: bool
    totals: tuple[int, ...]
    sums: tuple[int, ...]
    registered: tuple[int, ...]
    rates: tuple[tuple[int, ...], ...]
    ratio: tuple[int, int]


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
class TestModeChanged(Record):
    """From the monotonic instant `at_ns` on, energy counts in the registers of test mode, or bills again."""

    __test__ = False

    on: bool
    at_ns: int


@dataclass(frozen=True, slots=True)
class FrameRefused(Record):
    """The port refused what it received."""

    port: str
    reason: str
