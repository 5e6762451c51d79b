"""The load profile by its definitions (docs/profile.md): what each interval must be.

An interval ends at each whole period of local standard time. An outage inside it leaves it one; one that ended in an
outage is closed when power is back, if the time is still right. A clock set ends it, and what begins then ends at the
next whole period by the new time.
"""

from dataclasses import dataclass, field

from tests.biller.agreement import Agreement
from tests.biller.diary import NS, Cause
from tests.biller.pieces import Piece, end_of_period, grid
from tests.biller.truth import NOTHING, Truth

Eight = tuple[int, ...]

LIFE_BLUR_NS = 500_000_000
"""A start is late, and what a window of the front end holds at the end of a life is not counted."""


def added(one: Eight, other: Eight) -> Eight:
    return tuple(a + b for a, b in zip(one, other, strict=True))


@dataclass
class Interval:
    """`unsure_s` is how far the stamp, and `length_unsure_s` how far the length may be off; `blur_nwh` what energy may
    lie on the other side of its edges. `may` are flags that it may bear besides those that it must."""

    end_s: int
    offset_s: int
    clock: str
    length_s: int
    missed: int
    energy: Eight
    flags: set[str]
    may: set[str]
    closed_ns: int
    spans: list[tuple[int, int]]
    blur_nwh: int
    unsure_s: int = 0
    length_unsure_s: int = 0
    clock_unsure: bool = False
    until: Eight = NOTHING
    """All that the profile holds with it."""


@dataclass
class Profile:
    agreed: Agreement
    truth: Truth
    intervals: list[Interval] = field(default_factory=list)
    _flags: set[str] = field(default_factory=set)
    _may: set[str] = field(default_factory=set)
    _spans: list[tuple[int, int]] = field(default_factory=list)
    _energy: Eight = NOTHING
    _until: Eight = NOTHING
    _length_ns: int = 0
    _latest_s: int = 0
    _blur: int = 0
    _length_unsure_s: int = 0
    _clock: str = "valid"
    _clock_unsure: bool = False

    def keep(self, pieces: list[Piece]) -> list[Interval]:
        before: Piece | None = None
        for piece in pieces:
            if piece.opens:
                self._opened(before, piece)
            self._count(piece)
            if piece.last_ns == self._end_of(piece.first_ns) * NS:
                self._close(piece.last_ns // NS, piece.to_ns, piece)
            before = piece
        return self.intervals

    def _end_of(self, meter_ns: int) -> int:
        return end_of_period(self.agreed, self.agreed.profile_s, meter_ns)

    def _opened(self, before: Piece | None, piece: Piece) -> None:
        began = piece.stretch.began
        if before is None:
            self._flags.add("power-up")
            self._length_unsure_s += 1
        elif began is Cause.POWER:
            self._flags.add("power-down")
            self._outage(before, piece)
            self._flags.add("power-up")
        elif began is Cause.SET:
            self._flags.add("clock-adjusted")
            self._clock_unsure |= before.stretch.adjusting
            self._length_unsure_s += 1 + (before.from_unsure_ns + before.to_unsure_ns) // NS
            self._close(before.last_ns // NS, piece.from_ns, before, 1 + before.to_unsure_ns // NS)
            self._flags.add("clock-adjusted")
            self._length_unsure_s += 1 + piece.from_unsure_ns // NS
        elif began is Cause.SLEW:
            # By its own clock: a step of a slew is time that has passed.
            self._length_ns += piece.first_ns - before.last_ns

    def _outage(self, before: Piece, piece: Piece) -> None:
        self._blur += self.truth.blur(before.to_ns, LIFE_BLUR_NS) + self.truth.blur(piece.from_ns, LIFE_BLUR_NS)
        self._length_unsure_s += 1 + before.stretch.unsure_ns // NS
        slewed = {"clock-adjusted", "clock-synchronised"} if before.stretch.adjusting else set()
        self._may |= slewed
        end_s = self._end_of(before.last_ns) if self._spans else before.last_ns // NS
        if piece.stretch.lost or piece.first_ns < end_s * NS:
            return
        self._close(end_s, piece.from_ns, before)
        if self.agreed.fill:
            for filled_s in grid(self.agreed, self.agreed.profile_s, end_s, piece.first_ns // NS):
                self._flags |= {"power-down", *(["clock-invalid"] if piece.stretch.status == "doubtful" else [])}
                self._may |= slewed
                self._close(filled_s, piece.from_ns, before, filled=True)
        self._may |= slewed
        self._length_unsure_s += 1 + piece.stretch.unsure_ns // NS

    def _count(self, piece: Piece) -> None:
        stretch = piece.stretch
        self._energy = added(self._energy, piece.energy)
        self._length_ns += piece.meter_ns
        self._spans.append((piece.from_ns, piece.to_ns))
        self._blur += self.truth.blur(piece.from_ns, piece.from_unsure_ns)
        self._blur += self.truth.blur(piece.to_ns, piece.to_unsure_ns)
        self._clock = stretch.status
        if stretch.status == "doubtful":
            self._flags.add("clock-invalid")
        over = piece.closes and stretch.settles
        if stretch.adjusting:
            unsure = stretch.perhaps or stretch.status == "doubtful"
            (self._may if unsure else self._flags).add("clock-adjusted")
            if stretch.perhaps:
                self._may.add("clock-synchronised")
                self._clock_unsure = True
        if over:
            (self._may if stretch.perhaps else self._flags).add("clock-synchronised")
        if stretch.adjusting and stretch.status == "valid" and not over:
            self._clock = "adjusted"

    def _close(self, end_s: int, closed_ns: int, piece: Piece, unsure_s: int = 0, filled: bool = False) -> None:
        if not self._spans and not filled:
            return
        period_s, offset_s = self.agreed.profile_s, self.agreed.place.offset(end_s - 1)
        length_s = round(self._length_ns / NS)
        flags = self._flags
        if self.agreed.place.summer(end_s - 1):
            flags.add("dst")
        if length_s < period_s:
            flags.add("short")
        missed = 0
        if filled:
            flags.add("missed")
        if self.intervals and not filled:
            last_s = self._end_of(self.intervals[-1].end_s * NS - 1)
            missed = max((self._end_of(end_s * NS - 1) - last_s) // period_s - 1, 0)
            if missed:
                flags.add("missed")
        if self.intervals and end_s <= self._latest_s:
            flags.add("repeated")
        self._latest_s = max(self._latest_s, end_s)
        self._until = added(self._until, self._energy)
        self.intervals.append(
            Interval(
                end_s,
                offset_s,
                self._clock,
                length_s,
                missed,
                self._energy,
                flags,
                self._may,
                closed_ns,
                self._spans,
                self._blur,
                unsure_s,
                self._length_unsure_s,
                self._clock_unsure or "clock-adjusted" in self._may,
                self._until,
            )
        )
        self._flags, self._may, self._spans = set(), set(), []
        self._energy, self._length_ns, self._blur, self._length_unsure_s = NOTHING, 0, 0, 0
        self._clock_unsure = False


def mark_reversed(truth: Truth, intervals: list[Interval]) -> None:
    """A current that is reversed for more than five seconds is reverse run, in every interval that it touches."""
    clear_ns, near_ns = 60 * NS, 60 * NS
    edges = list(zip(truth.at_ns, [*truth.at_ns[1:], 1 << 62], truth.reversed, strict=True))
    back = [(begin, end) for begin, end, wrong in edges if wrong]
    before: Interval | None = None
    for interval in intervals:
        if before is not None and "reverse" in before.flags | before.may and "power-up" in interval.flags:
            # Over an outage it goes on, until what is back has been looked at.
            interval.may.add("reverse")
        before = interval if interval.spans else before
        for from_ns, to_ns in interval.spans:
            longest = max((min(end, to_ns) - max(begin, from_ns) for begin, end in back), default=0)
            if longest > clear_ns:
                interval.flags.add("reverse")
            elif longest > -near_ns:
                interval.may.add("reverse")


def mark_ends_of_billing(intervals: list[Interval], instants_ns: list[int]) -> None:
    """One with an end of billing in it, or at its end; one at power-up lies in the interval that then runs."""
    for instant_ns in instants_ns:
        for interval in intervals:
            if interval.spans and interval.spans[0][0] <= instant_ns <= interval.spans[-1][1]:
                interval.flags.add("billing-reset")
                break
        for interval in intervals:
            if interval.closed_ns == instant_ns:
                # Closed when power is back, as the end of billing is made: its date may lie in it, or at its end.
                interval.may.add("billing-reset")
