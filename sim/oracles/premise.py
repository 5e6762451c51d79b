"""The premise of an oracle, and when a fault takes it away."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Premise:
    """The oracle of this name has nothing to hold from one true instant to another (None: to the end), both included.

    `claim` narrows it to one of the things that the oracle claims; without one it is all of them.
    """

    oracle: str
    from_ns: int
    until_ns: int | None
    claim: str = ""

    def gone(self, first_ns: int, last_ns: int) -> bool:
        """Whether it is gone at any time from one true instant to another, both included."""
        return self.from_ns <= last_ns and (self.until_ns is None or first_ns <= self.until_ns)
