"""Access on a port: a password, tried a few times, then locked for a while.

The operand of P0 is a fresh challenge. P2 answers it: the first 16 hexadecimal digits, in upper case, of HMAC-SHA-256
over the operand's ASCII characters, keyed with the password. P1, the password in clear, is what most readers know, and
is accepted too.
"""

import hmac

from hal.entropy import Entropy
from hal.units import S

ANSWER_DIGITS = 16


def answer(password: str, operand: str) -> str:
    """What proves the knowledge of a password for one operand."""
    digest = hmac.new(password.encode(), operand.encode(), "sha256").hexdigest()
    return digest[:ANSWER_DIGITS].upper()


class Access:
    """One port's password, its wrong tries, and its lock. Times are monotonic ns."""

    def __init__(self, password: str, tries: int, lockout_s: int, entropy: Entropy) -> None:
        self._password = password
        self._tries = tries
        self._lockout_ns = lockout_s * S
        self._entropy = entropy
        self._wrong = 0
        self._locked_until = 0
        self._operand = ""

    def challenge(self) -> str:
        """A fresh operand."""
        self._operand = self._entropy.read(8).hex().upper()
        return self._operand

    def locked(self, now_ns: int) -> bool:
        return now_ns < self._locked_until

    def proves(self, text: str, now_ns: int) -> bool:
        """Whether this is the answer to the last challenge. One challenge, one answer."""
        operand, self._operand = self._operand, ""
        expected = answer(self._password, operand)
        return self._judge(bool(operand) and hmac.compare_digest(text.upper().encode(), expected.encode()), now_ns)

    def knows(self, text: str, now_ns: int) -> bool:
        """Whether this is the password."""
        return self._judge(hmac.compare_digest(text.encode(), self._password.encode()), now_ns)

    def _judge(self, right: bool, now_ns: int) -> bool:
        if self.locked(now_ns):
            return False
        if right:
            self._wrong = 0
            return True
        self._wrong += 1
        if self._wrong >= self._tries:
            self._wrong = 0
            self._locked_until = now_ns + self._lockout_ns
        return False
