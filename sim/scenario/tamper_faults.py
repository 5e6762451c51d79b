"""The tables `[[fault]]` of covers, magnet and button."""

from typing import Literal

from sim.scenario.fault_base import LastingBase


class TerminalCoverOpen(LastingBase):
    """The terminal cover stands open."""

    kind: Literal["terminal-cover-open"]

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"terminal-cover"})


class MainCoverOpen(LastingBase):
    """The main cover stands open."""

    kind: Literal["main-cover-open"]

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"main-cover"})


class MagnetHeld(LastingBase):
    """A magnet is held to the case: its sensor tells."""

    kind: Literal["magnet-held"]

    @property
    def claims(self) -> frozenset[str]:
        return frozenset({"magnet"})


class ResetPress(LastingBase):
    """The reset button is pressed."""

    kind: Literal["reset-press"]
