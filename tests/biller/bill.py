"""The whole bill: what every register, interval, maximum and billing set of a meter must be."""

from dataclasses import dataclass

from tests.biller.agreement import Agreement
from tests.biller.billing import Books, EndOfBilling
from tests.biller.demand_block import Block, Demand
from tests.biller.demand_sliding import sliding
from tests.biller.demand_thermal import thermal
from tests.biller.diary import Diary, Session, Stretch
from tests.biller.intervals import Interval, Profile, mark_ends_of_billing, mark_reversed
from tests.biller.pieces import Piece, pieces
from tests.biller.registers import Registers
from tests.biller.truth import Truth

METHODS = {"block": lambda _agreed, intervals: intervals, "sliding": sliding, "thermal": thermal}


@dataclass
class BillingSet:
    """An end of billing, and the demand intervals that ended in its period, up to its own instant."""

    end: EndOfBilling
    demands: list[Demand]


@dataclass
class Bill:
    agreed: Agreement
    truth: Truth
    stretches: list[Stretch]
    pieces: list[Piece]
    registers: Registers
    profile: list[Interval]
    demands: list[Demand]
    sets: list[BillingSet]
    running: list[Demand]
    """Demand intervals of the period that has not ended."""


def bill(agreed: Agreement, truth: Truth, sessions: list[Session]) -> Bill:
    stretches = Diary(agreed, truth, sessions).keep()
    cut = pieces(agreed, truth, stretches)
    profile = Profile(agreed, truth).keep(cut)
    demands = METHODS[agreed.method](agreed, Block(agreed, truth).keep(cut))
    ends = Books(agreed).keep(stretches)
    mark_reversed(truth, profile)
    mark_ends_of_billing(profile, [one.at_ns for one in ends])
    sets, rest = [], demands
    for end in ends:
        sets.append(BillingSet(end, [one for one in rest if one.closed_ns <= end.at_ns]))
        rest = [one for one in rest if one.closed_ns > end.at_ns]
    return Bill(agreed, truth, stretches, cut, Registers(truth, cut), profile, demands, sets, rest)
