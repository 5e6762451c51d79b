"""The bytes of a record: they come back whole, or not at all."""

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.storage.record import HEADER_BYTES, VOID, Defect, Record, build, bytes_of, parse

records = st.builds(
    Record,
    region=st.integers(0, 255),
    kind=st.integers(0, 255),
    sequence=st.integers(0, 2**32 - 1),
    payload=st.binary(max_size=600),
)


@given(records, st.binary(max_size=50))
def test_round_trip(record: Record, behind: bytes) -> None:
    data = build(record)
    assert len(data) == HEADER_BYTES + len(record.payload) == bytes_of(data)
    assert parse(data + behind) == record


def test_layout() -> None:
    """The bytes by hand, with the standard library's CRC-32."""
    data = build(Record(region=3, kind=9, sequence=0x01020304, payload=b"payload"))
    head = b"MBR1" + bytes([3, 9]) + (7).to_bytes(2, "little") + bytes([4, 3, 2, 1])
    assert data == head + zlib.crc32(head + b"payload").to_bytes(4, "little") + b"payload"


@given(records, st.data())
def test_a_changed_bit_is_found(record: Record, data: st.DataObject) -> None:
    raw = bytearray(build(record))
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    assert isinstance(parse(bytes(raw)), Defect)


@given(records, st.data())
def test_a_prefix_is_no_record(record: Record, data: st.DataObject) -> None:
    """Torn anywhere, with blank flash behind, unless what is missing is as blank as flash."""
    whole = build(record)
    kept = data.draw(st.integers(0, len(whole) - 1))
    torn = whole[:kept] + b"\xff" * (len(whole) - kept)
    assert parse(torn) == record if torn == whole else isinstance(parse(torn), Defect)


def test_reasons() -> None:
    whole = build(Record(1, 2, 3, b"four"))
    assert parse(b"\xff" * 256) is Defect.BLANK
    assert parse(b"\xff" * 255 + b"\x00") is Defect.BLANK, "bits stick"
    assert parse(b"\xff" * 254 + b"\xfe\x00") is Defect.MAGIC
    assert parse(bytes(15) + b"\xff" + bytes(240)) is Defect.VOID, "bits stick"
    assert parse(bytes(14) + b"\x01\xff" + bytes(240)) is Defect.MAGIC
    assert parse(VOID + whole[len(VOID) :]) is parse(bytes(256)) is Defect.VOID
    assert parse(whole[:-1]) is Defect.LENGTH
    assert parse(whole[:10]) is Defect.LENGTH
    assert parse(whole[:-1] + b"!") is Defect.CRC


@pytest.mark.parametrize(
    ("field", "value"), [("region", 256), ("kind", -1), ("sequence", 2**32), ("payload", bytes(65_536))]
)
def test_fields_that_do_not_fit(field: str, value: Any) -> None:
    fields: dict[str, Any] = {"region": 0, "kind": 0, "sequence": 0, "payload": b"", field: value}
    with pytest.raises(ValueError, match=field):
        build(Record(**fields))
