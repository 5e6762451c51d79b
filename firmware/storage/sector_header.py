"""The header page of a sector in a ring.

It is programmed once the erase has ended, and names the first sequence number that the sector is for. So a sector whose
erase was cut is never taken for one erased ahead, however blank its slots look: its header is gone, or is that of the
lap before.

Behind the header is room for a mark that says that the sector is worn. It is there with or without a header, and says
so although some of its bits stick.
"""

import enum
from dataclasses import dataclass
from typing import Final

from construct import Int8ul, Int16ul, Int32ul, Padding, Struct
from crcmod.predefined import mkPredefinedCrcFun

from firmware.storage.fixed_layout import FixedLayout
from firmware.storage.operation import Program
from firmware.storage.region import Region

HEADER_BYTES: Final = 24
MARK_BYTES: Final = 16
BLANK: Final = b"\xff" * HEADER_BYTES

_MAGIC: Final = 0x3153_424D  # "MBS1"
_COVERED: Final = HEADER_BYTES - 4
_SAME: Final = HEADER_BYTES - 12

_MARK: Final = b"worn" * (MARK_BYTES // 4)
_MARK_WRONG_MOST: Final = MARK_BYTES
"""Of its 128 bits. A blank place differs by 44, one that a cut erase has left at random by 64, give or take 6."""

_HEADER: Final = FixedLayout(
    Struct(
        "magic" / Int32ul,
        "region" / Int8ul,
        Padding(1),
        "slot_bytes" / Int16ul,
        "sectors" / Int16ul,
        Padding(2),
        "first_sequence" / Int32ul,
        "erases" / Int32ul,
        "crc" / Int32ul,
    )
)
_crc32: Final = mkPredefinedCrcFun("crc-32")


@dataclass(frozen=True, slots=True)
class SectorHeader:
    """`first_sequence` is the number of the sector's first slot on this lap, `erases` how often it has been erased."""

    first_sequence: int
    erases: int


class HeaderDefect(enum.Enum):
    """Why a sector has no header."""

    BLANK = "blank"
    """Never written, or power was cut between the end of the erase and the header."""
    TORN = "torn"
    """The erase or the header's program was cut, or something else is there."""
    ROTTEN = "rotten"
    """Torn too, but hardly a bit is 0 that should be 1: charge may have leaked from it, and records lie behind it."""
    FOREIGN = "foreign"
    """A whole header, but of another region, layout or place."""


def write(region: Region, header: SectorHeader) -> Program:
    """The program that ends the preparation of an erased sector."""
    fields = {
        "magic": _MAGIC,
        "region": region.number,
        "slot_bytes": region.slot_bytes,
        "sectors": region.sectors,
        "first_sequence": header.first_sequence,
        "erases": header.erases,
    }
    covered = _HEADER.build({**fields, "crc": 0})[:_COVERED]
    data = covered + int(_crc32(covered)).to_bytes(4, "little")
    return Program(region.header_address(header.first_sequence), data)


def mark(region: Region, sector: int) -> Program:
    """The program that marks a sector of the region, by its number in the flash, as worn."""
    return Program(sector * region.sector_bytes + HEADER_BYTES, _MARK)


def with_mark(header: Program) -> Program:
    """The program of a header and of the mark behind it."""
    return Program(header.address, header.data + _MARK)


def marked(data: bytes) -> bool:
    """Whether the `MARK_BYTES` behind a header mark the sector as worn."""
    wrong = int.from_bytes(data, "little") ^ int.from_bytes(_MARK, "little")
    return wrong.bit_count() <= _MARK_WRONG_MOST


def parse(data: bytes, region: Region, sector: int) -> SectorHeader | HeaderDefect:
    """What the first `HEADER_BYTES` of a sector of the region say; `sector` is its number in the flash."""
    if data == BLANK:
        return HeaderDefect.BLANK
    if int(_crc32(data[:_COVERED])) != int.from_bytes(data[_COVERED:], "little"):
        # What is the same in every header of the region.
        known = write(region, SectorHeader(1, 0)).data[:_SAME]
        lacking = sum(found | wanted != found for found, wanted in zip(data, known, strict=False))
        return HeaderDefect.TORN if lacking > 1 else HeaderDefect.ROTTEN
    header = _HEADER.parse(data)
    if header.magic != _MAGIC:
        return HeaderDefect.TORN
    first = int(header.first_sequence)
    layout = (header.region, header.slot_bytes, header.sectors)
    if (
        layout != (region.number, region.slot_bytes, region.sectors)
        or first < 1
        or region.first_sequence(first) != first
        or region.sector_of(first) != sector
    ):
        return HeaderDefect.FOREIGN
    return SectorHeader(first, int(header.erases))
