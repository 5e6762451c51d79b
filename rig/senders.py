"""How characters leave: paced by us, or by a UART."""

from collections import deque
from typing import Protocol

from rig.tty import Tty


class Sender(Protocol):
    """The way out of one port. Instants are monotonic ns."""

    def queue(self, raw: bytes, character_ns: int, now_ns: int) -> None:
        """Put bytes behind those that are leaving; each takes `character_ns` on the line."""

    def step(self, now_ns: int) -> int | None:
        """Do what is due; the instant of the next step, or None once the last stop bit has left."""


class PacedSender:
    """For a pseudo-terminal, which has no speed: each character arrives when its stop bit would have left.

    Without that a client would see an answer seconds before the meter has sent it, and speak into it. What nobody
    reads, and no longer fits into the terminal, is lost, as on a line.
    """

    def __init__(self, tty: Tty) -> None:
        self._tty = tty
        self._leaving: deque[tuple[int, int]] = deque()

    def queue(self, raw: bytes, character_ns: int, now_ns: int) -> None:
        leaves = max(now_ns, self._leaving[-1][0]) if self._leaving else now_ns
        for byte in raw:
            leaves += character_ns
            self._leaving.append((leaves, byte))

    def step(self, now_ns: int) -> int | None:
        due = bytearray()
        while self._leaving and self._leaving[0][0] <= now_ns:
            due.append(self._leaving.popleft()[1])
        if due:
            self._tty.write(bytes(due))
        return self._leaving[0][0] if self._leaving else None


class UartSender:
    """For a UART, which keeps the pace: the driver gets all that it takes, and is asked when it should be done.

    The line can't be faster than its speed, so the last stop bit has not left before all characters have had their
    time; from then on the driver knows.
    """

    def __init__(self, tty: Tty) -> None:
        self._tty = tty
        self._unsent = b""
        self._character_ns = 0
        self._end_ns = 0

    def queue(self, raw: bytes, character_ns: int, now_ns: int) -> None:
        self._unsent += raw
        self._character_ns = character_ns
        self._end_ns = max(self._end_ns, now_ns) + len(raw) * character_ns
        self._hand_over()

    def step(self, now_ns: int) -> int | None:
        self._hand_over()
        if now_ns < self._end_ns:
            # The driver's buffer empties meanwhile, and takes more.
            return min(self._end_ns, now_ns + 16 * self._character_ns) if self._unsent else self._end_ns
        if self._unsent or not self._tty.empty():
            return now_ns + self._character_ns
        return None

    def _hand_over(self) -> None:
        if self._unsent:
            self._unsent = self._unsent[self._tty.write(self._unsent) :]
