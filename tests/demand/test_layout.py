"""What a save keeps: its length is that of the configuration, within the budget, and broken bytes are refused."""

import pytest

from firmware.clock.trust import ClockStatus
from firmware.demand.config import Coincident, DemandConfig, ExcessThreshold, MaximumDemand, Method
from firmware.demand.demand import Demand
from firmware.demand.layout import build_demand, demand_bytes, parse_demand, parse_registers, registers_bytes
from firmware.demand.stamp import Stamp
from tests.demand.drawn import BEGIN_S, UTC

LARGEST = {
    "maxima": tuple(MaximumDemand(quantity, rate) for quantity in range(4) for rate in range(4)),
    "coincidents": tuple(Coincident(place, 10 - place) for place in range(5)),
    "excesses": tuple(ExcessThreshold(place, 10**9) for place in range(10)),
    "averages": tuple(range(11)),
}
CONFIGS = {
    "block": DemandConfig(**LARGEST),
    "sliding": DemandConfig(method=Method.SLIDING, subintervals=5, **LARGEST),
    "thermal": DemandConfig(method=Method.THERMAL, **LARGEST),
    "plain": DemandConfig(),
}


def lived(config: DemandConfig, at_s: int) -> Demand:
    demand = Demand(config, UTC, BEGIN_S, 1)
    clock_s = BEGIN_S
    while demand.next_s <= at_s:
        demand.add([(1 + place) * 10**12 + clock_s for place in range(11)])
        clock_s = demand.next_s
        demand.boundary(clock_s, 1 + clock_s // 3_600 % 3, ClockStatus.DOUBTFUL)
    demand.add([7, 0, 6, 5, 4, 3, 2, 1, -8, -(10**15), 10**15])
    return demand


@pytest.mark.parametrize("name", CONFIGS)
def test_the_length_is_that_of_the_configuration(name: str) -> None:
    config = CONFIGS[name]
    for at_s in (BEGIN_S, BEGIN_S + 9_000, BEGIN_S + 40_000):
        state = lived(config, at_s).state(at_s)
        data = build_demand(state)
        assert len(data) == demand_bytes(config)
        assert parse_demand(data) == (state, len(data))
    assert len(state.registers.maxima[0].ranks) == 5


def test_the_largest_leaves_room_in_a_save_at_power_fail() -> None:
    """3,800 bytes in all, of which 64 registers by rate take 768; see docs/demand.md for the figures."""
    lengths = {name: demand_bytes(config) for name, config in CONFIGS.items()}
    assert lengths == {"block": 1_735, "sliding": 2_091, "thermal": 1_824, "plain": 115}
    assert registers_bytes(CONFIGS["block"]) == 1_554


@pytest.mark.parametrize("name", CONFIGS)
def test_bytes_that_say_nothing_sensible_are_refused(name: str) -> None:
    config = CONFIGS[name]
    data = build_demand(lived(config, BEGIN_S + 9_000).state(BEGIN_S + 9_000))
    running = len(data) - registers_bytes(config)
    for length in (0, 5, running - 1, running, running + 2, len(data) - 1):
        with pytest.raises(ValueError, match="demand"):
            parse_demand(data[:length])
    for at, value in ((0, 9), (1, 3), (4, 0), (running, 0), (running + 1, 17), (running + 2, 6), (running + 3, 11)):
        with pytest.raises(ValueError, match="demand"):
            parse_demand(data[:at] + bytes((value,)) + data[at + 1 :])


def test_a_stamp_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="stamp: 6 bytes, not 5"):
        Stamp.from_bytes(b"12345")


def test_a_coincident_of_a_maximum_that_is_not_there_is_refused() -> None:
    config = DemandConfig(coincidents=(Coincident(0, 1),))
    data = build_demand(Demand(config, UTC, BEGIN_S, 1).state(BEGIN_S))
    registers = bytearray(data[-registers_bytes(config) :])
    assert parse_registers(bytes(registers))[0].coincidents[0].kept == Coincident(0, 1)
    registers[-32] = 1
    with pytest.raises(ValueError, match="a coincident of maximum 1, where there are 1"):
        parse_registers(bytes(registers))
