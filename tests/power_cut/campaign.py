"""The campaign: cut the power at 240 instants of one evening, more than half of them inside a program or an erase.

The evening is run once with two ordinary outages, to learn when each operation begins and ends and what it is for. Up
to the instant of a cut, a run with it is the same, so a cut aimed at an operation hits it; but with hold-up, where the
mains fail some time before, and the processor may be a fraction of a millisecond faster or slower by then.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import cycle
from typing import Any, Final

from firmware.save import SaveReason
from firmware.storage.memory_map import METER, MemoryMap, plan
from firmware.storage.record import HEADER_BYTES
from firmware.storage.store import EVENTS, RINGS, queue_of
from hal.units import MINUTE, MS, S
from sim.devices.flash import W25Q64, EraseCut, FlashOperation, Kind, ProgramCut, Stage
from sim.scenario.runner import Runner
from sim.world import Stream
from tests.power_cut.scene import DETECTION_NS, EVENING, INCOMPLETE, Cut, Seen, run
from tests.power_cut.verdicts import Loss

ORDINARY: Final = (Cut(661 * S, MINUTE, hold_up=True), Cut(1_921 * S, 400 * MS, hold_up=True))
"""The evening's ordinary outages: one brings a boot after an outage, the mains are back in the hold-up of the other."""

CUTS: Final = 240
READOUT_NS: Final = EVENING.duration_ns - 40 * S
_LAST_NS: Final = 80 * MINUTE
_BACK_NS: Final = 83 * MINUTE
_AWAY: Final = (200 * MS, 2 * S, MINUTE, 7 * MINUTE, 25 * MINUTE, 40 * MINUTE)
"""How long power stays away. The longest spans the billing date from most instants before it."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """An operation of the evening, and what it is for."""

    purpose: str
    operation: FlashOperation
    up_ns: int = 0
    """When the meter was powered up."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A cut of the campaign, and the purpose of the operation that it is aimed at; None aims between operations."""

    cut: Cut
    purpose: str | None


@dataclass(frozen=True, slots=True)
class Shot:
    """What came of an aim."""

    purpose: str | None
    hold_up: bool
    hit: bool
    """An operation ran or was suspended when the rail collapsed, or when the power-fail interrupt came."""
    left: tuple[str, ...]
    """What the cut left of the operations that it hit; with hold-up, of those that the end of the hold-up hit."""
    boots: int
    incomplete: int
    """Boots that said so."""
    losses: tuple[Loss, ...]
    wrong: tuple[str, ...]

    def flat(self) -> dict[str, object]:
        """As a report of pytest can carry it from process to process."""
        return asdict(self)

    @classmethod
    def of(cls, flat: dict[str, Any]) -> "Shot":
        """What `flat` gave, be it through JSON."""
        losses = tuple(Loss(**loss) for loss in flat["losses"])
        return cls(**{**flat, "left": tuple(flat["left"]), "wrong": tuple(flat["wrong"]), "losses": losses})


def learn() -> list[Learnt]:
    """The operations of the evening with its ordinary outages only."""
    layout = plan(METER, W25Q64.geometry)
    found: list[Learnt] = []

    def listen(runner: Runner, operation: FlashOperation) -> None:
        if operation.stage is Stage.DONE:
            running = any(entry.purpose == "save, boot" for entry in found)
            found.append(Learnt(_purpose(runner, layout, operation, running), operation))

    seen = run(EVENING, ORDINARY, listen)
    assert not seen.wrong, seen.wrong
    ups = [life.up_ns for life in seen.ledger.lives]
    return [replace(entry, up_ns=max(up for up in ups if up <= entry.operation.at_ns)) for entry in found]


def _purpose(runner: Runner, layout: MemoryMap, operation: FlashOperation, running: bool) -> str:
    if operation.kind is Kind.ERASE:
        return "erase ahead" if running else "first erase"
    page = operation.address % W25Q64.sector_bytes
    if not page:
        return "sector header" if running else "first sector header"
    sector = operation.address // W25Q64.sector_bytes
    for name in RINGS:
        region = layout.ring(name)
        if region.first_sector <= sector < region.first_sector + region.sectors:
            break
    slot = operation.address - (page - W25Q64.page_bytes) % region.slot_bytes
    if operation.length == HEADER_BYTES:
        return "slot given up" if slot == operation.address else "mark"
    if name != "registers":
        purposes = {"billing": "billing set", EVENTS: "event", "profile": "profile record", "daily": "daily freeze"}
        return purposes[queue_of(name)]
    reason = runner.bench.board.flash.peek(slot + HEADER_BYTES, 2)[1]
    return f"save, {SaveReason(reason).name.lower().replace('_', ' ')}"


def aims() -> list[Aim]:
    """The plan: half of the cuts without hold-up, each purpose in turn, each torn mode in turn."""
    draw = Stream(1, "power-cut.campaign")
    learnt = learn()
    first_save = min(entry.operation.at_ns for entry in learnt if entry.purpose == "save, boot")
    programs, erases, away = cycle(ProgramCut), cycle(EraseCut), cycle(_AWAY)
    turns = {hold_up: cycle(sorted(_choices(learnt, hold_up))) for hold_up in (False, True)}
    planned: list[Aim] = []
    for number in range(CUTS):
        hold_up = number % 2 == 1
        inside = number % 12 < 6 if hold_up else number % 24 < 22
        purpose = next(turns[hold_up]) if inside else None
        if purpose is None:
            at = _between(learnt, draw)
        else:
            at = _inside(_choices(learnt, hold_up)[purpose], draw)
        at -= DETECTION_NS if hold_up else 0
        off = next(away)
        # A meter that was never whole knows of no billing date: it must be back before it. And all must run on.
        if at < first_save + S or at + off > _BACK_NS:
            off = 4 * S
        # What one cut leaves is forced, since all runs of the evening draw alike.
        erasing = purpose is not None and "erase" in purpose
        program = ProgramCut.PREFIX if erasing or hold_up else next(programs)
        erase = next(erases) if erasing and not hold_up else EraseCut.HALF
        planned.append(Aim(Cut(at, off, hold_up, program, erase), purpose))
    return planned


def _choices(learnt: list[Learnt], hold_up: bool) -> dict[str, list[FlashOperation]]:
    """The operations that a cut can be aimed at. With hold-up, those of the ordinary outages are out of reach, and so
    are the first after power-up: the mains fail some time before the interrupt, and take their place."""
    found: dict[str, list[FlashOperation]] = {}
    for entry in learnt:
        begin, end = entry.operation.start_ns - DETECTION_NS, entry.operation.at_ns
        reachable = begin > entry.up_ns and not any(begin <= out.end_ns and out.at_ns <= end for out in ORDINARY)
        if end < _LAST_NS and (reachable or not hold_up):
            found.setdefault(entry.purpose, []).append(entry.operation)
    return found


def _inside(choice: list[FlashOperation], draw: Stream) -> int:
    """An instant inside an operation; one time in eight that at which it would end."""
    operation = choice[draw.below(len(choice))]
    if draw.below(8) == 0:
        return operation.at_ns
    return draw.between(operation.start_ns + 1, operation.at_ns - 1)


def _between(learnt: list[Learnt], draw: Stream) -> int:
    while True:
        at = draw.between(S, _LAST_NS)
        if not any(entry.operation.start_ns <= at <= entry.operation.at_ns for entry in learnt):
            return at


def shoot(aim: Aim) -> Shot:
    """Run the evening with the cut of an aim."""
    cut = aim.cut
    seen = run(EVENING, tuple(_with_ordinary(cut)), readout_ns=READOUT_NS)
    torn = [operation for operation in seen.cut_operations if operation.left is not None]
    now = [operation for operation in torn if operation.at_ns == cut.at_ns]
    hit = seen.busy_at(cut.heard_ns) if cut.hold_up else bool(now)
    boots = [life.booted for life in seen.ledger.lives[1:] if life.booted is not None]
    return Shot(
        purpose=aim.purpose,
        hold_up=cut.hold_up,
        hit=hit,
        left=tuple(
            f"{operation.kind.value}: {operation.left.value}"
            for operation in (torn if cut.hold_up else now)
            if operation.left is not None
        ),
        boots=len(boots),
        incomplete=sum(not booted.clean for booted in boots),
        losses=seen.losses,
        wrong=(*seen.wrong, *_afterwards(seen)),
    )


def _with_ordinary(cut: Cut) -> Iterator[Cut]:
    """The ordinary outages come too, unless this one takes the place of one."""
    for ordinary in ORDINARY:
        if not (cut.hold_up and cut.at_ns <= ordinary.end_ns and cut.end_ns >= ordinary.at_ns):
            yield ordinary
    yield cut


def _afterwards(seen: Seen) -> Iterator[str]:
    """The meter runs on, and its status word tells of the last power-down."""
    last = seen.ledger.lives[-1]
    if last.down_ns is not None or not any(save.record.reason == "period" for save in last.saves):
        yield "the meter does not run on"
    if last.booted is not None:
        word = seen.status_word
        expected = 0 if last.booted.clean else INCOMPLETE
        if word is None or word & INCOMPLETE != expected:
            yield f"F.F reads {word}, its last two bits should be {expected:02b}"
