"""The tables `[[fault]]` of the disconnect relay."""

from typing import Literal

from sim.scenario.fault_base import OpenBase


class RelayWelded(OpenBase):
    """The contacts of the disconnect relay are welded: closed, they do not open."""

    kind: Literal["relay-welded"]
