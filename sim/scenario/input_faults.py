"""The table `[[fault]]` of the control inputs: no fault, but something from outside that happens to the meter."""

from typing import Literal

from pydantic import Field

from sim.scenario.fault_base import LastingBase


class ControlEnergised(LastingBase):
    """A control input is energised."""

    kind: Literal["control-energised"]
    input: Literal["control-1", "control-2"] = Field(description="Which one.")

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({self.input})
