"""The load profiles of a meter, one or two: whatever happens, each is told."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from firmware.clock.civil_clock import ClockStatus
from firmware.events.codes import Event
from firmware.profile.channel import sampled
from firmware.profile.load_profile import LoadProfile
from firmware.profile.recorder import PowerDown, ProfileRules
from firmware.profile.state import ProfileState
from firmware.storage.store import Store
from hal.probe import Probe

if TYPE_CHECKING:
    from firmware.metrology.instrumentation import Instrumentation

RINGS: Final = ("profile", "profile-2")
"""Where the records of each go."""


class Profiles:
    """Not to be used before `begin` or `resume`."""

    def __init__(
        self,
        rules: Sequence[ProfileRules],
        store: Store,
        probe: Probe,
        now_ns: Callable[[], int],
        totals: Callable[[], Sequence[int]],
    ) -> None:
        self.each = tuple(
            LoadProfile(place + 1, RINGS[place], one, store, probe, now_ns, totals) for place, one in enumerate(rules)
        )
        self.sampled = any(sampled(one.layout.channels) for one in rules)
        """Whether a channel is made of samples."""

    def begin(self, utc_s: int, clock: ClockStatus) -> None:
        """A meter without a save."""
        for one in self.each:
            one.begin(utc_s, clock)

    def resume(self, states: Sequence[ProfileState], down: PowerDown, utc_s: int, clock: ClockStatus) -> None:
        """Go on after an outage; a profile of which the save knows nothing begins."""
        for place, one in enumerate(self.each):
            if place < len(states):
                one.resume(states[place], down, utc_s, clock)
            else:
                one.begin(utc_s, clock)

    def next_end(self, utc_s: int) -> int:
        """The first second after `utc_s` at which an interval ends."""
        return min([one.next_end(utc_s) for one in self.each])

    def boundary(self, utc_s: int, clock: ClockStatus) -> None:
        for one in self.each:
            one.boundary(utc_s, clock)

    def clock_set(self, before_s: int, after_s: int, clock: ClockStatus) -> None:
        for one in self.each:
            one.clock_set(before_s, after_s, clock)

    def programmed(self, utc_s: int, rules: Sequence[ProfileRules] = ()) -> None:
        """`rules` are those from now on, if they are others. A second profile comes and goes with a boot only, as its
        ring does."""
        for place, one in enumerate(self.each):
            one.programmed(utc_s, rules[place] if place < len(rules) else None)

    def rescaled(self, before: Sequence[int], factor: Fraction) -> None:
        for one in self.each:
            one.rescaled(before, factor)

    def billed(self, scheduled_s: int) -> None:
        for one in self.each:
            one.billed(scheduled_s)

    def heard(self, event: Event, detail: int) -> None:
        for one in self.each:
            one.heard(event, detail)

    def sample(self, now: "Instrumentation") -> None:
        for one in self.each:
            one.sample(now)

    def state(self, utc_s: int, totals: Sequence[int]) -> tuple[ProfileState, ...]:
        """What a save at `utc_s` must keep; `totals` are the registers in it."""
        return tuple([one.state(utc_s, totals) for one in self.each])

    def saved(self, states: Iterable[ProfileState]) -> None:
        """A save with these is whole."""
        for one, state in zip(self.each, states, strict=True):
            one.saved(state)
