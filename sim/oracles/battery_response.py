"""When the clock has lost the time, the meter answers as it was configured to, once for each battery failure.

- continue: no end of billing, and the tariff is not frozen by it.
- reset: exactly one end of billing, from power-up.
- reset-and-freeze: exactly one, and the tariff is frozen until somebody who may releases it.

The response is armed again once the cell is healthy and the clock has been set; until then a clock that is lost again
changes nothing. What counts is what the first whole save after the loss says.
"""

from firmware.clock.civil_clock import ClockStatus
from firmware.config import BatteryResponse, Settings
from firmware.events.codes import Event
from firmware.tariff.billing import BillingSource
from hal.probe import BillingClosed, ClockChanged, EventLogged, RegistersSaved
from sim.bench import Bench
from sim.oracles.agreed import Agreed
from sim.oracles.in_force import follow
from sim.oracles.oracle import Oracle

_OTHERS = frozenset(source.value for source in BillingSource) - {BillingSource.POWER_UP.value}


class BatteryResponseMade(Oracle):
    name = "battery-response"

    def __init__(self, agreed: Agreed) -> None:
        super().__init__()
        self._agreed = agreed
        self._armed = True
        self._lost = False
        self._released = False
        self._cell_failed = False
        self._clock_valid = True
        self._billing = 0
        self._frozen = False
        self._others = 0
        """Ends of billing since the last save that somebody asked for, or that came by date."""
        self._caught_up = 0
        """Those from power-up for a scheduled instant: the very second in which the clock was lost."""
        self._responses = 0

    def watch(self, bench: Bench) -> None:
        self._take(bench.setting.config)
        follow(bench, self._agreed, lambda _before, after: self._take(after))
        bench.probe.subscribe(ClockChanged, self._clock_changed)
        bench.probe.subscribe(EventLogged, self._logged)
        bench.probe.subscribe(BillingClosed, self._closed)
        bench.probe.subscribe(RegistersSaved, self._saved)

    def _take(self, settings: Settings) -> None:
        self._response = settings.clock.battery_failure
        self._each_power_up = BillingSource.POWER_UP in settings.billing.sources

    def _clock_changed(self, at_ns: int, changed: ClockChanged) -> None:
        self._lost |= changed.reason == "lost"
        self._clock_valid = changed.clock == ClockStatus.VALID.value
        self._arm()

    def _logged(self, at_ns: int, logged: EventLogged) -> None:
        if logged.event in (Event.BATTERY_FAILED.text, Event.BATTERY_RESTORED.text):
            self._cell_failed = logged.event == Event.BATTERY_FAILED.text
            self._arm()
        self._released |= logged.event == Event.TARIFF_RELEASED.text

    def _arm(self) -> None:
        self._armed |= self._clock_valid and not self._cell_failed

    def _closed(self, at_ns: int, closed: BillingClosed) -> None:
        self._others += closed.source in _OTHERS
        self._caught_up += closed.source == "power-up" and closed.scheduled_s != 0

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        if self._lost:
            self._judge(at_ns, saved)
        elif self._frozen and not saved.frozen and not self._released:
            self.breaks(at_ns, "the tariff was frozen, and nobody released it")
        elif saved.frozen and not self._frozen:
            self.breaks(at_ns, "the tariff is frozen, and no clock was lost")
        self._lost = False
        self._billing, self._frozen, self._others, self._caught_up = saved.billing, saved.frozen, 0, 0
        self._released = self._released and saved.frozen

    def _judge(self, at_ns: int, saved: RegistersSaved) -> None:
        responds = self._armed
        resets = responds and self._response is not BatteryResponse.CONTINUE
        freezes = responds and self._response is BatteryResponse.RESET_AND_FREEZE
        # Of the second of an end of billing by date, one answers to both.
        others = self._others if resets else self._others + self._caught_up
        made = saved.billing - self._billing - others
        if made != (resets or self._each_power_up):
            self.breaks(at_ns, f"the clock was lost, and {made} ends of billing were made instead of {int(resets)}")
        # A release that a cut left without its save counts: the log has it.
        if saved.frozen != ((self._frozen and not self._released) or freezes):
            self.breaks(at_ns, f"the clock was lost, and the tariff is {'' if saved.frozen else 'not '}frozen")
        self._responses += responds
        # Armed again at once where the clock is healthy, as after a loss without a battery failure that was set right.
        self._armed = False

    @property
    def message(self) -> str:
        return f"{self._responses} responses to a lost clock, as configured ({self._response.value})"
