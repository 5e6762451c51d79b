"""How a programme gets into the configuration ring, in parts, and out of it again: the old one or the new one, whole.

A programme that outgrows a record is cut into parts, written in order. Each part bears the programme's number, its own
place, the count of parts and the CRC of the whole. A programme counts once all its parts are there and the CRC fits;
until then the one before it holds. So a cut at any instant leaves the old one whole or the new one whole.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from construct import Int8ul, Int32ul, Struct
from crcmod.predefined import mkPredefinedCrcFun

from firmware.programming.layout import build_programme, parse_programme
from firmware.programming.programme import Programme

_HEAD: Final = Struct("number" / Int32ul, "part" / Int8ul, "parts" / Int8ul, "crc" / Int32ul)
HEAD_BYTES: Final[int] = _HEAD.sizeof()
PARTS_MOST: Final = 18
"""Two calendars of the greatest size, with names of 16 characters, take less than 24,000 bytes, all else less than
4,000."""

_crc32: Final = mkPredefinedCrcFun("crc-32")


def split(programme: Programme, payload_bytes: int) -> list[bytes]:
    """The payloads of a programme's records, in the order in which they must be written.

    ValueError if it takes more than `PARTS_MOST`: names that are too long.
    """
    data = build_programme(programme)
    room = payload_bytes - HEAD_BYTES
    pieces = [data[at : at + room] for at in range(0, len(data), room)]
    if len(pieces) > PARTS_MOST:
        raise ValueError(f"a programme of {len(data)} bytes, at most {PARTS_MOST * room} fit")
    crc = int(_crc32(data))
    return [
        _HEAD.build({"number": programme.number, "part": part, "parts": len(pieces), "crc": crc}) + piece
        for part, piece in enumerate(pieces)
    ]


@dataclass(frozen=True, slots=True)
class Found:
    """A whole programme, and the sequence numbers of the records that hold it."""

    programme: Programme
    sequences: frozenset[int]


def newest(
    records: Iterable[tuple[int, bytes]], fits: Callable[[Programme], object] = lambda _programme: None
) -> Found | None:
    """The newest whole programme, from sequence number and payload of all whole records, newest first; None if there is
    none.

    Parts of a programme that never became whole are passed over, as is one that this firmware can't understand, and one
    for which `fits` raises ValueError.
    """
    found: dict[tuple[int, int, int], dict[int, tuple[int, bytes]]] = {}
    for sequence, payload in records:
        if len(payload) < HEAD_BYTES:
            continue
        head = _HEAD.parse(payload[:HEAD_BYTES])
        parts = found.setdefault((head.number, head.parts, head.crc), {})
        parts.setdefault(head.part, (sequence, payload[HEAD_BYTES:]))
        if len(parts) == head.parts:
            data = b"".join(parts[part][1] for part in sorted(parts))
            if int(_crc32(data)) != head.crc:
                continue
            try:
                programme = parse_programme(data)
                fits(programme)
            except ValueError:
                continue
            return Found(programme, frozenset(sequence for sequence, _ in parts.values()))
    return None
