"""What the registers are read from: frozen values that accounting, demand and billing hand over. No part of this
package knows who keeps them, nor how.

Everything here is immutable: a snapshot holds references, and reads them whenever it is asked.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Protocol

from firmware.registers.identity import Kind, RegisterId
from firmware.registers.value import Stamp, Value, ValueStatus


class Readable(Protocol):
    """A part of a snapshot."""

    @property
    def kinds(self) -> Iterable[Kind]:
        """The kinds of register that it may know."""

    def ids(self) -> Iterable[RegisterId]:
        """Every register that is kept; each can be found. More may be found than is kept: sums of what is."""

    def find(self, identity: RegisterId) -> Value | None:
        """The register's value; None if there is no such register here."""


class Peak(Protocol):
    """A maximum of demand."""

    @property
    def demand_mw(self) -> int: ...

    @property
    def ended(self) -> Stamp:
        """The end of its interval."""


class DemandRegister(Protocol):
    """A maximum demand register, of one energy in one demand rate, and what goes with it."""

    @property
    def place(self) -> int:
        """Of its energy, in `ENERGY_QUANTITIES`."""

    @property
    def rate(self) -> int:
        """0 for all rates."""

    @property
    def ranks(self) -> int:
        """How many maxima it keeps."""

    @property
    def peaks(self) -> Sequence[Peak]:
        """The highest first; not more than `ranks`, fewer if fewer were seen."""

    @property
    def cumulative_mw(self) -> int | None:
        """The maxima of all closed billing periods, added; None if that is not kept."""

    @property
    def beside(self) -> Sequence[tuple[int, Sequence[int]]]:
        """Coincident demands: places of energies, and their demands in mW at each peak, in the order of the peaks."""


class Excess(Protocol):
    """What went over a threshold of demand, of one energy; thresholds of one energy are numbered from 1."""

    @property
    def place(self) -> int: ...

    @property
    def number(self) -> int: ...

    @property
    def count(self) -> int: ...

    @property
    def duration_s(self) -> int: ...


class PeriodRegisters(Protocol):
    """The registers of a billing period, the running one or one that is closed; or of a daily freeze."""

    @property
    def ratio(self) -> Fraction:
        """What secondary content is multiplied by to be shown: CT x VT, or 1 for a meter that shows the secondary."""

    @property
    def places(self) -> Sequence[int]:
        """The energies that are kept."""

    @property
    def rates(self) -> int:
        """How many energy rates there are."""

    def energy(self, place: int, rate: int) -> int | None:
        """A register in nWh; `rate` 0 is the total. None if it is not kept."""

    @property
    def demands(self) -> Sequence[DemandRegister]: ...

    def demand(self, place: int, rate: int) -> DemandRegister | None:
        """The one of `demands` for this energy and rate; None if there is none."""

    @property
    def excesses(self) -> Sequence[Excess]: ...


class ClosedRegisters(PeriodRegisters, Protocol):
    """Registers as they stood at an end of billing, or at the end of a day."""

    @property
    def closed(self) -> Stamp: ...


class AverageDemand(Protocol):
    """Current and last average of one energy (COSEM class 5)."""

    @property
    def place(self) -> int: ...

    @property
    def current_mw(self) -> int:
        """Of the energy of the running interval so far, over its nominal length."""

    @property
    def current_status(self) -> ValueStatus: ...

    @property
    def started(self) -> Stamp:
        """When the running interval began."""

    @property
    def last_mw(self) -> int: ...

    @property
    def last_status(self) -> ValueStatus: ...

    @property
    def last_ended(self) -> Stamp | None:
        """None before the first interval has ended, or if the last average is not kept."""
