"""Ends of billing by their definitions (docs/clock.md, the facts of the meter): when, why, and what each set holds.

A scheduled end of billing happens once, in the first pass of an hour that comes twice. Of those that an outage, or a
clock that was set, passed over, exactly one is made: the last that had none. A lost clock is answered to as agreed.
"""

from dataclasses import dataclass, field

from tests.biller.agreement import Agreement
from tests.biller.diary import NS, Cause, Stretch


@dataclass
class EndOfBilling:
    """Source, stamp and scheduled instant (UTC in s, 0 for none), and the true instant."""

    source: str
    stamp_s: int
    scheduled_s: int
    at_ns: int
    unsure_s: int = 0
    unsure_ns: int = 0


def last_second(stretch: Stretch) -> int:
    """The last whole second, UTC, that began before a stretch ended."""
    return -(-stretch.last_ns // NS) - 1


@dataclass
class Books:
    agreed: Agreement
    ends: list[EndOfBilling] = field(default_factory=list)
    _made: set[int] = field(default_factory=set)

    def keep(self, stretches: list[Stretch]) -> list[EndOfBilling]:
        before: Stretch | None = None
        for stretch in stretches:
            self._begun(before, stretch)
            found = [self._asked(stretch, one.at_ns, one.unsure_ns) for one in stretch.resets]
            first_s = stretch.first_ns // NS
            if before is not None and stretch.began is Cause.SLEW:
                first_s = last_second(before)
            for date_s in self.agreed.billing_dates(first_s, last_second(stretch)):
                if stretch.frozen:
                    self._made.add(date_s)
                elif date_s not in self._made:
                    self._made.add(date_s)
                    unsure_ns = stretch.unsure_ns
                    found.append(
                        EndOfBilling("billing-date", date_s, date_s, stretch.true_ns(date_s * NS), 0, unsure_ns)
                    )
            self.ends += sorted(found, key=lambda one: one.at_ns)
            before = stretch
        return self.ends

    def _begun(self, before: Stretch | None, stretch: Stretch) -> None:
        if before is None or stretch.began is Cause.SLEW:
            return
        at_ns, stamp_s = stretch.begin_ns, stretch.first_ns // NS
        unsure_s = 1 + stretch.unsure_ns // NS + stretch.began_edge_ns // NS
        passed = self.agreed.billing_dates(last_second(before), stamp_s)
        missed = [date_s for date_s in passed if date_s not in self._made][-1:]
        self._made |= set(missed)
        if stretch.responds:
            self.ends.append(EndOfBilling("power-up", stamp_s, 0, at_ns, unsure_s, stretch.unsure_ns))
        elif missed and not stretch.frozen:
            source = "power-up" if stretch.began is Cause.POWER else "billing-date"
            self.ends.append(EndOfBilling(source, stamp_s, missed[0], at_ns, unsure_s, stretch.began_edge_ns))

    def _asked(self, stretch: Stretch, at_ns: int, unsure_ns: int) -> EndOfBilling:
        unsure_s = 1 + unsure_ns // NS + stretch.unsure_ns // NS
        return EndOfBilling("optical", stretch.meter_ns(at_ns) // NS, 0, at_ns, unsure_s, unsure_ns)
