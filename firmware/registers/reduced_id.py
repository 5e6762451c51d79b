"""Reduced ID codes, as IEC 62056-21 readouts show them: `1.8.0`, `1.6.2*07`, `C.14.0`, `F.F`.

They are OBIS codes without groups A and B, which group C tells: 0 and the letters are abstract (A is 0), a number is
electricity (A is 1). C, F, L and P stand for 96 to 99 in group C; an error register is F.F. Group F follows a star, in
two digits, where it is not 255.
"""

import re
from functools import lru_cache
from typing import Final

from firmware.registers import obis
from firmware.registers.identity import RegisterId
from firmware.registers.obis import Obis

_LETTERS: Final = {96: "C", 97: "F", 98: "L", 99: "P"}
_GROUPS: Final = {letter: c for c, letter in _LETTERS.items()}
_ERROR: Final = Obis(0, 0, 97, 97, 0)
_FORM: Final = re.compile(r"(0|[1-9]\d{0,2}|[CFLP])\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})(?:\*(\d\d))?")


def code(identity: RegisterId, counter: int) -> str | None:
    """The code of a register; None if it has none. `counter` is the billing period counter, as for `obis.code`."""
    bare, f = obis.parts(identity, counter)
    if bare is None:
        return None
    return _bare(bare) if f == obis.CURRENT else f"{_bare(bare)}*{f:02}"


def register(code: str, counter: int) -> RegisterId | None:
    """The register with this code; None if it is no register's, or no code."""
    found = parsed(code)
    return None if found is None else obis.register(found, counter)


@lru_cache(maxsize=2048)
def _bare(code: Obis) -> str:
    """Without group F."""
    if code == _ERROR:
        return "F.F"
    first = str(code.c) if code.a else _LETTERS.get(code.c, str(code.c))
    return f"{first}.{code.d}.{code.e}"


def text(code: Obis) -> str:
    """An OBIS code in its reduced form."""
    bare = _bare(code._replace(f=obis.CURRENT))
    return bare if code.f == obis.CURRENT else f"{bare}*{code.f:02}"


def parsed(code: str) -> Obis | None:
    """The OBIS code that a reduced one stands for; None if it is none."""
    if code == "F.F":
        return _ERROR
    match = _FORM.fullmatch(code)
    if match is None:
        return None
    first, d, e, period = match.groups()
    c = _GROUPS[first] if first in _GROUPS else int(first)
    electricity = first not in _GROUPS and c != 0
    found = Obis(1 if electricity else 0, 0, c, int(d), int(e), obis.CURRENT if period is None else int(period))
    return None if text(found) != code else found
