"""Which page is shown, from presses and time alone; held against a model that goes through every instant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.display.modes import TABLE, Mode, Pace, Position, Stimulus

EVENTS = st.lists(
    st.tuples(
        st.integers(1, 40),
        st.sampled_from([None, Stimulus.SHORT, Stimulus.LONG, Stimulus.TEST_BEGAN, Stimulus.TEST_ENDED]),
    ),
    max_size=30,
)


class Model:
    """A display that lives through each nanosecond."""

    def __init__(self, page: int, timeout: int) -> None:
        self.page, self.timeout = page, timeout
        self.listed, self.by_hand, self.test = "automatic", False, False
        self.place = self.age = 0

    def tick(self) -> None:
        self.age += 1
        if self.test:
            return
        if self.by_hand:
            if self.age == self.timeout:
                self._automatic()
        elif self.age == self.page:
            self.place, self.age = self.place + 1, 0

    def _automatic(self) -> None:
        self.listed, self.by_hand, self.place, self.age = "automatic", False, 0, 0

    def feed(self, stimulus: Stimulus) -> None:
        if stimulus is Stimulus.TEST_ENDED:
            if self.test:
                self.test = False
                self._automatic()
        elif stimulus is Stimulus.TEST_BEGAN:
            if not self.test:
                self.test, self.place = True, 0
        elif self.test:
            self.place = self.place + 1 if stimulus is Stimulus.SHORT else 0
        elif stimulus is Stimulus.SHORT:
            self.by_hand, self.place, self.age = True, self.place + 1, 0
        elif self.listed == "manual":
            self._automatic()
        else:
            self.listed, self.by_hand, self.place, self.age = "manual", True, 0, 0

    @property
    def mode(self) -> Mode:
        if self.test:
            return Mode.TEST
        if self.listed == "manual":
            return Mode.MANUAL
        return Mode.STEPPED if self.by_hand else Mode.AUTOMATIC


@given(EVENTS, st.integers(1, 10), st.integers(1, 60), st.integers(0, 1))
def test_it_is_where_a_display_that_never_sleeps_would_be(
    events: list[tuple[int, Stimulus | None]], page: int, timeout: int, looks: int
) -> None:
    pace, model = Pace(page, timeout), Model(page, timeout)
    position, now = Position(), 0
    for after, stimulus in events:
        now += after
        for _ in range(after):
            model.tick()
        if stimulus is not None:
            model.feed(stimulus)
            position = position.after(stimulus, now, pace)
        shown = position.at(now, pace)
        assert (shown.mode, shown.entry) == (model.mode, model.place)
        if looks:
            # Looking changes nothing.
            position = shown


@pytest.mark.parametrize("mode", list(Mode))
def test_every_mode_has_its_way_back(mode: Mode) -> None:
    ways = {stimulus: TABLE[mode, stimulus][0] for stimulus in Stimulus if (mode, stimulus) in TABLE}
    assert mode is Mode.AUTOMATIC or Mode.AUTOMATIC in ways.values()
