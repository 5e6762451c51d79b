"""What the detectors make of voltages and currents, by phasors that the tests make themselves."""

from cmath import rect
from dataclasses import replace
from math import pi, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.config import SupervisionConfig
from firmware.events.codes import Event
from firmware.events.detectors import FRONT_END_BITS, PHASE_BITS, REVERSE_BITS, Detectors
from firmware.events.limits import limits_of
from firmware.metrology.nameplate import AccuracyClass, Connection, Nameplate
from firmware.metrology.power_factor import power_factor_ppm
from hal.frontend import LiveValues, Wiring
from hal.units import S
from tests.events.phasors import FORWARD, REVERSED, balanced, seen, supply

CONFIG = SupervisionConfig()
DARK = seen((0j, 0j, 0j), (0j, 0j, 0j))
WELL = seen(supply(), balanced())


def nameplate(wiring: Wiring = Wiring.THREE_PHASE_FOUR_WIRE) -> Nameplate:
    return Nameplate(
        wiring=wiring,
        connection=Connection.DIRECT,
        nominal_voltage_uv=230_000_000,
        rated_current_na=5_000_000_000,
        maximum_current_na=100_000_000_000,
        frequency_uhz=50_000_000,
        accuracy=AccuracyClass.CLASS_1,
        impulses_per_kwh=1_000,
    )


def detectors(mask: int = 0, wiring: Wiring = Wiring.THREE_PHASE_FOUR_WIRE) -> Detectors:
    return Detectors(CONFIG, limits_of(CONFIG, nameplate(wiring)), mask)


def found(live: LiveValues, wiring: Wiring = Wiring.THREE_PHASE_FOUR_WIRE) -> set[tuple[str, int]]:
    """What counts after a minute of it."""
    looking = detectors(wiring=wiring)
    changes = [*looking.feed(live, 0), *looking.feed(live, 60 * S)]
    return {(change.event.text, change.detail) for change in changes}


def with_phase(values: tuple[complex, ...], phase: int, factor: complex) -> tuple[complex, ...]:
    return tuple(value * factor if n == phase else value for n, value in enumerate(values))


def exchanged(values: tuple[complex, ...], a: int, b: int) -> tuple[complex, ...]:
    out = list(values)
    out[a], out[b] = out[b], out[a]
    return tuple(out)


def test_a_sag_of_all_phases_is_no_current_without_voltage() -> None:
    sagged = tuple(0.18 * voltage for voltage in supply())
    assert "current-without-voltage" not in {name for name, _ in found(seen(sagged, balanced()))}
    one = with_phase(supply(), 1, 0.18)
    assert ("current-without-voltage", 2) in found(seen(one, balanced()))


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert found(WELL) == set()
    assert found(DARK) == set()
    assert found(seen(supply(), (0j, 0j, 0j))) == set()


@pytest.mark.parametrize("phase", range(3))
def test_a_phase_that_is_gone_is_named(phase: int) -> None:
    gone = seen(with_phase(supply(), phase, 0), with_phase(balanced(), phase, 0))
    assert found(gone) == {("phase-failed", phase + 1)}


@pytest.mark.parametrize("phase", range(3))
def test_a_voltage_transformer_that_fails(phase: int) -> None:
    assert found(seen(with_phase(supply(), phase, 0.6), balanced())) == {("voltage-low", phase + 1)}
    assert found(seen(with_phase(supply(), phase, 0.1), balanced())) == {
        ("phase-failed", phase + 1),
        ("current-without-voltage", phase + 1),
    }


def test_a_sag_of_all_phases_is_no_transformer_and_no_phase() -> None:
    assert found(seen(tuple(0.6 * u for u in supply()), balanced())) == set()


@given(st.floats(0.3, 0.8), st.floats(0, 2 * pi))
def test_a_star_point_that_has_moved(shift: float, direction: float) -> None:
    """Told when a voltage is over 110 % and another under 90 %, whatever else is."""
    star = rect(shift * 230, direction)
    voltages = tuple(u - star for u in supply())
    lengths = [abs(u) / 230 for u in voltages]
    names = {event for event, _ in found(seen(voltages, balanced()))}
    if max(lengths) > 1.101 and min(lengths) < 0.899:
        assert "neutral-lost" in names
    elif max(lengths) < 1.099 or min(lengths) > 0.901:
        assert "neutral-lost" not in names


@pytest.mark.parametrize("phases", [(0,), (2,), (0, 1), (0, 1, 2)])
def test_reversed_transformers_are_named(phases: tuple[int, ...]) -> None:
    currents = tuple(-i if n in phases else i for n, i in enumerate(balanced()))
    expected = {("reverse-run", phase + 1) for phase in phases}
    if len(phases) > 1:
        expected.add(("reverse-run", 0))
    assert found(seen(supply(), currents)) == expected


def test_with_two_elements_a_low_power_factor_is_no_reverse_run() -> None:
    u = supply()
    currents = balanced(lag=radians(70))
    live = seen((u[0] - u[1], 0j, u[2] - u[1]), (currents[0], 0j, currents[2]))
    assert live.phases[0].active_uw < 0 < live.total.active_uw
    # Of a nameplate of 230 V, the voltages between phases are high.
    assert {name for name, _ in found(live, Wiring.THREE_PHASE_THREE_WIRE)} == {"voltage-high"}


@pytest.mark.parametrize(("pair", "name"), [((0, 1), 12), ((1, 2), 23), ((0, 2), 13)])
@pytest.mark.parametrize("turn", [FORWARD, REVERSED])
@settings(max_examples=25)
@given(
    st.integers(-55, 55),
    st.tuples(*(st.floats(0.3, 20),) * 3),
    st.tuples(*(st.integers(-10, 10),) * 3),
)
def test_crossed_currents_are_named_whatever_the_load(
    pair: tuple[int, int],
    name: int,
    turn: tuple[complex, ...],
    lag: int,
    amperes: tuple[float, float, float],
    spread: tuple[int, int, int],
) -> None:
    """Three loads of their own size, within 60 degrees of import, and within 20 degrees of each other."""
    currents = tuple(
        balanced(size, radians(max(-55, min(55, lag + more))), turn)[n]
        for n, (size, more) in enumerate(zip(amperes, spread, strict=True))
    )
    straight = found(seen(supply(turn), currents))
    assert not any(event == "currents-crossed" for event, _ in straight)
    # Exchanged, the magnitudes go along, and the angles with them.
    crossed = {change for change in found(seen(supply(turn), exchanged(currents, *pair))) if "crossed" in change[0]}
    assert crossed == {("currents-crossed", name)}


def test_a_reversed_sequence_and_a_wrong_frequency() -> None:
    assert found(seen(supply(REVERSED), balanced(turn=REVERSED))) == {("sequence-reversed", 0)}
    for frequency in (47_400_000, 52_600_000, 0):
        assert found(seen(supply(), balanced(), frequency)) == {("frequency-out-of-range", 0)}
    assert found(seen(supply(), balanced(), 52_400_000)) == set()


@pytest.mark.parametrize("channel", range(7))
def test_a_channel_that_fails_is_named_and_what_relies_on_it_waits(channel: int) -> None:
    currents = tuple(-i for i in balanced())
    names = found(seen(supply(), currents, faulty=1 << channel))
    assert ("front-end-failed", channel + 1) in names
    reverse = {detail for event, detail in names if event == "reverse-run"}
    assert reverse == ({0, 1, 2, 3} if channel == 6 else {1, 2, 3} - {channel % 3 + 1})


def test_of_a_front_end_that_stands_nothing_else_is_told() -> None:
    stopped = seen(with_phase(supply(), 0, 0), balanced(), faulty=2, alive=False)
    assert found(stopped) == {("front-end-failed", 0)}


def test_no_event_before_its_delay_and_none_for_what_was_short() -> None:
    gone = seen(with_phase(supply(), 1, 0), with_phase(balanced(), 1, 0))
    looking = detectors()
    assert looking.feed(gone, 0) == []
    assert looking.due_ns == CONFIG.phase_delay_ns
    assert looking.feed(gone, CONFIG.phase_delay_ns - 1) == []
    assert looking.feed(WELL, CONFIG.phase_delay_ns) == []
    assert looking.due_ns is None
    looking.feed(gone, 10 * S)
    assert [change.event for change in looking.feed(gone, 10 * S + CONFIG.phase_delay_ns)] == [Event.PHASE_FAILED]
    assert looking.mask == 0b010


@given(st.lists(st.sampled_from([0.0, 0.389, 0.401, 0.419, 0.421, 0.5]), max_size=30))
def test_between_its_two_levels_a_condition_stays_as_it_was(shares: list[float]) -> None:
    looking = detectors()
    failed = False
    for step, share in enumerate(shares):
        live = seen(with_phase(supply(), 0, share), with_phase(balanced(), 0, 0))
        looking.feed(live, 20 * step * S)
        looking.feed(live, (20 * step + 15) * S)
        failed = True if share < 0.4 else False if share > 0.42 else failed
        assert bool(looking.mask & 1) == failed


BEGAN = {
    Event.PHASE_RESTORED: Event.PHASE_FAILED,
    Event.VOLTAGE_NORMAL: Event.VOLTAGE_LOW,
    Event.NEUTRAL_RESTORED: Event.NEUTRAL_LOST,
    Event.SEQUENCE_RESTORED: Event.SEQUENCE_REVERSED,
    Event.FREQUENCY_NORMAL: Event.FREQUENCY_OUT_OF_RANGE,
    Event.REVERSE_RUN_ENDED: Event.REVERSE_RUN,
    Event.CURRENTS_UNCROSSED: Event.CURRENTS_CROSSED,
    Event.CURRENT_WITHOUT_VOLTAGE_ENDED: Event.CURRENT_WITHOUT_VOLTAGE,
    Event.FRONT_END_RESTORED: Event.FRONT_END_FAILED,
}

LIVES = st.sampled_from(
    [
        WELL,
        DARK,
        seen(with_phase(supply(), 0, 0), with_phase(balanced(), 0, 0)),
        seen(with_phase(supply(), 2, 0.1), balanced()),
        seen(supply(), tuple(-i for i in balanced())),
        seen(supply(REVERSED), exchanged(balanced(turn=REVERSED), 0, 1)),
        seen(supply(), balanced(), faulty=4),
        replace(WELL, alive=False),
    ]
)


@given(st.lists(st.tuples(LIVES, st.integers(1, 30), st.booleans()), max_size=30), st.integers(1, 4))
def test_over_outages_nothing_is_told_twice_and_nothing_ends_that_had_not_begun(
    course: list[tuple[LiveValues, int, bool]], most: int
) -> None:
    """Each step lasts a number of seconds; with an outage the meter goes on from the mask it had. Few at a time, too:
    what waits is told when it has come to its turn."""
    looking, now = detectors(), 0
    there: set[tuple[Event, int]] = set()
    for live, lasts, outage in course:
        if outage:
            looking = detectors(looking.mask)
        end = now + lasts * S
        changes = looking.feed(live, now, most)
        while (due := looking.due_ns) is not None and due <= end:
            now = max(now, due)
            changes += looking.feed(live, now, most)
        now = end
        for change in changes:
            if change.event in BEGAN:
                there.remove((BEGAN[change.event], change.detail))
            else:
                assert (change.event, change.detail) not in there
                there.add((change.event, change.detail))
        assert sorted(event.name for event, _ in there) == sorted(event.name for event in looking.events())


def test_the_bits_of_the_mask_are_those_that_the_status_word_names() -> None:
    def bits(event: Event) -> int:
        return sum(1 << bit for bit in range(27) if list(detectors(1 << bit).events()) == [event])

    assert bits(Event.PHASE_FAILED) == PHASE_BITS
    assert bits(Event.REVERSE_RUN) == REVERSE_BITS
    assert bits(Event.FRONT_END_FAILED) == FRONT_END_BITS
    assert len(list(detectors((1 << 48) - 1).events())) == 33


@given(LIVES)
def test_a_power_factor_is_always_a_number(live: LiveValues) -> None:
    for values in (*live.phases, live.total):
        assert -(10**6) <= power_factor_ppm(values) <= 10**6


@pytest.mark.parametrize(
    "change",
    [
        {"phase_failed_permille": 890},
        {"voltage_low_permille": 1_080},
        {"voltage_hysteresis_permille": 400},
        {"current_permille": 1},
        {"frequency_hysteresis_permille": 0},
        {"reverse_delay_ns": -1},
    ],
)
def test_limits_that_do_not_fit_together(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="supervision"):
        SupervisionConfig(**change)
