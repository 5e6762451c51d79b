"""Access on a port: a password for each level, tried a few times, then locked for a while.

Level 1 adjusts the clock by seconds, level 2 gives commands, level 3 sets the clock and programs (levels 1 and 3 as in
the Elster A1700, 2 between them is ours), level 4 is the factory's (the A1140 has four); each may do what the lower
ones may. `firmware.registers.access` has the table.

The operand of P0 is a fresh challenge. P2 answers it: the first 16 hexadecimal digits, in upper case, of HMAC-SHA-256
over the operand's ASCII characters, keyed with the password. P1, the password in clear, is what most readers know, and
is accepted too.
"""

import enum
import hmac
from collections.abc import Callable, Mapping
from typing import Protocol

from hal.entropy import Entropy
from hal.units import S

ANSWER_DIGITS = 16


class Level(enum.IntEnum):
    """What a session may do."""

    NONE = 0
    ADJUST = 1
    COMMAND = 2
    PROGRAM = 3
    FACTORY = 4


def answer(password: str, operand: str) -> str:
    """What proves the knowledge of a password for one operand."""
    digest = hmac.new(password.encode(), operand.encode(), "sha256").hexdigest()
    return digest[:ANSWER_DIGITS].upper()


class Tries(Protocol):
    """What outlives a session, and a power cut: wrong passwords in a row, and the monotonic instant up to which the
    port is locked."""

    access_wrong: int
    access_locked_until_ns: int


class Access:
    """One port's passwords, the wrong tries, and the lock. Times are monotonic ns.

    The lock runs on powered time: an outage does not shorten it.
    """

    def __init__(
        self, passwords: Mapping[Level, str], tries: int, lockout_s: int, entropy: Entropy, kept: Tries
    ) -> None:
        self._passwords = sorted(passwords.items(), reverse=True)
        self._tries = tries
        self._lockout_ns = lockout_s * S
        self._entropy = entropy
        self._kept = kept
        self._operand = ""

    def challenge(self) -> str:
        """A fresh operand."""
        self._operand = self._entropy.read(8).hex().upper()
        return self._operand

    def locked(self, now_ns: int) -> bool:
        return now_ns < self._kept.access_locked_until_ns

    def proves(self, text: str, now_ns: int) -> Level:
        """The level whose password answers the last challenge so, NONE for no such. One challenge, one answer."""
        operand, self._operand = self._operand, ""
        given = text.upper().encode()
        return self._judge(lambda password: bool(operand) and _same(given, answer(password, operand)), now_ns)

    def knows(self, text: str, now_ns: int) -> Level:
        """The level that has this password, NONE for no such."""
        return self._judge(lambda password: _same(text.encode(), password), now_ns)

    def _judge(self, right: Callable[[str], bool], now_ns: int) -> Level:
        kept = self._kept
        if self.locked(now_ns):
            return Level.NONE
        # Every password is compared, whichever is right: the time that it takes tells nothing.
        found = [level for level, password in self._passwords if right(password)]
        if found:
            kept.access_wrong = 0
            return found[0]
        kept.access_wrong += 1
        if kept.access_wrong >= self._tries:
            kept.access_wrong = 0
            kept.access_locked_until_ns = now_ns + self._lockout_ns
        return Level.NONE


def _same(given: bytes, expected: str) -> bool:
    return hmac.compare_digest(given, expected.encode())
