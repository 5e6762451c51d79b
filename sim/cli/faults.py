"""`meterbench faults`: the catalogue of faults."""

import dataclasses
import json
import textwrap
from collections.abc import Iterator

from sim.faults.listing import Entry, Parameter, entries

_WIDTH = 118
_HEAD = """\
A table [[fault]] has id, kind and at, when it strikes, such as "90min"; inert = true plans it, and lets nothing happen:
such a run must come out invalid. Parameters without a default must be given."""


def as_json() -> str:
    """The catalogue for programs: an array of kinds."""
    return json.dumps([dataclasses.asdict(entry) for entry in entries()], indent=2, ensure_ascii=False)


def as_text() -> str:
    """The catalogue for people."""
    return "\n".join((_HEAD, *(line for entry in entries() for line in _lines(entry))))


def _lines(entry: Entry) -> Iterator[str]:
    yield ""
    yield entry.kind
    yield from _paragraph(entry.text)
    for parameter in entry.parameters:
        yield from _parameter(parameter)
    yield from _paragraph(f"effect: {entry.witness}")
    yield from _paragraph(f"events owed: {', '.join(entry.events) or 'none'}")
    if entry.suspends:
        yield from _paragraph(f"takes the premise of: {', '.join(entry.suspends)}")


def _parameter(parameter: Parameter) -> list[str]:
    default = f" [{parameter.default}]" if parameter.default else ""
    text = f"{parameter.key}{default}: {parameter.form}; {parameter.text}"
    return textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="        ")


def _paragraph(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")
