"""What the swarm has found, shrunk: schedules that broke an oracle once, through the meter, a fault or the oracle.

Each must hold, or show nothing.
"""

import pytest

from sim.explore.document import Schedule, scenario_with
from sim.explore.run import run_case
from sim.scenario.result import Verdict
from tests.explore.scene import fault, space

OUTAGE = space().own
LATER = fault("outage", "supply-fail", "70min", duration="3min")

FOUND: dict[str, tuple[int, Schedule]] = {
    "a cover that is open within the hold-up alone": (
        1,
        (*OUTAGE, fault("cover", "terminal-cover-open", "20min33ms", duration="1s")),
    ),
    "a cover that is open while a task hangs": (
        1,
        (
            fault("cover", "main-cover-open", "40min", duration="1s"),
            fault("hang", "task-hang", "40min19ns"),
        ),
    ),
    "a save that holds what was counted before the front end failed": (
        1,
        (
            fault("dies", "battery-fail", "0s"),
            fault("late", "supply-fail", "6min", duration="9min"),
            fault("full", "front-end-saturated", "56min", duration="47s", channel="U3"),
            fault("stop", "rtc-stop", "57min", duration="1min", flagged=False),
        ),
    ),
    "a boot at a power that is not counted": (
        1,
        (
            fault("crossed", "currents-crossed", "0s", phases=[1, 2]),
            fault("hang", "task-hang", "1s"),
        ),
    ),
    "the newest record of the profile rots": (
        1,
        (LATER, fault("rot", "flash-rot", "69min59s", ring="profile", where="newest", bits=512)),
    ),
    "no save is left that tells of the power-down": (
        31,
        (
            fault("cut", "power-cut", "70min", duration="3min"),
            fault("weak", "flash-metastable", "71min", ring="registers", bits=300),
        ),
    ),
    "sectors wear out under the records that they hold": (
        36,
        (LATER, fault("worn", "flash-wear", "95min", ring="profile", erases=130_000)),
    ),
    "a task that hangs when the power fails": (1, (*OUTAGE, fault("hang", "task-hang", "19min59s"))),
    "a ring whose sectors are all worn": (
        2,
        (*OUTAGE, fault("worn", "flash-wear", "5min", ring="registers", erases=100_500)),
    ),
    "a ring with no sound sector left": (
        1,
        (*OUTAGE, fault("worn", "flash-wear", "5min", ring="registers", erases=250_000)),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_holds(name: str) -> None:
    seed, schedule = FOUND[name]
    outcome = run_case(scenario_with(space().document, schedule), seed)
    assert outcome.verdict is not Verdict.BROKEN, outcome
