"""Faults of the disconnect relay."""

from collections.abc import Sequence
from typing import Final

from firmware.events.codes import Event
from hal.units import MINUTE, S
from sim.bench import Bench
from sim.devices.supply import Rail
from sim.faults.fault import Lasting
from sim.faults.owed import Owed
from sim.scenario import relay_faults as tables
from sim.scenario.fault_base import FaultBase

_SURE_NS: Final = 5 * S
"""A current that has flowed for so much longer than the meter's delay is one that it must have seen."""

_SURE_TIMES: Final = 2
"""And one of so many times what the meter looks for."""


class RelayWelded(Lasting):
    """The relay was told to open, its contacts stayed closed, and a current went on flowing."""

    given: tables.RelayWelded
    owes = (Event.UNEXPECTED_CONSUMPTION,)

    def __init__(self, given: FaultBase) -> None:
        super().__init__(given)
        self._since_ns: int | None = None
        self._owed_ns: int | None = None
        self._delay_ns = 0

    def watch(self, bench: Bench) -> None:
        relay = bench.setting.config.load_switch.relay
        if bench.board.relay is None or relay is None:
            return
        self._delay_ns = relay.unexpected_delay_ns
        bench.board.relay.subscribe(lambda: self.look(bench))
        bench.mains.subscribe(lambda _before, _after: self.look(bench))
        self.on_settled(bench, lambda: self.look(bench))

    def begin(self, bench: Bench) -> None:
        if bench.board.relay is not None:
            bench.board.relay.weld()
            self.look(bench)

    def look(self, bench: Bench) -> None:
        relay, config = bench.board.relay, bench.setting.config.load_switch.relay
        if relay is None or config is None or not self.begun or self.over:
            return
        now = bench.world.now
        flowing_na = max(wave.total_rms for wave in bench.mains.segment.currents[:3])
        refuses = relay.closed and not relay.told_closed
        if refuses and flowing_na:
            self.effect = "the relay was told to open, its contacts stayed closed, and a current went on flowing"
        if self._since_ns is not None and now - self._since_ns >= self._delay_ns + _SURE_NS and self._owed_ns is None:
            self._owed_ns = self._since_ns
        least_na = bench.setting.config.nameplate.rated_current_na * config.unexpected_permille // 1_000
        clear = flowing_na >= _SURE_TIMES * least_na
        awake = bench.board.supply.rail is Rail.FED and not bench.board.front_end.disturbed.any
        if not (refuses and clear and awake):
            self._since_ns = None
        elif self._since_ns is None:
            self._since_ns = now

    def end(self, bench: Bench) -> None:
        if bench.board.relay is not None:
            bench.board.relay.free()

    def events(self) -> Sequence[Owed]:
        if self._owed_ns is None:
            return ()
        return [Owed(Event.UNEXPECTED_CONSUMPTION, self._owed_ns, self._delay_ns + MINUTE)]
