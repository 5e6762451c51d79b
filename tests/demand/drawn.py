"""Configurations, lives of a meter, and a driver that leads the firmware's demand and the ledger through them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from firmware.clock.civil import Zone
from firmware.clock.trust import ClockStatus
from firmware.demand.config import DemandConfig, MaximumDemand, Method
from firmware.demand.demand import Demand
from firmware.demand.interval import Interval
from firmware.demand.layout import build_demand, demand_bytes, parse_demand
from firmware.demand.period import AfterOutage, OnRateChange
from tests.demand.ledger import TICK_S, Ledger

UTC = Zone(0)
BEGIN_S = 1_700_000_400
SHAPES = [
    *[(Method.BLOCK, 60 * minutes, 1) for minutes in (1, 2, 5, 15)],
    *[(Method.SLIDING, 60 * minutes, n) for minutes, n in ((2, 2), (3, 3), (15, 3), (15, 5), (10, 2))],
    *[(Method.THERMAL, 60 * minutes, 1) for minutes in (1, 5, 15)],
]


def sized(config: DemandConfig, demand: Demand, at_s: int) -> bytes:
    data = build_demand(demand.state(at_s))
    assert len(data) == demand_bytes(config)
    return data


@st.composite
def configs(draw: st.DrawFn, forgiven: bool = True) -> DemandConfig:
    method, period_s, subintervals = draw(st.sampled_from(SHAPES))
    return DemandConfig(
        period_s=period_s,
        method=method,
        subintervals=subintervals,
        after_outage=draw(st.sampled_from(AfterOutage)),
        on_rate_change=draw(st.sampled_from(OnRateChange)),
        maxima=(MaximumDemand(0), MaximumDemand(8, 2)),
        averages=draw(st.sampled_from(((), (0, 3)))),
        forgiveness_s=draw(st.sampled_from((0, 0, 30, 300, 700))) if forgiven else 0,
        forgiveness_outage_s=draw(st.sampled_from((0, 60, 600))),
    )


@dataclass(frozen=True)
class Act:
    """Run for some ticks; then something happens, by so many ticks."""

    ticks: int
    kind: str
    ticks_by: int
    rate: int


acts = st.lists(
    st.builds(
        Act,
        st.one_of(st.integers(0, 12), st.integers(0, 100)),
        st.sampled_from(
            ("switch", "outage", "outage", "outage", "outage", "lost", "lost", "back", "set", "sync", "save")
        ),
        st.one_of(st.integers(0, 8), st.integers(0, 40), st.integers(0, 150)),
        st.integers(1, 3),
    ),
    max_size=12,
)


class Driver:
    """Both, through the same life. Energy of a tick comes in parts, as chance will have it."""

    def __init__(self, config: DemandConfig, begin_s: int, chance: random.Random) -> None:
        self.config = config
        self.at_s = begin_s
        self.rate = 1
        self.demand = Demand(config, UTC, begin_s, 1)
        self.ledger = Ledger(config, begin_s, 1)
        self.intervals: list[Interval] = []
        self._chance = chance

    def live(self, script: Sequence[Act], energies: Sequence[int] | None = None) -> None:
        for act in [*script, Act(40, "save", 0, 1)]:
            for _ in range(act.ticks):
                self._tick(energies)
            self._happen(act)

    def _tick(self, energies: Sequence[int] | None) -> None:
        chance = self._chance
        if energies is None:
            energies = [chance.randrange(10**9) if chance.random() < 0.9 else 0 for _ in range(8)]
            energies += [chance.randrange(-(10**9), 10**9) for _ in range(3)]
        part = [energy * chance.randrange(5) // 4 for energy in energies]
        self.demand.add(part)
        self.demand.add([energy - one for energy, one in zip(energies, part, strict=True)])
        assert self.demand.next_after(self.at_s) == self.demand.next_s
        self.at_s += TICK_S
        self.ledger.run(tuple(energies))
        assert self.demand.next_s >= self.at_s
        if self.at_s == self.demand.next_s or chance.random() < 0.1:
            self._keep(self.demand.boundary(self.at_s, self.rate, ClockStatus.VALID))

    def _happen(self, act: Act) -> None:
        demand, at_s = self.demand, self.at_s
        by_s = act.ticks_by * TICK_S
        if act.kind == "save":
            state, _ = parse_demand(sized(self.config, demand, at_s))
            assert state == demand.state(at_s)
        elif act.kind == "switch":
            self.rate = act.rate
            self._keep(demand.boundary(at_s, act.rate, ClockStatus.VALID))
            self.ledger.switch(act.rate)
        elif act.kind == "sync":
            self._keep(demand.synchronise(at_s, self.rate, ClockStatus.VALID))
            self.ledger.synchronise()
        elif act.kind == "set":
            self.at_s += by_s - 60 * TICK_S
            self.rate = act.rate
            self._keep(demand.clock_set(at_s, self.at_s, act.rate, ClockStatus.VALID))
            self.ledger.clock_set(self.at_s, act.rate)
        else:
            known = act.kind == "outage"
            self.at_s += -by_s if act.kind == "back" else by_s
            self.rate = act.rate
            state, length = parse_demand(sized(self.config, demand, at_s) + b"more")
            assert length == demand_bytes(self.config)
            outage_s = by_s if known else None
            resumed = Demand.resume(self.config, UTC, state, self.at_s, act.rate, ClockStatus.DOUBTFUL, outage_s)
            self.demand, broken = resumed
            self._keep(broken)
            self.ledger.outage(self.at_s, act.rate, known)

    def _keep(self, interval: Interval | None) -> None:
        if interval is not None:
            self.intervals.append(interval)
