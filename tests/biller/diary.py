"""The meter's time: from what truly happened (mains, cell, sessions) to the stretches in which its clock ran evenly.

Definitions: docs/clock.md and the facts of the meter. The clock is right at first. An outage leaves it right while the
cell lives; with a dead cell it goes on from the power-down, late by the outage, doubtful. A set beyond the slew limit
moves it at once; a smaller one, or an adjustment, by at most 5 s in each integration period, 20 s after that began.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from tests.biller.agreement import Agreement, Table, duration_ns, duration_s
from tests.biller.truth import Truth

NS = 10**9
STEP_S, STEP_AFTER_S = 5, 20

DRIFT_PPB = -136
"""A watch crystal at 23 °C, which turns over at 25 °C and loses 0.034 ppm/K² on either side (docs/fidelity.md)."""
RTC_UNSURE_NS = 200_000_000
"""A crystal at rest, and the instant in which firmware sees to a boundary."""
SET_UNSURE_NS = 2 * NS
"""A clock is set in whole seconds, by a line that takes time; one that was lost goes on from about the power-down."""


class Cause(Enum):
    START = "start"
    POWER = "power"
    SET = "set"
    SLEW = "slew"
    END = "end"


@dataclass
class Session:
    """What a reader came for, and when it was done; instants are true."""

    table: Table
    from_ns: int
    to_ns: int
    problem: str | None

    @property
    def at_ns(self) -> int:
        return self.to_ns

    @property
    def unsure_ns(self) -> int:
        return self.to_ns - self.from_ns


@dataclass
class Stretch:
    """A time in which the meter was up and its clock ran evenly: true ns, and what its clock was ahead by.

    `lost` is that it began with a clock that had lost the time; `adjusting` that a slew was under way (`perhaps`: if a
    clock that was set to about what it showed is slewed at all), `settles` that it is over with its end. `unsure_ns` is
    how well its clock is known, `edge_ns` how well its end is.
    """

    begin_ns: int
    end_ns: int
    ahead_ns: int
    began: Cause
    ended: Cause = Cause.END
    status: str = "valid"
    lost: bool = False
    responds: bool = False
    frozen: bool = False
    adjusting: bool = False
    perhaps: bool = False
    settles: bool = False
    unsure_ns: int = RTC_UNSURE_NS
    edge_ns: int = RTC_UNSURE_NS
    began_edge_ns: int = RTC_UNSURE_NS
    resets: list[Session] = field(default_factory=list)
    start_utc_ns: int = 0

    def meter_ns(self, true_ns: int) -> int:
        """What the meter's clock shows, UTC in ns."""
        return self.start_utc_ns + true_ns + self.ahead_ns

    def true_ns(self, meter_ns: int) -> int:
        return meter_ns - self.start_utc_ns - self.ahead_ns

    @property
    def first_ns(self) -> int:
        return self.meter_ns(self.begin_ns)

    @property
    def last_ns(self) -> int:
        return self.meter_ns(self.end_ns)


@dataclass
class Diary:
    """Goes through the meter's lives; `stretches` is what comes of it."""

    agreed: Agreement
    truth: Truth
    sessions: list[Session]
    stretches: list[Stretch] = field(default_factory=list)
    ahead_ns: int = 0
    right_ns: int = 0
    """When the clock was told the time."""
    drift_ns: int = 0
    """What it has strayed since, as of the begin of its life."""
    unsure_ns: int = RTC_UNSURE_NS
    status: str = "valid"
    pending_s: int = 0
    step_ns: int = 0
    """By the meter's clock, when the next step of a slew is due."""
    perhaps: bool = False
    settle_ns: int = 0
    """By the meter's clock, when the interval of the last step ends; 0 for never."""
    frozen: bool = False
    armed: bool = True
    was_set: bool = True

    def keep(self) -> list[Stretch]:
        lives = [(begin, self.agreed.end_ns if end < 0 else end) for begin, end in self.truth.lives]
        before_ns = 0
        for number, (begin_ns, end_ns) in enumerate(lives):
            self.drift_ns = (begin_ns - self.right_ns) * DRIFT_PPB // 10**9
            one = self._stretch(begin_ns, end_ns, Cause.POWER if number else Cause.START)
            if number and self._cell_dead(before_ns, begin_ns):
                self._lose(one, begin_ns - before_ns)
            if self.pending_s:
                self._due_again(one.meter_ns(begin_ns))
            if number and self.settle_ns and self.settle_ns <= one.first_ns:
                self.settle_ns, one.adjusting = 0, False
            self._live(one)
            before_ns = end_ns
        return self.stretches

    @property
    def slewing(self) -> bool:
        return self.pending_s != 0 or self.settle_ns != 0

    def _stretch(self, begin_ns: int, end_ns: int, began: Cause) -> Stretch:
        one = Stretch(
            begin_ns,
            end_ns,
            self.ahead_ns + self.drift_ns,
            began,
            status=self.status,
            frozen=self.frozen,
            adjusting=self.slewing,
            perhaps=self.perhaps,
            unsure_ns=self.unsure_ns,
            start_utc_ns=self.agreed.start_s * NS,
        )
        self.stretches.append(one)
        return one

    def _lose(self, one: Stretch, outage_ns: int) -> None:
        """The clock goes on from the power-down. What is left of a slew is forgotten; the response is made once."""
        self.ahead_ns -= outage_ns
        self.unsure_ns = max(self.unsure_ns, SET_UNSURE_NS)
        self.status, self.was_set = "doubtful", False
        self.pending_s = self.settle_ns = 0
        one.ahead_ns, one.unsure_ns, one.status = self.ahead_ns + self.drift_ns, self.unsure_ns, self.status
        one.lost, one.adjusting = True, False
        one.responds = self.armed and self.agreed.battery != "continue"
        if one.responds and self.agreed.battery == "reset-and-freeze":
            self.frozen = one.frozen = True
        self.armed = False

    def _live(self, one: Stretch) -> None:
        end_ns = one.end_ns
        for session in self._sessions(one.begin_ns, end_ns):
            one = self._slewed(one, session.at_ns)
            one = self._session(one, session)
            one.end_ns = end_ns
        one = self._slewed(one, end_ns)
        one.end_ns, one.ended = end_ns, Cause.POWER if end_ns < self.agreed.end_ns else Cause.END

    def _session(self, one: Stretch, session: Session) -> Stretch:
        kind = session.table["kind"]
        if kind == "billing-reset":
            one.resets.append(session)
        elif kind == "release-tariff" and one.frozen:
            self.frozen = False
            one = self._cut(one, session.at_ns, Cause.SLEW, session.unsure_ns)
        elif kind == "adjust-clock":
            one = self._slew(one, session, duration_s(session.table["by"]))
        elif kind == "set-clock":
            asked_ns = self._asked(session)
            by_ns = asked_ns - self.ahead_ns
            self.status = "valid"
            self.was_set = True
            self._rearm(session.at_ns)
            if abs(by_ns) <= self.agreed.slew_limit_s * NS + NS // 2:
                one = self._slew(one, session, round(by_ns / NS), perhaps=abs(by_ns) <= SET_UNSURE_NS)
            else:
                self.ahead_ns, self.unsure_ns = asked_ns, SET_UNSURE_NS
                self.pending_s = self.settle_ns = 0
                self.right_ns, self.drift_ns = session.at_ns, 0
                one = self._cut(one, session.at_ns, Cause.SET, session.unsure_ns)
        return one

    def _asked(self, session: Session) -> int:
        """What the clock is to be ahead by. It is told the time on the wall, which of an hour that comes twice is that
        of the first pass."""
        asked_ns = duration_ns(session.table.get("offset", "0s"))
        utc_s = self.agreed.start_s + (session.at_ns + asked_ns) // NS
        place = self.agreed.place
        return asked_ns + (place.first(place.wall(utc_s)) - utc_s) * NS

    def _cut(self, one: Stretch, at_ns: int, cause: Cause, edge_ns: int) -> Stretch:
        end_ns, one.end_ns, one.ended = one.end_ns, at_ns, cause
        one.edge_ns = edge_ns + RTC_UNSURE_NS
        after = self._stretch(at_ns, end_ns, cause)
        after.began_edge_ns = one.edge_ns
        return after

    def _slew(self, one: Stretch, session: Session, by_s: int, perhaps: bool = False) -> Stretch:
        """A further adjustment takes the place of what was left of the last one."""
        self.pending_s, self.perhaps = by_s or int(perhaps), perhaps
        one.perhaps = one.perhaps or perhaps
        if perhaps:
            self.unsure_ns = max(self.unsure_ns, SET_UNSURE_NS)
        self.settle_ns = 0
        self._due_again(one.meter_ns(session.at_ns))
        return self._cut(one, session.at_ns, Cause.SLEW, 0)

    def _due_again(self, meter_ns: int) -> None:
        period_ns = self.agreed.demand_s * NS
        standard_ns = self.agreed.place.standard_s * NS
        begun_ns = (meter_ns + standard_ns) // period_ns * period_ns - standard_ns
        self.step_ns = begun_ns + STEP_AFTER_S * NS
        if self.step_ns <= meter_ns:
            self.step_ns += period_ns

    def _slewed(self, one: Stretch, until_ns: int) -> Stretch:
        while self.pending_s and one.true_ns(self.step_ns) < until_ns:
            by_s = max(-STEP_S, min(STEP_S, self.pending_s))
            self.pending_s -= by_s
            self.ahead_ns += by_s * NS
            self.unsure_ns = max(self.unsure_ns, NS)
            stepped_ns = self.step_ns
            self.step_ns += self.agreed.demand_s * NS
            if not self.pending_s:
                self.settle_ns = self.step_ns - STEP_AFTER_S * NS
            one = self._cut(one, one.true_ns(stepped_ns), Cause.SLEW, 0)
        if self.settle_ns and one.true_ns(self.settle_ns) < until_ns:
            one.settles, settled_ns, self.settle_ns = True, self.settle_ns, 0
            one = self._cut(one, one.true_ns(settled_ns), Cause.SLEW, 0)
        return one

    def _sessions(self, from_ns: int, to_ns: int) -> Iterator[Session]:
        for session in sorted(self.sessions, key=lambda one: one.at_ns):
            if from_ns <= session.at_ns < to_ns and session.problem is None:
                yield session

    def _cell_dead(self, from_ns: int, to_ns: int) -> bool:
        """Dead at some time of an outage: then the clock stood still."""
        dead_ns: int | None = None
        for at_ns, kind in self._cell():
            if kind == "battery-fail":
                dead_ns = at_ns
            elif dead_ns is not None:
                if dead_ns < to_ns and at_ns > from_ns:
                    return True
                dead_ns = None
        return dead_ns is not None and dead_ns < to_ns

    def _cell(self) -> list[tuple[int, str]]:
        kinds = ("battery-fail", "battery-replace")
        return sorted((duration_ns(one["at"]), one["kind"]) for one in self.agreed.faults if one["kind"] in kinds)

    def _rearm(self, now_ns: int) -> None:
        """A healthy cell and a clock that was set."""
        past = [kind for at_ns, kind in self._cell() if at_ns <= now_ns]
        self.armed |= self.was_set and (not past or past[-1] == "battery-replace")
