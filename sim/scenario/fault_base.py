"""What every table `[[fault]]` has, and how it says what it would contradict.

Two faults that claim the same thing may not overlap: the later one would never take effect. Some faults turn a thing
from one state into another, and make no sense in some of them. `sim.scenario.checks` holds the tables to both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, get_args

from pydantic import Field

from sim.scenario.fields import Duration, Identifier, Instant, Table


@dataclass(frozen=True, slots=True)
class Turn:
    """A fault turns `thing` into the state `makes`. `refused` says, by the state that it would find, why it can't;
    `{before}` stands for the id of the fault that made it so. Things begin in the state SOUND."""

    thing: str
    makes: str
    refused: Mapping[str, str]


SOUND: Final = "sound"


class FaultBase(Table):
    """A fault that strikes once."""

    turn: ClassVar[Turn | None] = None
    elements_only: ClassVar[bool] = False
    """Its phases are measuring elements: with two of them, L2 is none."""
    wirings: ClassVar[frozenset[str]] = frozenset({"3p4w", "3p3w", "1p2w"})
    """The services that can have it."""
    boards: ClassVar[frozenset[str]] = frozenset({"soc", "afe"})
    """The boards that can have it."""

    id: Identifier
    at_ns: Instant = Field(alias="at", description="when it strikes")
    inert: bool = Field(default=False, description="planned, but nothing happens: the run must come out invalid")

    @classmethod
    def kind_of(cls) -> str:
        """The value of `kind` that means this table."""
        return str(get_args(cls.model_fields["kind"].annotation)[0])

    @property
    def end_ns(self) -> int | None:
        """When it ends by itself; None if it does not."""
        return None

    @property
    def phases_by_key(self) -> Mapping[str, tuple[int, ...]]:
        """The phases that it names, 1 to 3, by its keys."""
        return {}

    @property
    def claims(self) -> frozenset[str]:
        """What no other fault may claim while it lasts."""
        return frozenset()


class LastingBase(FaultBase):
    """A fault that ends by itself. It claims its own kind."""

    duration_ns: Duration = Field(alias="duration", description="how long it lasts")

    @property
    def end_ns(self) -> int:
        return self.at_ns + self.duration_ns

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({self.kind_of()})


class OpenBase(FaultBase):
    """A fault that ends by itself if it is said when; else it stays. It claims its own kind."""

    duration_ns: Duration | None = Field(
        default=None, alias="duration", description="how long it lasts; to the end of the run, if not given"
    )

    @property
    def end_ns(self) -> int | None:
        return None if self.duration_ns is None else self.at_ns + self.duration_ns

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({self.kind_of()})
