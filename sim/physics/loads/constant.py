"""A load that never changes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sim.physics.waves import Segment


@dataclass(frozen=True, slots=True)
class ConstantLoad:
    """One segment for ever: `Service.current`, `Service.power` and `Service.idle` make it."""

    segment: Segment

    def timeline(self, start_utc_ns: int) -> Iterator[tuple[int, Segment]]:
        """One change, at the start."""
        yield 0, self.segment
