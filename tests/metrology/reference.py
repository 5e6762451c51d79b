"""The sampled chain's inner loop in plain Python, one tick at a time, with unbounded integers.

Written from the description in `firmware.metrology.dsp`, not from its code; the oscillator's table comes from floats.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

TABLE = [round(math.sin(math.tau * k / 2048) * 2**24) for k in range(2049)]
TURN = 1 << 40


@dataclass(frozen=True)
class Settings:
    filter_shift: int
    arm_level: int
    present: int
    window_cycles: int
    blind_samples: int
    longest: int
    shortest_period: int
    longest_period: int
    elements: tuple[int, ...]
    increment: int


def oscillator(phase: int) -> int:
    place, share = divmod(phase % TURN, 1 << 29)
    return TABLE[place] + ((TABLE[place + 1] - TABLE[place]) * (share >> 13) >> 16)


@dataclass
class Reference:
    """Feed ticks; `windows` collects one row each, in the order of the fields of `firmware.metrology.dsp`."""

    settings: Settings
    increment: int = 0
    reference: int = 0
    offsets: list[int] = field(default_factory=lambda: [0] * 7)
    sums: list[int] = field(default_factory=lambda: [0] * 22)
    last: list[int] = field(default_factory=lambda: [0] * 22)
    windows: list[list[int]] = field(default_factory=list)
    products: list[int] = field(default_factory=lambda: [0] * 22)
    """Plain sums of every tick's products since the start."""
    tick: int = -1
    phase: int = 0
    filtered: int = 0
    armed: int | None = None
    start: int = -1 << 16
    sync: int | None = None
    crossing: int = 0
    cycles: int = 0
    first_tick: int = 0
    first_phase: int | None = None

    def __post_init__(self) -> None:
        self.increment = self.settings.increment
        self.reference = self.settings.elements[0]

    def feed(self, sample: Sequence[int]) -> None:
        self.tick += 1
        clean = [self._clean(channel, int(x)) for channel, x in enumerate(sample)]
        self.phase = (self.phase + self.increment) % TURN
        if self.first_phase is None:
            self.first_phase = self.phase
        now = self._products(clean)
        self.products = [total + one for total, one in zip(self.products, now, strict=True)]
        fraction = self._end(clean[self.reference])
        if fraction is None:
            self.sums = [total + one for total, one in zip(self.sums, now, strict=True)]
        else:
            self._cut(fraction, now)
        self.last = now

    def _clean(self, channel: int, x: int) -> int:
        before = self.offsets[channel]
        after = before + ((x * 65536 - before) >> 14)
        self.offsets[channel] = after
        return x - ((before + after + 65536) >> 17)

    def _products(self, clean: list[int]) -> list[int]:
        volts, amperes = clean[:3], clean[3:6]
        s, c = oscillator(self.phase), oscillator(self.phase + TURN // 4)
        return [
            *(v * v for v in volts),
            *(i * i for i in amperes),
            *(v * i for v, i in zip(volts, amperes, strict=True)),
            *(v * s for v in volts),
            *(v * c for v in volts),
            *(i * s for i in amperes),
            *(i * c for i in amperes),
            clean[6] * clean[6],
        ]

    def _end(self, v: int) -> int | None:
        """The fraction of this tick that still belongs to the window, in 2**-16, if the window ends in it."""
        before = self.filtered
        self.filtered += (v * 256 - before) >> self.settings.filter_shift
        if self.filtered < -self.settings.arm_level:
            self.armed = self.tick if self.armed is None else self.armed
        elif self.armed is not None and self.filtered >= 0:
            # Of a nominal period, of which the shortest is a half.
            settled = (self.tick - self.armed) * 65536 * 16 >= 5 * 2 * self.settings.shortest_period
            self.armed = None
            fraction = -before * 65536 // (self.filtered - before)
            if self._count((self.tick - 1) * 65536 + fraction, settled):
                return fraction
        limit = self.settings.blind_samples if self.sync is None else self.settings.longest
        return 65536 if self.tick - self.start // 65536 >= limit else None

    def _count(self, at: int, settled: bool) -> bool:
        if self.sync is None:
            if settled:
                self.sync, self.crossing, self.cycles = at, at, 0
            return False
        period = at - self.crossing
        if period < self.settings.shortest_period:
            return False
        self.crossing = at
        if period > self.settings.longest_period:
            self.sync, self.cycles = at if settled else None, 0
            return False
        self.cycles += 1
        if self.sync != self.start or self.cycles >= self.settings.window_cycles:
            return True
        return (at - self.start) // self.cycles * (self.cycles + 1) > self.settings.longest * 65536

    def _cut(self, fraction: int, now: list[int]) -> None:
        gain = fraction * fraction >> 18
        loss = (65536 - fraction) ** 2 >> 18
        parts = [(gain * b - loss * a) >> 15 for a, b in zip(self.last, now, strict=True)]
        totals = [total + part for total, part in zip(self.sums, parts, strict=True)]
        self.sums = [b - part for b, part in zip(now, parts, strict=True)]
        end = (self.tick - 1) * 65536 + fraction
        at_crossing = self.cycles > 0 and end == self.crossing
        whole = at_crossing and self.sync == self.start
        used = self.increment
        if self.cycles > 0 and self.sync is not None:
            self.increment = (self.cycles << 56) // (self.crossing - self.sync)
        assert self.first_phase is not None
        self.windows.append(
            [
                *(*totals, self.start, end, self.cycles, int(whole), self.reference),
                *(self.first_phase, self.first_tick, used, self.increment),
            ]
        )
        for element in self.settings.elements:
            if totals[element] >= self.settings.present * ((end - self.start) >> 16):
                self.reference = element
                break
        self.start, self.cycles = end, 0
        self.sync = end if at_crossing else None
        self.first_tick, self.first_phase = self.tick, self.phase
