"""Writes `registers.md` from the tables in the code: `python docs/registers.py`. A test holds the one to the other."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from firmware.comms.access import Level
from firmware.registers import c1219, obis, reduced_id
from firmware.registers.access import RIGHTS
from firmware.registers.energy import ENERGY_QUANTITIES, SOURCES
from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.value import Unit

PAGE = Path(__file__).with_suffix(".md")

_HEAD = """\
# Registers

<!-- Written by docs/registers.py from the code; change it there. -->

Everything that can be read of the meter is a register, and every register is there once. What a protocol calls it is
a table over that: the optical port's reduced ID codes, OBIS, and the places of C12.19. None of them can name every
register, so none of them is the identity. The code is in `firmware/registers/`.

## What a register is

| part of the identity | values |
|---|---|
| quantity | what is measured or counted: active, reactive, apparent, a customer's sum, voltage, ... |
| phase | total, L1, L2, L3, neutral |
| direction | none, import, export, quadrants 1 to 4, net, absolute |
| kind | energy, a demand, an instantaneous value, a count, ...: below |
| rate | 0 for the total; else 1 and on. Energy and demand have rates of their own |
| period | 0 for the running billing period, 1 for the last closed one, up to 36 |
| rank | of the five highest of a maximum: 1 is the highest. Of an excess demand: the number of the threshold |
| order | of a harmonic |
| day | of a daily freeze: 1 is the last, up to 62 |
| beside | of a coincident demand: the energy to whose maximum it belongs |

A value is an integer, a unit, a power of ten and a status, and says when it was so: UTC in s, the local offset, and
how far the clock was trusted, where that was kept. The status says that nothing has happened yet that gives a value
(`EMPTY`), that what it was measured with can't be right (`INVALID`), and of an average that its interval was `SHORT`,
or that demand did not count in it (`IDLE`).

## Snapshots

Registers are read from a snapshot: all that the meter knew at one instant. It holds references to values that never
change, and computes nothing until it is asked. So it is cheap to take, a task may read from it for as long as it
likes, and what it reads fits together: energies by rate sum to their total, whatever is counted meanwhile.

Content is secondary, in nWh and mW (or var, VA). A **view** multiplies it by CT x VT, an exact rational, or by 1 for
a meter that shows its secondary side; cuts off below its resolution (1 Wh by default), toward zero; and shows as many
digits as the register has (9 by default), above which it rolls over. A closed period keeps the ratio that it was made
with.

Reactive import and export, active net and absolute energy can be read, too: they are sums of what is kept, cut off
once.

## The energies

Eight are measured; three are sums of up to five of them, each added or taken off, all of one unit. Sums are signed.

"""

_CODES = """\
## Codes

A register has at most one code in each table, and no two share one. Group F of an OBIS code, and what follows the
star of a reduced one, is 255 (and no star) for the running billing period; for a closed one the billing period
counter as it was when the period was closed, modulo 100. The codes 101 to 125, which count back instead, are not
given out.

No OBIS code have: maxima below the highest, coincident demands, continuous cumulative demand, daily freezes,
unbalance, the phase sequence. Customer's sums have group C 128 to 130, a manufacturer's own.

Below stands the reduced code of the first of the kinds; the others differ in group D, by kind, and in group E, by rate,
where they are kept by rate. Harmonics have their order in group E.

"""

_C1219 = """\
### C12.19

The standard tables have sources, not codes. A register is an entry of the units of measure (Table 12), an element of
a data block or of the present registers, a tier, an occurrence and a reading; which number its source has, a meter's
tables say. Tiers go to 8: registers of higher rates are in no table, nor are counts, states, minima, means, single
harmonics and daily freezes. Energies and demands of the running period stand in Table 23, of the last closed one in
25, of all closed ones in 26, averages and instantaneous values in 28.

"""

_ACCESS = """\
## Who may

Four levels, as the A1140 has four passwords: 1 adjusts, 2 commands, 3 programs, 4 is the factory's; each may do what
the lower ones may. Level 0 needs no password.

"""


def page() -> str:
    """The page as it should be."""
    parts = [_HEAD + _table(("place", "name", "what"), _energies()), _CODES + _table(_CODE_HEAD, _codes())]
    parts += [
        _table(("kind", "one of the", "OBIS group D", "C12.19 element"), _kinds()),
        "Units, under their COSEM codes:\n",
    ]
    parts += [_table(("code", "unit", "symbol"), _units())]
    parts += [_C1219 + _table(("what", "identification", "quadrants", "net"), _sources())]
    parts += [_ACCESS + _table(("what", "read from", "written or carried out from"), _rights())]
    return "\n".join(parts)


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines) + "\n"


def _words(name: str) -> str:
    return name.lower().replace("_", " ").replace("thd", "THD")


def _what(quantity: Quantity, direction: Direction = Direction.NONE, phase: Phase = Phase.TOTAL) -> str:
    words = _words(quantity.name)
    if direction:
        words += f" {_words(direction.name)}"
    return words if phase is Phase.TOTAL else f"{words}, {phase.name if phase < Phase.NEUTRAL else 'neutral'}"


def _energies() -> Iterator[Sequence[str]]:
    for place, (name, source) in enumerate(zip(ENERGY_QUANTITIES, SOURCES, strict=True)):
        yield str(place), f"`{name}`", _what(*source)


_CODE_HEAD = ("what", "total", "L1", "L2", "L3", "neutral", "kinds")


def _codes() -> Iterator[Sequence[str]]:
    """A row for each quantity and direction that has codes; the first kind that has one stands for all."""
    for quantity in Quantity:
        for direction in Direction:
            rows = {
                kind: [_code(quantity, direction, phase, kind) for phase in Phase]
                for kind in Kind
                if any(_code(quantity, direction, phase, kind) for phase in Phase)
            }
            if rows:
                first = next(iter(rows.values()))
                yield _what(quantity, direction), *first, _sets(set(rows))


_SETS = {"billed": obis.ACCOUNTED_KINDS, "measured": obis.MEASURED_KINDS, "limits": obis.LIMIT_KINDS}


def _sets(kinds: set[Kind]) -> str:
    """Whole sets of kinds by their names, others one by one."""
    named = [name for name, whole in _SETS.items() if kinds >= set(whole)]
    others = kinds - {kind for name in named for kind in _SETS[name]}
    return ", ".join((*named, *[_words(kind.name) for kind in sorted(others)]))


def _code(quantity: Quantity, direction: Direction, phase: Phase, kind: Kind) -> str:
    order = 1 if quantity in (Quantity.HARMONIC_VOLTAGE, Quantity.HARMONIC_CURRENT) else 0
    period = 1 if (quantity, kind) == (Quantity.BILLING, Kind.TIME) else 0
    identity = RegisterId(quantity, phase, direction, kind, period=period, order=order)
    code = reduced_id.code(identity, 1)
    return "" if code is None else f"`{code}`"


def _kinds() -> Iterator[Sequence[str]]:
    groups = {**obis.ACCOUNTED_KINDS, **obis.MEASURED_KINDS, **obis.LIMIT_KINDS}
    for kind in Kind:
        element = c1219.ELEMENTS.get(kind)
        if kind in groups or element is not None:
            of = next((name for name, whole in _SETS.items() if kind in whole), "")
            yield _words(kind.name), of, str(groups.get(kind, "")), "" if element is None else _words(element.name)


def _units() -> Iterator[Sequence[str]]:
    for unit in Unit:
        yield str(int(unit)), _words(unit.name), unit.symbol


def _sources() -> Iterator[Sequence[str]]:
    for (quantity, direction), (quadrants, net) in c1219.DIRECTIONS.items():
        counted = ", ".join(str(number + 1) for number in range(4) if quadrants >> number & 1)
        yield _what(quantity, direction), str(c1219.ID_CODES[quantity]), counted, "yes" if net else ""
    for quantity, code in c1219.ID_CODES.items():
        if not any(quantity is one for one, _ in c1219.DIRECTIONS):
            yield _what(quantity), str(code), "", ""
    for quantity, code in c1219.CUSTOMERS.items():
        yield _what(quantity), f"{code}, the manufacturer's own", "", ""


def _rights() -> Iterator[Sequence[str]]:
    for subject, rights in RIGHTS.items():
        yield subject.value, _level(rights.read), _level(rights.write)


def _level(level: Level | None) -> str:
    return "nobody" if level is None else f"level {int(level)}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
