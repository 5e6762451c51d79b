"""What must hold after power cuts, held against a ledger. Each function gives what is wrong, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from firmware.save import SaveReason
from firmware.tariff.billing import BillingSource
from firmware.tariff.records import billing_closed
from hal.units import MINUTE, MS, S
from tests.power_cut.ledger import Ledger, Life

SAVE_PERIOD_NS = 15 * MINUTE
SAVED_NS = 600 * MS
"""The longest from a power-fail interrupt to a whole save: the task's spacing, and its worst response. A capacitor that
had no time to be charged may give less."""

SETTLED_NS = 5 * S
"""So long after power-up all that a boot has to say is in flash."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a reading may be off, in nWh, nvarh and nVAh: `rounding` over a whole life, `smear` when a boundary splits a
    reading in which the load changed."""

    rounding: int
    smear: int


METERING_IC = Tolerance(rounding=4, smear=4_000_000)
"""Energies are rounded down at both ends of two differences; a boundary is seen to within 2 ms, at 7 kVA."""

SAMPLES = Tolerance(rounding=40_000_000, smear=900_000_000)
"""20 ms and 450 ms at 7 kVA: from power-up to the first sample, and a window and a block."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What one power-down cost of active import energy, in nWh, and what it might have cost at most."""

    down_ns: int
    intact: bool
    """The power-fail interrupt came, and hold-up and an erased slot were there for the save."""
    lost_nwh: int
    bound_nwh: int
    since_ns: int
    """How long before the power-down the last whole save, or else the power-up, lies."""


def losses(ledger: Ledger, tolerance: Tolerance) -> tuple[list[Loss], list[str]]:
    """Each power-down's loss, and what is wrong with any."""
    found: list[Loss] = []
    wrong: list[str] = []
    for number, life in enumerate(ledger.lives):
        wrong += [f"life {number}: {problem}" for problem in (*_steady(life, tolerance), *_told(number, life))]
        if life.down_ns is not None and number + 1 < len(ledger.lives):
            loss, problems = _between(life, life.down_ns, ledger.lives[number + 1], tolerance)
            found.append(loss)
            wrong += [f"life {number}, down at {life.down_ns} ns: {problem}" for problem in problems]
    return found, wrong


def _steady(life: Life, tolerance: Tolerance) -> list[str]:
    """It goes on from all that was whole, and within it each save holds what has flowed since."""
    wrong = []
    start = life.start
    for save in life.saves:
        for kind, total in enumerate(save.record.totals):
            error = total - start[kind] - (save.flowed[kind] - life.flowed_up[kind])
            if abs(error) > tolerance.smear:
                wrong.append(f"save {save.record.sequence}: energy {kind} is {error} nWh off")
    saved = start if life.found is None else life.found.tariff.totals[:8]
    for kind, least in enumerate(map(max, saved, life.billed)):
        if start[kind] < least - tolerance.rounding:
            wrong.append(f"it begins with {start[kind]} nWh of energy {kind}, {least} nWh were whole")
    return wrong


def _told(number: int, life: Life) -> list[str]:
    """An incomplete power-down is in the event log, and no other is."""
    booted = life.booted
    if booted is None:
        return ["it never booted"]
    if life.down_ns is not None and life.down_ns - life.up_ns < SETTLED_NS:
        return []
    logged = {event.event for event in life.events}
    expected = set() if booted.clean else {"state-lost" if life.found is None else "register-backup-used"}
    wrong = [] if logged & {"state-lost", "register-backup-used"} == expected else [f"it logged {sorted(logged)}"]
    if "power-up" not in logged or (life.found is not None and "power-down" not in logged):
        wrong.append(f"it logged {sorted(logged)}")
    return wrong


def _between(life: Life, down_ns: int, after: Life, tolerance: Tolerance) -> tuple[Loss, list[str]]:
    left = [start + down - up for start, down, up in zip(life.start, life.flowed_down, life.flowed_up, strict=True)]
    lost = [before - now for before, now in zip(left, after.start, strict=True)]
    whole = life.saves[-1] if life.saves else None
    flowed, since_ns = (life.flowed_up, life.up_ns) if whole is None else (whole.flowed, whole.at_ns)
    bound = [down - then for down, then in zip(life.flowed_down, flowed, strict=True)]
    held = life.fail_ns is not None and not life.cut and down_ns - life.fail_ns >= SAVED_NS
    intact = held and life.slots > 0
    loss = Loss(down_ns, intact, lost[0], bound[0], down_ns - since_ns)
    wrong = []
    for kind in range(len(lost)):
        unheard = life.flowed_down[kind] - life.flowed_fail[kind]
        allowed = tolerance.rounding + unheard if intact else tolerance.smear + bound[kind]
        if not -tolerance.rounding <= lost[kind] <= allowed:
            wrong.append(f"energy {kind}: {lost[kind]} nWh lost, {allowed} nWh allowed")
    if not intact and loss.since_ns > SAVE_PERIOD_NS + S:
        wrong.append(f"the last whole save was {loss.since_ns} ns ago")
    if after.booted is not None:
        wrong += _said(life, after, intact, after.booted.clean)
    return loss, wrong


def _said(life: Life, after: Life, intact: bool, clean: bool) -> list[str]:
    """Whether the next boot says rightly that all was saved."""
    if after.found is None:
        return []
    if intact:
        return [] if clean else ["all was saved, and the boot says that it was not"]
    if after.found.reason is not SaveReason.POWER_FAIL:
        return ["not all was saved, and the boot says that it was"] if clean else []
    own = any(save.record.reason == "power_fail" for save in life.saves)
    if life.fail_ns is None and life.gone_on and clean and not own:
        # The save is that of the life before. One that did not come to mark it wrote nothing else, either.
        return ["the save at power fail was gone on from, and the boot says that all was saved"]
    return []


def billing(ledger: Ledger, dates: int, presses: int) -> list[str]:
    """Sets count up by one: one for each date, at most one a press. What was published is kept. None lies below the one
    before, no save below its set, and no maximum is carried over."""
    wrong = []
    history = ledger.history
    numbers = [found.number for found in history]
    if numbers != list(range(1, len(numbers) + 1)):
        wrong.append(f"billing sets are numbered {numbers}")
    by_date = sum(found.source in (BillingSource.DATE, BillingSource.POWER_UP) for found in history)
    by_button = sum(found.source is BillingSource.BUTTON for found in history)
    if by_date != dates or by_button > presses:
        wrong.append(f"{by_date} ends of billing for {dates} dates, {by_button} for {presses} presses")
    held = {found.number: found for found in history}
    for told in ledger.billings:
        kept = held.get(told.number)
        if kept is None or billing_closed(kept) != told:
            wrong.append(f"billing set {told.number} in flash is not the one that was published")
    for before, after in pairwise(history):
        if any(map(int.__gt__, before.totals, after.totals)):
            wrong.append(f"billing set {after.number} lies below {before.number}")
    for life in ledger.lives:
        for save in life.saves:
            last = held.get(save.record.billing)
            if last is not None and any(map(int.__gt__, last.totals, save.record.totals)):
                wrong.append(f"save {save.record.sequence} lies below billing set {last.number}")
    return wrong


def maxima(ledger: Ledger, most_mw: int) -> list[str]:
    """No maximum since the last end of billing lies above the greatest load that flowed since."""
    state = ledger.state
    if state is None:
        return []
    found = state.tariff.demand.registers.maxima[0].highest_mw
    return [f"a maximum of {found} mW, no more than {most_mw} mW flowed"] if found > most_mw else []


def intervals(ledger: Ledger, start_utc_s: int, ends: Sequence[int], period_ns: int) -> list[str]:
    """Each interval that was measured is closed; one that a whole save has seen closed never closes again."""
    wrong = []
    done: set[int] = set()
    for at_ns, number, interval in ledger.intervals:
        if interval.utc_s in done:
            wrong.append(f"interval {interval.utc_s} is closed once more at {at_ns} ns")
        # A save at power fail may have been laid out just before the interval ended.
        saves = (save for save in ledger.lives[number].saves if save.record.reason != "power_fail")
        if any(save.at_ns > at_ns for save in saves):
            done.add(interval.utc_s)
    # A save may be whole in the last moment of a life, so that nobody was told; the profile has the same periods.
    seen = {interval.utc_s for _, _, interval in ledger.intervals} | ledger.profile
    for end in ends:
        if start_utc_s + end // S not in seen and _measured(ledger.lives, end, period_ns):
            wrong.append(f"the interval that ends at {end} ns was never closed")
    return wrong


def _measured(lives: Sequence[Life], end: int, period_ns: int) -> bool:
    """Whether a meter worked at the interval's end, or saved a part of it and came back later."""
    if lives[-1].up_ns < end and lives[-1].down_ns is not None:
        return False
    inside = (end - period_ns + S, end)
    worked = any(life.up_ns < end - S and (life.down_ns is None or life.down_ns > end + S) for life in lives)
    # A boot's save holds none of the energy of its life.
    saves = (save for life in lives for save in life.saves if save.record.reason != "boot")
    return worked or any(inside[0] < save.at_ns < inside[1] for save in saves)
