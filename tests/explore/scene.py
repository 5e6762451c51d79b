"""A short scenario for the explorer's tests."""

from collections.abc import Mapping
from pathlib import Path

from hal.units import HOUR
from sim.explore.document import FaultEntry, Schedule
from sim.explore.schedule import Space
from sim.scenario import library

END_NS = 2 * HOUR

TEXT = """
schema = 1
title = "Two hours"
start = 2026-03-28T18:00:00+01:00
duration = "2h"
board = "afe"
firmware = "{firmware}"

[load]
power = "3.6 kW"
power_factor = 0.95

[[fault]]
id = "outage"
kind = "supply-fail"
at = "20min"
duration = "3min"

[[reading]]
id = "late"
at = "100min"

[[expect]]
id = "never-down"
event = "power-down"
never = true
"""

OURS = "firmware.meter:build"
BROKEN = "tests.explore.broken_meter:build"
EAGER = "tests.explore.broken_meter:build_eager"
DEADLY = "tests.explore.broken_meter:build_deadly"


def space(firmware: str = OURS) -> Space:
    """What may be explored of it."""
    document = library.parse(TEXT.format(firmware=firmware).encode(), "two-hours", Path.cwd())
    return Space(document, END_NS)


def written(folder: Path, firmware: str = OURS) -> str:
    """Its file in a folder."""
    path = folder / "two-hours.toml"
    path.write_text(TEXT.format(firmware=firmware))
    return str(path)


def fault(identity: str, kind: str, at: str, **more: object) -> Mapping[str, object]:
    """A table [[fault]]."""
    return {"id": identity, "kind": kind, "at": at, **more}


def of_kinds(schedule: Schedule) -> list[str]:
    return [str(entry["kind"]) for entry in schedule]


def ids(schedule: Schedule) -> list[str]:
    return [str(entry["id"]) for entry in schedule]


__all__ = ["BROKEN", "DEADLY", "EAGER", "END_NS", "OURS", "FaultEntry", "fault", "ids", "of_kinds", "space", "written"]
