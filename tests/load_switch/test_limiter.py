"""The limiter over time, against a plain account of when the value was where; and emergency profiles."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.load_switch.limiter import EmergencyProfile, Limiter

STEPS = st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=60)


def told(steps: list[tuple[int, bool]], over_ns: int, under_ns: int, over: bool) -> list[tuple[int, bool]]:
    """When the limit counts as exceeded, and when no longer: the first instant at which the value has been on the
    other side for its whole duration."""
    changes, state, run_ns = [], over, None
    end_ns = sum(lasts for lasts, _ in steps)
    values = []
    for lasts, above in steps:
        values += [above] * lasts
    for now in range(end_ns):
        above = values[now]
        if above == state:
            run_ns = None
        elif run_ns is None:
            run_ns = now
        if run_ns is not None and now - run_ns >= (under_ns if state else over_ns):
            state, run_ns = not state, None
            changes.append((now, state))
    return changes


@given(STEPS, st.integers(1, 60), st.integers(1, 60), st.booleans())
def test_it_tells_when_a_side_has_lasted(
    steps: list[tuple[int, bool]], over_ns: int, under_ns: int, over: bool
) -> None:
    limiter = Limiter(over_ns, under_ns, over)
    changes, now = [], 0
    for lasts, above in steps:
        begin, now = now, now + lasts
        came = limiter.feed(above, begin)
        if came is not None:
            changes.append((begin, came))
        # Told again only when it asks for it.
        while (due := limiter.due_ns) is not None and due < now:
            came = limiter.feed(above, due)
            assert came is not None
            changes.append((due, came))
    assert changes == told(steps, over_ns, under_ns, over)
    assert limiter.over is (changes[-1][1] if changes else over)


@given(st.integers(1, 5), st.integers(0, 50), st.integers(1, 50), st.lists(st.integers(1, 5), max_size=3))
def test_an_emergency_profile_is_in_force_for_its_duration(
    number: int, begin_s: int, duration_s: int, heeded: list[int]
) -> None:
    profile, numbers = EmergencyProfile(number, begin_s, duration_s), tuple(heeded)
    force = range(begin_s, begin_s + duration_s) if number in numbers else range(0)
    for utc_s in range(110):
        assert profile.active(utc_s, numbers) == (utc_s in force)
        later = [s for s in range(utc_s + 1, 120) if (s in force) != (s - 1 in force)]
        assert profile.next_s(utc_s, numbers) == (later[0] if later else None)
