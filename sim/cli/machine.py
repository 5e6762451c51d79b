"""A result for machines: JSON whose keys are the attributes of `sim.scenario.result.RunResult`.

Instants and durations are ints of ns, energies ints of nWh (nvarh, nVAh).
"""

import dataclasses
import enum
import json
from typing import Any

from sim.scenario.result import RunResult
from sim.scenario.schema import Scenario


def result_text(result: RunResult, command: str, cut_off: tuple[str, ...]) -> str:
    """The whole result, with the command that repeats it and the ids of what `--until` left out."""
    fields: dict[str, Any] = dataclasses.asdict(result)
    for row, energy in zip(fields["energies"], result.energies, strict=True):
        row["error_ppm"] = energy.error_ppm
    return _text({**fields, "command": command, "cut_off": cut_off})


def failure_text(scenario: Scenario, seed: int, failure: str, command: str) -> str:
    """A run that came to a stop and has no result: `failure` says why."""
    return _text(
        {
            "scenario": scenario.name,
            "title": scenario.title,
            "seed": seed,
            "board": scenario.board,
            "verdict": "broken",
            "failure": failure,
            "command": command,
        }
    )


def _text(fields: dict[str, Any]) -> str:
    return json.dumps(fields, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    raise TypeError(f"{value!r} has no form in JSON")
