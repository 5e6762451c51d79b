"""Values of a fault's parameters: how they are drawn, and which others are simpler.

Simpler values come simplest first, and following them always comes to an end, so that shrinking does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from hal.units import DAY, HOUR, MINUTE, MS, NS, US, S
from sim.scenario.quantities import format_duration, parse_duration

_ROUND: Final = (DAY, HOUR, 10 * MINUTE, MINUTE, 10 * S, S, 100 * MS, MS, US, NS)


class Chance(Protocol):
    """Where draws come from: `sim.world.Stream`, or a test's own."""

    def below(self, bound: int) -> int:
        """0 <= n < bound."""
        ...

    def between(self, least: int, most: int) -> int:
        """least <= n <= most."""
        ...


class Values(Protocol):
    """The values of one parameter."""

    def draw(self, chance: Chance) -> object:
        """One of them, as a scenario's file has it."""
        ...

    def simpler(self, value: object) -> Iterator[object]:
        """Others that are simpler than this one, the simplest first."""
        ...


def wide(chance: Chance, least: int, most: int) -> int:
    """From least to most, each power of two as likely as another; most > 0."""
    low, high = max(least, 1).bit_length(), most.bit_length()
    bits = chance.between(low, high)
    return chance.between(max(least, 1 << (bits - 1)), min(most, (1 << bits) - 1))


def rounded(chance: Chance, value: int) -> int:
    """A duration, one time in two cut to a round one, as an engineer would have written it; never to nothing."""
    unit = _ROUND[chance.below(len(_ROUND))] if chance.below(2) else NS
    return value // unit * unit or value


def rounder(value: int, least: int) -> Iterator[int]:
    """Durations and instants from `least` to `value` that are shorter to write, the shortest first."""
    found = {value // unit * unit for unit in _ROUND} | {unit for unit in _ROUND if unit < value} | {least}
    fit = [new for new in found if least <= new <= value and _complexity(new) < _complexity(value)]
    yield from sorted(fit, key=_complexity)


def _complexity(value: int) -> tuple[int, int]:
    text = format_duration(value)
    return (len(text), value)


@dataclass(frozen=True, slots=True)
class Durations:
    """Durations in ns, each power of two as likely as another."""

    least: int
    most: int

    def draw(self, chance: Chance) -> object:
        value = rounded(chance, wide(chance, self.least, self.most))
        return format_duration(max(value, self.least))

    def simpler(self, value: object) -> Iterator[object]:
        for new in rounder(parse_duration(value), self.least):
            yield format_duration(new)


@dataclass(frozen=True, slots=True)
class Leaps:
    """Durations of either sign, never none."""

    most: int

    def draw(self, chance: Chance) -> object:
        size = format_duration(rounded(chance, wide(chance, NS, self.most)))
        return size if chance.below(2) else f"-{size}"

    def simpler(self, value: object) -> Iterator[object]:
        text = str(value)
        sign = "-" if text.startswith("-") else ""
        for new in rounder(parse_duration(text.removeprefix("-")), S):
            yield sign + format_duration(new)


@dataclass(frozen=True, slots=True)
class Maybe:
    """A parameter that may be left out: None stands for that, and is as simple as can be."""

    values: Values

    def draw(self, chance: Chance) -> object:
        return self.values.draw(chance) if chance.below(2) else None

    def simpler(self, value: object) -> Iterator[object]:
        yield None
        yield from self.values.simpler(value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some values, the simplest first."""

    values: Sequence[object]

    def draw(self, chance: Chance) -> object:
        return self.values[chance.below(len(self.values))]

    def simpler(self, value: object) -> Iterator[object]:
        place = self.values.index(value) if value in self.values else len(self.values)
        yield from self.values[:place]


@dataclass(frozen=True, slots=True)
class Mostly:
    """A usual value three times in four; else one of the others. The usual one is the simplest."""

    usual: object
    others: Sequence[object]

    def draw(self, chance: Chance) -> object:
        return self.usual if chance.below(4) else self.others[chance.below(len(self.others))]

    def simpler(self, value: object) -> Iterator[object]:
        if value != self.usual:
            yield self.usual


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers, each power of two as likely as another, with a unit behind them or none."""

    least: int
    most: int
    unit: str = ""
    signed: bool = False
    """Either sign."""

    def draw(self, chance: Chance) -> object:
        value = wide(chance, self.least, self.most) if self.most > 0 else 0
        if self.signed and chance.below(2):
            value = -value
        return self._text(value)

    def simpler(self, value: object) -> Iterator[object]:
        number = int(value.split()[0]) if isinstance(value, str) else int(str(value))
        tens = (10**power for power in range(len(str(self.most)) + 1))
        found = {self.least, *(ten for ten in tens if self.least <= ten < abs(number))}
        for new in sorted(found):
            if new < abs(number):
                yield self._text(new)
        if number < 0:
            yield self._text(-number)

    def _text(self, value: int) -> object:
        return f"{value} {self.unit}" if self.unit else value


@dataclass(frozen=True, slots=True)
class Subset:
    """Some of a few values, one at least, in their order."""

    values: Sequence[object]

    def draw(self, chance: Chance) -> object:
        mask = chance.between(1, (1 << len(self.values)) - 1)
        return [value for place, value in enumerate(self.values) if mask >> place & 1]

    def simpler(self, value: object) -> Iterator[object]:
        chosen = value if isinstance(value, list) else []
        if len(chosen) > 1:
            for one in chosen:
                yield [one]
            for place in range(len(chosen)):
                yield [*chosen[:place], *chosen[place + 1 :]]
