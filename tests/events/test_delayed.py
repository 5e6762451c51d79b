"""A condition over time, against a reference that looks back over all that was told."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.events.delayed import Delayed, Seen

told = st.lists(st.tuples(st.integers(0, 40), st.sampled_from([True, False, None])), max_size=60)


class Reference:
    """It turns when all that was told since some instant, at least the delay ago, and since its last turn, spoke for
    it."""

    def __init__(self, delay_ns: int, there: bool) -> None:
        self.delay_ns = delay_ns
        self.there = there
        self.history: list[tuple[int, Seen]] = []

    def feed(self, seen: Seen, now_ns: int) -> bool | None:
        self.history.append((now_ns, seen))
        since = None
        for at_ns, was in reversed(self.history):
            if was is not (not self.there):
                break
            since = at_ns
        if since is None or now_ns - since < self.delay_ns:
            return None
        self.there = not self.there
        self.history.clear()
        return self.there


@given(told, st.integers(0, 60), st.booleans())
def test_it_turns_when_the_reference_does(steps: list[tuple[int, Seen]], delay_ns: int, there: bool) -> None:
    delayed, reference = Delayed(delay_ns, there), Reference(delay_ns, there)
    now = 0
    for pause, seen in steps:
        now += pause
        assert delayed.feed(seen, now) == reference.feed(seen, now)
        assert delayed.there == reference.there


@given(told, st.integers(1, 60))
def test_fed_when_it_is_due_it_turns_then_and_not_before(steps: list[tuple[int, Seen]], delay_ns: int) -> None:
    """Who sleeps until `due_ns` misses nothing, and wakes for nothing."""
    delayed, every = Delayed(delay_ns), Delayed(delay_ns)
    turned, seen_turning = [], []
    now, seen = 0, None
    for pause, following in steps:
        for tick in range(now, now + pause):
            if every.feed(seen, tick) is not None:
                seen_turning.append(tick)
        while (due := delayed.due_ns) is not None and due < now + pause:
            assert delayed.feed(seen, due) is not None
            turned.append(due)
        now, seen = now + pause, following
        if delayed.feed(seen, now) is not None:
            turned.append(now)
        if every.feed(seen, now) is not None:
            seen_turning.append(now)
    assert turned == seen_turning
