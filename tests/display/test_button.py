"""A button against a plain account of when it was down."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.display.button import Button, Press


@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=40), st.integers(1, 40), st.booleans())
def test_each_press_is_told_once_short_or_long(
    steps: list[tuple[int, bool]], long_ns: int, down_at_first: bool
) -> None:
    button = Button(long_ns, down_at_first)
    told, now = [], 0
    for lasts, down in steps:
        end = now + lasts
        press = button.feed(down, now)
        if press is not None:
            told.append((now, press))
        if button.due_ns is not None and button.due_ns < end:
            due = button.due_ns
            press = button.feed(down, due)
            assert press is Press.LONG
            told.append((due, press))
            assert button.due_ns is None
        now = end
        assert button.down is down

    expected, begin, was, now, released = [], None, down_at_first, 0, True
    for lasts, down in steps:
        if down and not was:
            begin, released = now, False
        if begin is not None and not released:
            if not down:
                expected.append((now, Press.LONG if now - begin >= long_ns else Press.SHORT))
                begin, released = None, True
            elif now + lasts > begin + long_ns:
                expected.append((begin + long_ns, Press.LONG))
                begin, released = None, True
        was, now = down, now + lasts
    assert told == expected


def test_one_that_is_down_at_first_was_not_pressed() -> None:
    button = Button(10, True)
    assert [button.feed(down, now) for now, down in ((0, True), (50, True), (60, False), (70, True))] == [None] * 4
    assert button.feed(False, 75) is Press.SHORT
