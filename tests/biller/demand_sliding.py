"""Sliding demand (docs/demand.md): the mean of the last n subintervals. What is not known counts as zero, and is short.

A window that has been emptied fills again subinterval by subinterval. It counts in the rate of its oldest one.
"""

from dataclasses import replace

from tests.biller.agreement import Agreement
from tests.biller.demand_block import Demand
from tests.biller.intervals import added
from tests.biller.truth import NOTHING


def sliding(agreed: Agreement, subintervals: list[Demand]) -> list[Demand]:
    window: list[Demand | None] = []
    found = []
    for one in subintervals:
        if one.anew:
            window = []
        window = [*window, *[None] * one.zeros, one][-agreed.subintervals :]
        known = [other for other in window if other is not None]
        energy, blur = NOTHING, 0
        for other in known:
            energy, blur = added(energy, other.energy), blur + other.blur_nwh
        whole = len(known) == agreed.subintervals
        found.append(
            replace(
                one,
                rate=known[0].rate,
                energy=energy,
                blur_nwh=blur,
                short=not whole or any(other.short for other in known),
                perhaps_short=whole and any(other.perhaps_short for other in known),
            )
        )
    return found
