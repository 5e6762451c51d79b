"""The settings in force in a meter, followed through its programmings, for oracles that hold it to them.

What was sent under a number is in force as soon as the meter tells of that number, but for the parts that wait for a
power-up by the firmware's own, documented rule (`firmware.programming.in_force`).
"""

from collections.abc import Callable

from firmware.config import Settings
from firmware.programming.in_force import live
from hal.probe import Booted, Programmed
from sim.bench import Bench
from sim.oracles.agreed import Agreed


def follow(bench: Bench, agreed: Agreed, changed: Callable[[Settings, Settings], None]) -> None:
    """Tell `changed` of the settings before and after, each time when others are in force; before any save that is made
    under them is told."""
    _Follower(agreed, changed, bench.setting.config.settings).watch(bench)


class _Follower:
    def __init__(self, agreed: Agreed, changed: Callable[[Settings, Settings], None], settings: Settings) -> None:
        self._agreed = agreed
        self._changed = changed
        self._settings = settings
        self._booted = False

    def watch(self, bench: Bench) -> None:
        bench.probe.subscribe(Booted, self._boot)
        bench.probe.subscribe(Programmed, self._programmed)

    def _boot(self, _at_ns: int, _booted: Booted) -> None:
        self._booted = True

    def _programmed(self, _at_ns: int, told: Programmed) -> None:
        terms = self._agreed.terms(told.number)
        booted, self._booted = self._booted, False
        if terms is None:
            return
        before = self._settings
        # The calendar's own turn, the passive one's, is another's business.
        self._settings = terms.settings if booted else live(before, terms.settings)
        if self._settings != before:
            self._changed(before, self._settings)
