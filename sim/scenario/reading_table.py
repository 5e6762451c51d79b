"""The tables `[[reading]]`: sessions on the optical port that a reader begins at an instant."""

from typing import Literal, Self

from pydantic import Field, model_validator

from sim.scenario.fields import Identifier, Instant, Password, Table
from sim.scenario.problem import problem


class ReadingTable(Table):
    """One session: a readout, or one command in programming mode.

    `set-clock` sets the meter to true time as it then is. `password` goes with the commands; the meter's own if it is
    not given.
    """

    id: Identifier
    at_ns: Instant = Field(alias="at")
    kind: Literal["readout", "set-clock", "release-tariff", "billing-reset"] = "readout"
    password: Password | None = None

    @model_validator(mode="after")
    def _password_has_a_use(self) -> Self:
        if self.kind == "readout" and self.password is not None:
            raise problem(("password",), "has no use in a readout")
        return self
