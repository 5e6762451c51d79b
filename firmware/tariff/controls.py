"""Control inputs: one selects rates, ends the integration period, or ends billing, as it is configured."""

from typing import TYPE_CHECKING

from firmware.events.chatter import Chatter
from firmware.tariff.billing import BillingSource
from hal.inputs import Input

if TYPE_CHECKING:
    from firmware.core import Core


class Controls:
    """Looks at the control inputs whenever an input has changed, and acts on what they show now."""

    def __init__(self, core: "Core") -> None:
        config, inputs = core.config, core.board.inputs
        self._core = core
        self._synchronises = config.demand_input
        self._bills = config.billing.input
        self._rate = core.selected_rate()
        self._seen = {which: inputs.state(which) for which in (self._synchronises, self._bills) if which is not None}
        # An input that ends billing as often as it likes would push all history out.
        self._chatter = Chatter()

    def look(self, now_ns: int) -> None:
        """An input has changed."""
        core = self._core
        rate = core.selected_rate()
        if rate != self._rate:
            self._rate = rate
            utc_s = core.utc_s
            core.once_counted(now_ns, lambda: core.apply(core.tariff.select(rate, utc_s, core.clock.status)))
        if self._rises(self._synchronises):
            utc_s = core.utc_s
            core.once_counted(now_ns, lambda: core.apply(core.tariff.synchronise(utc_s, core.clock.status)))
        if self._rises(self._bills) and self._chatter.may(now_ns) and core.end_billing(BillingSource.INPUT):
            self._chatter.left(now_ns)

    def _rises(self, which: Input | None) -> bool:
        if which is None:
            return False
        before, self._seen[which] = self._seen[which], self._core.board.inputs.state(which)
        return self._seen[which] and not before
