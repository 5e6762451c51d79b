"""A load measured row by row, in a CSV file.

The columns are local_time (ISO 8601, whole seconds, no offset), voltage_v, active_kw and reactive_kvar; others are left
alone. Each row is the mean over the minute that begins at its time. Voltage and both powers drive; the current follows.
"""

import csv
import datetime
import enum
import gzip
import lzma
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, TextIO

from hal.units import S
from sim.physics.loads.load import LoadError
from sim.physics.service import Service
from sim.physics.waves import Segment

COLUMNS: Final = ("local_time", "voltage_v", "active_kw", "reactive_kvar")
ROW_S: Final = 60

_EPOCH: Final = datetime.datetime(1970, 1, 1)
_NUMBER: Final = frozenset("0123456789.+-eE")
_LARGEST: Final = 10**15
"""No value comes near it (10**9 V, 10**9 kW); what does is a slip."""


class OnGap(enum.Enum):
    """What to do where rows are missing."""

    REFUSE = "refuse"
    NO_LOAD = "no-load"


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing rows, from `start_utc_s` until `end_utc_s`, between two rows of the file; the header is row 1."""

    start_utc_s: int
    end_utc_s: int
    row_before: int
    row_after: int


class MeasuredLoad:
    """A CSV file (plain, .gz or .xz) on a service, read and checked whole. A LoadError names the file and the row.

    The file's voltage takes the place of the service's, in all phases. In a gap there is no load, at the voltage of the
    row before, if `on_gap` says so. `gaps` lists them.
    """

    def __init__(
        self,
        service: Service,
        path: Path,
        utc_offset_s: int,
        on_gap: OnGap = OnGap.REFUSE,
        phase: int | None = None,
    ) -> None:
        self._service = service
        self._path = path
        self._utc_offset_s = utc_offset_s
        self._phase = phase
        self._times = array("q")
        self._voltages_uv = array("q")
        self._active_mw = array("q")
        self._reactive_mvar = array("q")
        self._gaps: list[Gap] = []
        self._read(on_gap)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """The gaps between the first and the last row, in order."""
        return tuple(self._gaps)

    @property
    def rows(self) -> int:
        """How many minutes were measured."""
        return len(self._times)

    @property
    def first_utc_s(self) -> int:
        """Where the first row begins."""
        return self._times[0]

    @property
    def end_utc_s(self) -> int:
        """Where the last row ends."""
        return self._times[-1] + ROW_S

    def check_span(self, start_utc_ns: int, end_utc_ns: int) -> None:
        """A LoadError if the file does not cover a run."""
        if start_utc_ns < self.first_utc_s * S or end_utc_ns > self.end_utc_s * S:
            raise LoadError(
                f"{self._path} covers {self._local(self.first_utc_s)} to {self._local(self.end_utc_s)} local time, "
                f"and not {self._local(start_utc_ns // S)} to {self._local(-(-end_utc_ns // S))}"
            )

    def timeline(self, start_utc_ns: int) -> Iterator[tuple[int, Segment]]:
        """A change a row, no load in gaps and past the end; a LoadError if the start lies outside the file."""
        self.check_span(start_utc_ns, start_utc_ns)
        return self._changes(start_utc_ns)

    def _changes(self, start_utc_ns: int) -> Iterator[tuple[int, Segment]]:
        for index, utc_s in enumerate(self._times):
            last = index + 1 == len(self._times)
            until_s = self.end_utc_s if last else self._times[index + 1]
            if until_s * S <= start_utc_ns and not last:
                continue
            service = self._service.at(self._voltages_uv[index])
            ends_ns = (utc_s + ROW_S) * S - start_utc_ns
            if ends_ns > 0:
                load = service.power(self._active_mw[index], self._reactive_mvar[index], self._phase)
                yield max(utc_s * S - start_utc_ns, 0), load
            if last or until_s > utc_s + ROW_S:
                yield max(ends_ns, 0), service.idle()

    def _read(self, on_gap: OnGap) -> None:
        try:
            with _open(self._path) as text:
                self._read_rows(text, on_gap)
        except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError, csv.Error) as error:
            raise LoadError(f"{self._path}: {error}") from error
        if not self._times:
            raise LoadError(f"{self._path}: there are no rows")

    def _read_rows(self, text: TextIO, on_gap: OnGap) -> None:
        reader = csv.reader(text, strict=True)
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise self._error(1, f"column {missing[0]} is missing; there are {', '.join(header) or 'none'}")
        time, voltage, active, reactive = (header.index(name) for name in COLUMNS)
        row_before = 1
        for fields in reader:
            row = reader.line_num
            if not fields:
                continue
            if len(fields) != len(header):
                raise self._error(row, f"{len(fields)} fields where the header has {len(header)}")
            self._add(
                row,
                row_before,
                on_gap,
                self._time(row, fields[time]),
                self._number(row, "voltage_v", fields[voltage]),
                self._number(row, "active_kw", fields[active]),
                self._number(row, "reactive_kvar", fields[reactive]),
            )
            row_before = row

    def _add(
        self, row: int, row_before: int, on_gap: OnGap, utc_s: int, voltage_uv: int, active_mw: int, reactive_mvar: int
    ) -> None:
        if voltage_uv < 0:
            raise self._error(row, "voltage_v is negative")
        if not voltage_uv and (active_mw or reactive_mvar):
            raise self._error(row, "there is power without voltage")
        if self._times:
            end_s = self._times[-1] + ROW_S
            if utc_s < end_s:
                raise self._error(row, f"{self._local(utc_s)} lies before the end of row {row_before}")
            if utc_s > end_s:
                if on_gap is OnGap.REFUSE:
                    raise self._error(
                        row, f"a gap of {utc_s - end_s} s, from {self._local(end_s)} to {self._local(utc_s)}"
                    )
                self._gaps.append(Gap(end_s, utc_s, row_before, row))
        self._times.append(utc_s)
        self._voltages_uv.append(voltage_uv)
        self._active_mw.append(active_mw)
        self._reactive_mvar.append(reactive_mvar)

    def _time(self, row: int, field: str) -> int:
        try:
            local = datetime.datetime.fromisoformat(field.strip())
        except ValueError:
            raise self._error(row, f"local_time is not a date and time: {field!r}") from None
        if local.tzinfo is not None or local.microsecond:
            raise self._error(row, f"local_time is not in whole seconds without an offset: {field!r}")
        return (local - _EPOCH) // datetime.timedelta(seconds=1) - self._utc_offset_s

    def _number(self, row: int, column: str, field: str) -> int:
        """A decimal number in millionths, rounded half to even where it is finer: V to uV, kW to mW."""
        text = field.strip()
        try:
            if not _NUMBER.issuperset(text):
                raise InvalidOperation
            value = Decimal(text).scaleb(6)
            if abs(value) >= _LARGEST:
                raise InvalidOperation
        except InvalidOperation:
            raise self._error(row, f"{column} is not a number: {field!r}") from None
        return round(value)

    def _error(self, row: int, text: str) -> LoadError:
        return LoadError(f"{self._path}, row {row}: {text}")

    def _local(self, utc_s: int) -> str:
        return (_EPOCH + datetime.timedelta(seconds=utc_s + self._utc_offset_s)).isoformat()


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
