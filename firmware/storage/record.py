"""A record in flash: a header of 16 bytes, then the payload, which is the caller's own business.

The CRC (CRC-32 of ISO 3309, the catalogue's "crc-32") covers the header before it and the payload. The header is the
first thing programmed, so a record cut anywhere on the way has a CRC that does not fit.
"""

import enum
from dataclasses import dataclass
from typing import Final

from construct import Int8ul, Int16ul, Int32ul, Struct
from crcmod.predefined import mkPredefinedCrcFun

from firmware.storage.fixed_layout import FixedLayout

HEADER_BYTES: Final = 16
PAYLOAD_MOST: Final = 0xFFFF
SEQUENCE_MOST: Final = 0xFFFF_FFFF

VOID: Final = bytes(HEADER_BYTES)
"""Programmed over a header, it makes sure that no record is found there any more, whatever a cut has left."""

_VOID_ONES_MOST: Final = 8
"""Ones of a header that is void all the same: bits stick, or leak. The first four bytes of any record have 12, and a
torn one has more."""

_BLANK_ZEROS_MOST: Final = 8
"""Zeros of a page that is blank all the same. The first four bytes of any record have 20, and what a cut has left of
them is given up at boot, however blank it looks (`Ring.settle`)."""

_MAGIC: Final = 0x3152_424D  # "MBR1"
_BEGINS: Final = _MAGIC.to_bytes(4, "little")
_COVERED: Final = HEADER_BYTES - 4

_HEADER: Final = FixedLayout(
    Struct(
        "magic" / Int32ul,
        "region" / Int8ul,
        "kind" / Int8ul,
        "length" / Int16ul,
        "sequence" / Int32ul,
        "crc" / Int32ul,
    )
)
_crc32: Final = mkPredefinedCrcFun("crc-32")


@dataclass(frozen=True, slots=True)
class Record:
    """A whole record. `region` is the number of the region it belongs to, `kind` the caller's own type (0 to 255).

    Sequence numbers start at 1, grow from record to record in a ring, and never come twice; a slot that a cut has torn
    leaves a gap.
    """

    region: int
    kind: int
    sequence: int
    payload: bytes


class Defect(enum.Enum):
    """Why there is no whole record."""

    BLANK = "blank"
    """All ones, but for some bits that may stick: nothing was written."""
    MAGIC = "magic"
    """It does not begin as a record does."""
    LENGTH = "length"
    """It claims to be longer than what holds it."""
    VOID = "void"
    """Its header was programmed to zeros, although some bits may stick: given up for good."""
    CRC = "crc"
    """The check does not fit: torn or rotten."""
    MISPLACED = "misplaced"
    """A whole record, but of another region or sequence number than this place is for."""
    GONE = "gone"
    """The ring no longer holds this sequence number, or does not hold it yet."""


def build(record: Record) -> bytes:
    """The bytes of a record; a ValueError names a field that does not fit."""
    for name, value, most in (
        ("region", record.region, 0xFF),
        ("kind", record.kind, 0xFF),
        ("sequence", record.sequence, SEQUENCE_MOST),
        ("payload length", len(record.payload), PAYLOAD_MOST),
    ):
        if not 0 <= value <= most:
            raise ValueError(f"record: {name} {value} is not within 0 to {most}")
    fields = {
        "magic": _MAGIC,
        "region": record.region,
        "kind": record.kind,
        "length": len(record.payload),
        "sequence": record.sequence,
    }
    covered = _HEADER.build({**fields, "crc": 0})[:_COVERED]
    return covered + _check(covered, record.payload).to_bytes(4, "little") + record.payload


def parse(data: bytes) -> Record | Defect:
    """The record that `data` begins with, or the reason why there is none. What follows the payload does not matter."""
    if len(data) < HEADER_BYTES:
        return Defect.LENGTH
    if not data.startswith(_BEGINS):
        if int.from_bytes(data[:HEADER_BYTES], "little").bit_count() <= _VOID_ONES_MOST:
            return Defect.VOID
        ones = int.from_bytes(data, "little").bit_count()
        return Defect.BLANK if 8 * len(data) - ones <= _BLANK_ZEROS_MOST else Defect.MAGIC
    header = _HEADER.parse(data[:HEADER_BYTES])
    end = HEADER_BYTES + header.length
    if end > len(data):
        return Defect.LENGTH
    payload = bytes(data[HEADER_BYTES:end])
    if _check(data[:_COVERED], payload) != header.crc:
        return Defect.CRC
    return Record(header.region, header.kind, header.sequence, payload)


def bytes_of(data: bytes) -> int:
    """How many bytes the record takes whose header `data` begins with; just the header's if it is none."""
    return HEADER_BYTES + (int(_HEADER.parse(data[:HEADER_BYTES]).length) if data.startswith(_BEGINS) else 0)


def _check(covered: bytes, payload: bytes) -> int:
    return int(_crc32(payload, _crc32(covered)))
