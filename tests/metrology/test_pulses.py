"""Pulses: never one too many, never one too few, never in the past, and evenly spaced in an even flow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.metrology.increment import Increment
from firmware.metrology.pulses import PulseOutput
from hal.outputs import Pulse

STEP = st.tuples(st.integers(0, 10**9), st.tuples(*[st.integers(0, 50_000)] * 8))


def increments(steps: list[tuple[int, tuple[int, ...]]]) -> list[Increment]:
    at_ns, made = 1_000, []
    for duration_ns, energies in steps:
        made.append(Increment(at_ns, at_ns + duration_ns, energies))
        at_ns += duration_ns
    return made


@given(st.lists(STEP, max_size=30), st.integers(1_000, 100_000), st.sampled_from(Pulse), st.integers(0, 10**9))
def test_pulses_are_the_whole_quanta_of_the_energy(
    steps: list[tuple[int, tuple[int, ...]]], quantum: int, which: Pulse, latency_ns: int
) -> None:
    output = PulseOutput(which, quantum, latency_ns)
    pulses, energy, last_ns = 0, 0, 0
    for increment in increments(steps):
        kinds = increment.energies[2:6] if which is Pulse.REACTIVE else increment.energies[0:2]
        rest, added = energy - pulses * quantum, sum(kinds)
        instants = output.feed(increment)
        energy += added
        pulses += len(instants)
        assert pulses == energy // quantum
        for number, instant in enumerate(instants, start=1):
            assert last_ns <= instant
            assert increment.start_ns + latency_ns <= instant <= increment.end_ns + latency_ns
            # The quantum is full at the instant without latency, and not a nanosecond earlier.
            elapsed = instant - latency_ns - increment.start_ns
            duration = increment.end_ns - increment.start_ns
            assert rest * duration + added * elapsed >= number * quantum * duration
            if elapsed > 0:
                assert rest * duration + added * (elapsed - 1) < number * quantum * duration
            last_ns = instant


def test_an_even_flow_gives_even_pulses_across_windows() -> None:
    output = PulseOutput(Pulse.ACTIVE, 300, 5_000)
    instants = [
        instant
        for k in range(30)
        for instant in output.feed(Increment(k * 1_000, (k + 1) * 1_000, (100, 0, 0, 0, 0, 0, 0, 0)))
    ]
    assert instants == [5_000 + 3_000 * (k + 1) for k in range(10)]


@given(st.lists(STEP, min_size=1, max_size=10), st.integers(1_000, 100_000))
def test_split_increments_give_the_same_count_of_pulses(steps: list[tuple[int, tuple[int, ...]]], quantum: int) -> None:
    whole, halves = (PulseOutput(Pulse.REACTIVE, quantum, 0) for _ in range(2))
    for increment in increments(steps):
        parts = increment.split((increment.start_ns + increment.end_ns) // 2)
        assert sum(len(halves.feed(part)) for part in parts) == len(whole.feed(increment))


def test_refuses_a_quantum_of_nothing_and_a_negative_latency() -> None:
    with pytest.raises(ValueError, match="pulse_energy_nwh"):
        PulseOutput(Pulse.ACTIVE, 0, 0)
    with pytest.raises(ValueError, match="latency_ns"):
        PulseOutput(Pulse.ACTIVE, 1, -1)
    with pytest.raises(ValueError, match="spacing_ns"):
        PulseOutput(Pulse.S0, 1, 0, -1)


@given(st.lists(STEP, max_size=30), st.integers(1_000, 100_000), st.integers(1, 10**9))
def test_pulses_keep_their_spacing_and_none_is_lost(
    steps: list[tuple[int, tuple[int, ...]]], quantum: int, spacing_ns: int
) -> None:
    spaced, free = PulseOutput(Pulse.S0, quantum, 7, spacing_ns), PulseOutput(Pulse.S0, quantum, 7)
    sent, wanted = [], []
    for increment in increments(steps):
        sent += spaced.feed(increment)
        wanted += free.feed(increment)
    expected: list[int] = []
    for instant in wanted:
        expected.append(max(instant, expected[-1] + spacing_ns) if expected else instant)
    assert sent == expected
