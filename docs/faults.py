"""Writes `faults.md` from the catalogue in the code: `python docs/faults.py`. A test holds the one to the other."""

from collections.abc import Iterator
from pathlib import Path

from sim.faults.listing import Entry, entries

PAGE = Path(__file__).with_suffix(".md")

_HEAD = """\
# The faults

<!-- Written by docs/faults.py from the code; change it there. -->

What can go wrong in a run, each a table `[[fault]]` of a scenario. `meterbench faults` prints the same, and
`meterbench faults --json` for programs.

Every table has `id`, `kind` and `at`, the instant at which it strikes. `inert = true` plans a fault and lets nothing
happen: its run must come out invalid, which shows that a scenario depends on its fault.

**Effect.** A fault bears witness to what it did. One that did nothing (bits that rot where nobody reads, noise while
nobody speaks) makes its run invalid: exit code 1, `"verdict": "invalid"`.

**Events owed.** The oracle `events` asks for these in the log, within the time in which a meter must have noticed, with
the meter's own time and the status of its clock. Where none is owed, the meter can't tell. What the log says already
(a phase that is lost to two faults at once) is not asked for twice.

**Premise.** While a fault lasts, and until what it disturbed has settled, an oracle may have nothing to hold the meter
to. Only those that are named are suspended, only then; their summary counts what they have let pass. After a fault of
the front end, the oracle `energy` counts anew. Some faults take one claim of an oracle only: of `durability` that about
registers, billing, events or the age of the last save; of `profile` that what was whole stays in the journal; of
`timing` that no queue drops anything; of `events` that an event is logged at all, once a queue has dropped some. While
the RTC lies, `events` judges neither times nor clock status; events are owed all the same.

Two faults that claim the same thing (a phase, a channel, the port) may not overlap; a scenario in which one would never
take effect is refused.
"""


def page() -> str:
    """The page as it should be."""
    return "\n".join((_HEAD, *(line for entry in entries() for line in _section(entry))))


def _section(entry: Entry) -> Iterator[str]:
    yield f"## `{entry.kind}`\n"
    yield f"{entry.text}\n"
    if entry.parameters:
        yield "| key | default | value | meaning |"
        yield "|---|---|---|---|"
        for parameter in entry.parameters:
            yield f"| `{parameter.key}` | {parameter.default} | {parameter.form} | {parameter.text} |"
        yield ""
    yield f"- effect: {entry.witness}"
    yield f"- events owed: {', '.join(f'`{event}`' for event in entry.events) or 'none'}"
    yield f"- premise taken of: {', '.join(f'`{oracle}`' for oracle in entry.suspends) or 'none'}\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
