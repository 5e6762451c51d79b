"""Entering and leaving test mode. It ends by command, by itself after a while, and with the power."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from firmware.events.codes import Event
from firmware.registers.energy import MEASURED
from hal.probe import TestModeChanged
from hal.units import S

if TYPE_CHECKING:
    from firmware.core import Core

Done = Callable[[], None]

LASTS_S: Final = 3_600
"""How long it lasts at the most; the figure is ours."""


class TestMode:
    """Times are monotonic ns. Energy before the instant of a change counts where it counted before."""

    __test__ = False

    def __init__(self, core: "Core", lasts_s: int = LASTS_S) -> None:
        self._core = core
        self._lasts_ns = lasts_s * S
        self.on = False
        self.end_ns: int | None = None
        """When it ends by itself."""
        self.energies = [0] * MEASURED
        """What has flowed since it began, in nWh, nvarh and nVAh, secondary."""
        self.poke: Callable[[int], None] = lambda _now_ns: None

    def programmed(self, lasts_s: int) -> None:
        """The next one lasts so long."""
        self._lasts_ns = lasts_s * S

    def count(self, energies: tuple[int, ...]) -> None:
        """Energy that flows in test mode."""
        for place, energy in enumerate(energies[:MEASURED]):
            self.energies[place] += energy

    def begin(self, done: Done = lambda: None) -> None:
        """Energy counts here from now on; one that goes on begins anew."""
        asked_ns = self._core.kernel.now

        def begin() -> None:
            if not self.on:
                self._tell(True, asked_ns)
            self.energies = [0] * MEASURED
            self.on, self.end_ns = True, asked_ns + self._lasts_ns
            self.poke(self._core.kernel.now)

        self._core.command(begin, done)

    def end(self, done: Done = lambda: None) -> None:
        """Energy bills again from now on."""
        asked_ns = self._core.kernel.now

        def end() -> None:
            if self.on:
                self.on, self.end_ns = False, None
                self._tell(False, asked_ns)

        self._core.command(end, done)

    def _tell(self, on: bool, at_ns: int) -> None:
        core = self._core
        core.board.probe.publish(TestModeChanged(on, at_ns))
        core.log(Event.TEST_MODE_BEGAN if on else Event.TEST_MODE_ENDED)
        core.screen.test_mode(on, core.kernel.now)
