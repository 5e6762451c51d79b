"""The programs of one record on its way into a slot."""

from collections.abc import Callable, Generator, Iterator
from typing import TypeAlias

from firmware.storage.operation import Operation

Steps: TypeAlias = Generator[Operation, None, None]


class Appending:
    """The programs of one record, page by page, and the sequence number that it has when it is whole.

    `whole` is None until the last program is confirmed; then the record is read back, and it says what was found. One
    that did not come back is given up with one program more.
    """

    def __init__(self, sequence: int, data: bytes, programs: "Callable[[Appending], Steps]") -> None:
        self.sequence = sequence
        self.data = data
        self.whole: bool | None = None
        self._steps = programs(self)

    def __iter__(self) -> Iterator[Operation]:
        return self._steps

    def __next__(self) -> Operation:
        return next(self._steps)

    def close(self) -> None:
        """Give up; the slot stays torn."""
        self._steps.close()
