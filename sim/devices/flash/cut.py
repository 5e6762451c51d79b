"""What a power cut leaves of a program or an erase.

The data sheet says only that the data may be corrupted. The modes are those that cells and charge pumps make plausible;
how much of the operation a mode leaves done follows the share of its time that had passed. All bits are taken as one
little-endian int, byte 0 lowest.
"""

import enum
from dataclasses import dataclass
from typing import Final

from sim.world import Stream

_SHARE: Final = 256
"""Shares are counted in 256ths."""


class ProgramCut(enum.Enum):
    """What a power cut leaves of a program."""

    NOTHING = "nothing"
    """No bit was cleared."""
    DONE = "done"
    """All bits were cleared, only nobody was told."""
    PREFIX = "prefix"
    """The first bytes are programmed, at least one and not all: as many as the time was enough for."""
    RANDOM_BITS = "random-bits"
    """Each bit to be cleared is or is not, at random; the later the cut, the likelier."""
    METASTABLE = "metastable"
    """As random bits, but some (most of them half-way) read differently each time until programmed or erased again."""


class EraseCut(enum.Enum):
    """What a power cut leaves of an erase."""

    NOTHING = "nothing"
    """The sector is as before."""
    DONE = "done"
    """The sector is blank, only nobody was told."""
    PRE_PROGRAMMED = "pre-programmed"
    """Bits that were one are zero, at random, the later the more: an erase begins by clearing all cells alike."""
    HALF = "half"
    """Bits that were zero are one, at random; the later the cut, the more."""
    PAGES = "pages"
    """Some pages are blank, the others as before, the later the more: cells of one row are faster than another's."""
    METASTABLE = "metastable"
    """As half, but some bits (most of them half-way) read differently each time until the sector is erased again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation had got: `elapsed_ns` of `duration_ns`."""

    elapsed_ns: int
    duration_ns: int

    def of(self, whole: int) -> int:
        """The part of a whole that was done; neither nothing nor all of it, if that can be."""
        done = whole * self.elapsed_ns // self.duration_ns
        return min(max(done, 1), max(whole - 1, 0))


@dataclass(frozen=True, slots=True)
class Leavings:
    """What the cells are left with: their charge, and those (of value 1 here) that read differently each time."""

    held: int
    weak: int = 0


def program_leavings(left: ProgramCut, old: int, data: bytes, progress: Progress, draws: Stream) -> Leavings:
    """What is left of a program of `data` over cells that held `old`."""
    wanted = int.from_bytes(data, "little")
    cleared = old & ~wanted
    match left:
        case ProgramCut.NOTHING:
            return Leavings(old)
        case ProgramCut.DONE:
            return Leavings(old & wanted)
        case ProgramCut.PREFIX:
            return Leavings(old & (wanted | -1 << 8 * progress.of(len(data))))
        case ProgramCut.RANDOM_BITS:
            return Leavings(old & ~(cleared & _biased(draws, 8 * len(data), progress.of(_SHARE))))
        case ProgramCut.METASTABLE:
            done, weak = _half_way(cleared, 8 * len(data), progress, draws)
            return Leavings(old & ~done & ~weak, weak)


def erase_leavings(
    left: EraseCut, old: int, sector_bytes: int, page_bytes: int, progress: Progress, draws: Stream
) -> Leavings:
    """What is left of the erase of a sector that held `old`."""
    size = 8 * sector_bytes
    blank = (1 << size) - 1
    match left:
        case EraseCut.NOTHING:
            return Leavings(old)
        case EraseCut.DONE:
            return Leavings(blank)
        case EraseCut.PRE_PROGRAMMED:
            return Leavings(old & ~_biased(draws, size, progress.of(_SHARE)))
        case EraseCut.HALF:
            return Leavings(old | _biased(draws, size, progress.of(_SHARE)))
        case EraseCut.PAGES:
            return Leavings(old | _some_pages(sector_bytes // page_bytes, 8 * page_bytes, progress, draws))
        case EraseCut.METASTABLE:
            done, weak = _half_way(blank & ~old, size, progress, draws)
            return Leavings(old | done, weak)


def _biased(draws: Stream, bits: int, share: int) -> int:
    """Random bits, each one with a chance of `share` in 256."""
    mask = 0
    for power in range(_SHARE.bit_length() - 1):
        drawn = draws.bits(bits)
        mask = mask | drawn if share >> power & 1 else mask & drawn
    return mask


def _half_way(moving: int, bits: int, progress: Progress, draws: Stream) -> tuple[int, int]:
    """Of the bits that were to move: those that have, and those between. In the middle of its time most of an
    operation's cells are between; near its ends few are, but at least one."""
    share = progress.of(_SHARE)
    weak = moving & _biased(draws, bits, min(share, _SHARE - share))
    done = moving & ~weak & _biased(draws, bits, share)
    if moving and not weak:
        places = [place for place in range(bits) if moving >> place & 1]
        weak = 1 << places[draws.below(len(places))]
    return done & ~weak, weak


def _some_pages(pages: int, page_bits: int, progress: Progress, draws: Stream) -> int:
    order = list(range(pages))
    mask = 0
    for _ in range(progress.of(pages)):
        page = order.pop(draws.below(len(order)))
        mask |= ((1 << page_bits) - 1) << page * page_bits
    return mask
