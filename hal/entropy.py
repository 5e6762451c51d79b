"""A source of true random bytes, for challenges and keys."""

from typing import Protocol


class Entropy(Protocol):
    def read(self, length: int) -> bytes: ...
