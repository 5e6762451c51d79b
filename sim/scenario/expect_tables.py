"""The tables `[[expect]]`: what must have come out. Its own key tells of which kind one is."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, StrictInt, Tag, model_validator

from sim.scenario.fields import Identifier, Instant, RegisterEnergy, SignedWindow, Table, Tolerance, Window
from sim.scenario.problem import problem
from sim.scenario.register_code import REGISTER_PATTERN, parse_register


def _is_register(code: str) -> str:
    parse_register(code)
    return code


RegisterText = Annotated[
    str, AfterValidator(_is_register), Field(json_schema_extra={"pattern": REGISTER_PATTERN, "examples": ["1.8.0"]})
]


class _Expectation(Table):
    id: Identifier


class _Bounded(_Expectation):
    """A value that equals one, or lies between two (both included)."""

    equals_nwh: RegisterEnergy | None = Field(default=None, alias="equals")
    min_nwh: RegisterEnergy | None = Field(default=None, alias="min")
    max_nwh: RegisterEnergy | None = Field(default=None, alias="max")

    @property
    def bounded(self) -> bool:
        return not (self.equals_nwh is None and self.min_nwh is None and self.max_nwh is None)

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        if self.equals_nwh is not None and (self.min_nwh is not None or self.max_nwh is not None):
            raise problem(("equals",), "leaves min and max nothing to say")
        if self.min_nwh is not None and self.max_nwh is not None and self.min_nwh > self.max_nwh:
            raise problem(("min",), "lies above max")
        return self

    def admits(self, value_nwh: int) -> bool:
        """Whether a value in nWh is as expected."""
        if self.equals_nwh is not None:
            return value_nwh == self.equals_nwh
        return (self.min_nwh is None or value_nwh >= self.min_nwh) and (
            self.max_nwh is None or value_nwh <= self.max_nwh
        )


class EventExpectation(_Expectation):
    """An event is logged: in a window of true time (once or more), `count` times (in the window, if there is one),
    or never."""

    event: str
    within_ns: Window | None = Field(default=None, alias="within")
    count: StrictInt | None = Field(default=None, ge=1)
    never: Literal[True] | None = None

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.never and (self.within_ns is not None or self.count is not None):
            raise problem(("never",), "leaves within and count nothing to say")
        if not self.never and self.within_ns is None and self.count is None:
            raise problem(("event",), "is expected when, or how often? Give within, count or never")
        return self


class RegisterExpectation(_Bounded):
    """An energy register of the meter, at an instant or (None) at the end."""

    register_code: RegisterText = Field(alias="register")
    at_ns: Instant | None = Field(default=None, alias="at")

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if not self.bounded:
            raise problem(("register",), "is expected to be what? Give equals, min or max")
        return self


class ReadingExpectation(_Bounded):
    """A data set that a reading brought: an energy within bounds, or a text (the first value's) to the letter."""

    reading: Identifier
    address: str = Field(alias="register", min_length=1, max_length=16)
    text: str | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.bounded == (self.text is not None):
            raise problem(("register",), "is expected to be what? Give equals, min, max, or else text")
        return self


class HistoryExpectation(_Expectation):
    """So many ends of billing stand in the history at the end."""

    history: StrictInt = Field(ge=0)


class ClockErrorExpectation(_Expectation):
    """The meter's clock less true time lies within bounds, at an instant or (None) at the end."""

    clock_error_ns: SignedWindow = Field(alias="clock_error")
    at_ns: Instant | None = Field(default=None, alias="at")


class RateExpectation(_Expectation):
    """This time-of-use rate is in force at an instant; 1 is the first."""

    rate: StrictInt = Field(ge=1)
    at_ns: Instant = Field(alias="at")


class EnergyErrorExpectation(_Expectation):
    """The meter's active energies stray from the true ones by at most this share, at the end."""

    energy_error_ppb: Tolerance = Field(alias="energy_error")


KINDS: Final = ("event", "register", "history", "clock_error", "rate", "energy_error")
_MODELS: Final = (
    EventExpectation,
    RegisterExpectation,
    HistoryExpectation,
    ClockErrorExpectation,
    RateExpectation,
    EnergyErrorExpectation,
)


def _kind(given: Any) -> str | None:
    """The tag of a table, or None if its keys say nothing, or several things."""
    if isinstance(given, ReadingExpectation):
        return "expect:reading"
    for kind, model in zip(KINDS, _MODELS, strict=True):
        if isinstance(given, model):
            return f"expect:{kind}"
    if not isinstance(given, dict):
        return None
    if "reading" in given:
        return "expect:reading"
    found = [kind for kind in KINDS if kind in given]
    return f"expect:{found[0]}" if len(found) == 1 else None


ExpectTable = Annotated[
    Annotated[EventExpectation, Tag("expect:event")]
    | Annotated[RegisterExpectation, Tag("expect:register")]
    | Annotated[ReadingExpectation, Tag("expect:reading")]
    | Annotated[HistoryExpectation, Tag("expect:history")]
    | Annotated[ClockErrorExpectation, Tag("expect:clock_error")]
    | Annotated[RateExpectation, Tag("expect:rate")]
    | Annotated[EnergyErrorExpectation, Tag("expect:energy_error")],
    Discriminator(
        _kind,
        custom_error_type="expectation_kind",
        custom_error_message=f"needs exactly one of {', '.join(KINDS)}, or reading with register",
    ),
]
