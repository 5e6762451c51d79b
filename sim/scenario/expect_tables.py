"""The tables `[[expect]]`: what must have come out. Its own key tells of which kind one is."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, StrictInt, Tag, model_validator

from sim.scenario.fields import Identifier, Instant, RegisterEnergy, SignedWindow, Table, Tolerance, Window
from sim.scenario.meter_tables import EnergyName
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


ClockName = Literal["valid", "adjusted", "doubtful", "invalid"]
"""How far the meter's clock was trusted."""

SourceName = Literal["billing-date", "optical", "button", "power-up", "programming"]
"""What ended a billing period."""


class EventExpectation(_Expectation):
    """An event is logged: in a window of true time (once or more), `count` times (in the window, if there is one),
    or never (in the window, if there is one). `stamp` (a window of the meter's own time, since the start), `clock` and
    `detail` say which of its kind are meant."""

    event: str
    within_ns: Window | None = Field(default=None, alias="within")
    count: StrictInt | None = Field(default=None, ge=1)
    never: Literal[True] | None = None
    stamp_ns: SignedWindow | None = Field(default=None, alias="stamp")
    clock: ClockName | None = None
    detail: StrictInt | None = None

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.never and self.count is not None:
            raise problem(("never",), "leaves count nothing to say")
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
    """A data set that a reading brought: an energy within bounds, or a text to the letter. `value` tells which of its
    values the text is, the first if not given; a maximum demand has its stamp as the second."""

    reading: Identifier
    address: str = Field(alias="register", min_length=1, max_length=16)
    text: str | None = None
    value: StrictInt | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.bounded == (self.text is not None):
            raise problem(("register",), "is expected to be what? Give equals, min, max, or else text")
        if self.value is not None and self.text is None:
            raise problem(("value",), "tells which value the text is, and there is no text")
        return self


class OutcomeExpectation(_Expectation):
    """How a reading ends: "done", or the problem that it met, to the letter."""

    reading: Identifier
    ends: str = Field(min_length=1)


class FramesRefusedExpectation(_Expectation):
    """So many messages on the optical port, at least, are refused by the meter: damaged, or without a meaning."""

    frames_refused: StrictInt = Field(ge=1)


class HistoryExpectation(_Expectation):
    """So many ends of billing stand in the history at the end."""

    history: StrictInt = Field(ge=0)


class BillingExpectation(_Expectation):
    """So many ends of billing are whole in flash: of those from a source, and of those that bear a stamp in a window
    of the meter's own time, since the start."""

    billing: StrictInt = Field(ge=0)
    source: SourceName | None = None
    stamp_ns: SignedWindow | None = Field(default=None, alias="stamp")


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


StatusName = Literal[
    "critical-error",
    "clock-invalid",
    "data-invalid",
    "dst",
    "billing-reset",
    "clock-adjusted",
    "power-up",
    "power-down",
    "parameter-changed",
    "clock-synchronised",
    "reverse",
    "phase-fail",
    "phase-fail-l1",
    "phase-fail-l2",
    "phase-fail-l3",
    "short",
    "long",
    "missed",
    "repeated",
]
"""A bit of a profile interval's status, lowest first."""


class IntervalExpectation(_Bounded):
    """An interval of the load profile is whole in flash that ends, by its own stamp, so long after the start. `status`
    are flags that it has, `without` flags that it has not, `missed` how many it says lack before it; equals, min and
    max hold for `channel`."""

    interval_at_ns: Instant = Field(alias="interval_at")
    status: tuple[StatusName, ...] = ()
    without: tuple[StatusName, ...] = ()
    missed: StrictInt | None = Field(default=None, ge=0)
    channel: EnergyName = "A+"


class ProfileCountExpectation(_Bounded):
    """So many intervals of the load profile are whole in flash: of those that end, by their own stamps, in a window
    (both ends belong to it), and that have these flags. equals, min and max hold for their sum in `channel`."""

    profile_count: StrictInt = Field(ge=0)
    within_ns: Window | None = Field(default=None, alias="within")
    status: tuple[StatusName, ...] = ()
    channel: EnergyName = "A+"


class PulsesExpectation(_Expectation):
    """So many pulses have left an output at the end: at least `min`, at most `max`."""

    pulses: Literal["active", "reactive", "s0"]
    least: StrictInt = Field(default=0, ge=0, alias="min")
    most: StrictInt = Field(ge=0, alias="max")

    @model_validator(mode="after")
    def _bounds_agree(self) -> Self:
        if self.least > self.most:
            raise problem(("min",), "lies above max")
        return self


KINDS: Final = (
    "event",
    "register",
    "history",
    "billing",
    "clock_error",
    "rate",
    "energy_error",
    "interval_at",
    "profile_count",
    "pulses",
    "frames_refused",
)
_MODELS: Final = (
    EventExpectation,
    RegisterExpectation,
    HistoryExpectation,
    BillingExpectation,
    ClockErrorExpectation,
    RateExpectation,
    EnergyErrorExpectation,
    IntervalExpectation,
    ProfileCountExpectation,
    PulsesExpectation,
    FramesRefusedExpectation,
)


def _kind(given: Any) -> str | None:
    """The tag of a table, or None if its keys say nothing, or several things."""
    if isinstance(given, ReadingExpectation | OutcomeExpectation):
        return "expect:ends" if isinstance(given, OutcomeExpectation) else "expect:reading"
    for kind, model in zip(KINDS, _MODELS, strict=True):
        if isinstance(given, model):
            return f"expect:{kind}"
    if not isinstance(given, dict):
        return None
    if "reading" in given:
        return "expect:ends" if "ends" in given else "expect:reading"
    found = [kind for kind in KINDS if kind in given]
    return f"expect:{found[0]}" if len(found) == 1 else None


ExpectTable = Annotated[
    Annotated[EventExpectation, Tag("expect:event")]
    | Annotated[RegisterExpectation, Tag("expect:register")]
    | Annotated[ReadingExpectation, Tag("expect:reading")]
    | Annotated[OutcomeExpectation, Tag("expect:ends")]
    | Annotated[HistoryExpectation, Tag("expect:history")]
    | Annotated[BillingExpectation, Tag("expect:billing")]
    | Annotated[ClockErrorExpectation, Tag("expect:clock_error")]
    | Annotated[RateExpectation, Tag("expect:rate")]
    | Annotated[EnergyErrorExpectation, Tag("expect:energy_error")]
    | Annotated[IntervalExpectation, Tag("expect:interval_at")]
    | Annotated[ProfileCountExpectation, Tag("expect:profile_count")]
    | Annotated[PulsesExpectation, Tag("expect:pulses")]
    | Annotated[FramesRefusedExpectation, Tag("expect:frames_refused")],
    Discriminator(
        _kind,
        custom_error_type="expectation_kind",
        custom_error_message=f"needs exactly one of {', '.join(KINDS)}, or reading with register or ends",
    ),
]
