"""A run that ends early asks only what it has decided."""

import pytest

from hal.units import HOUR, MINUTE
from sim.scenario import loader
from sim.scenario.errors import ScenarioError
from sim.scenario.truncation import truncated
from tests.scenario.documents import EXAMPLE

MORE = """
[[reading]]
id = "early"
at = "59min"
[[reading]]
id = "late"
at = "1h"
[[expect]]
id = "never"
event = "state-lost"
never = true
[[expect]]
id = "often"
event = "power-up"
count = 2
[[expect]]
id = "outage"
event = "power-up"
within = ["0s", "1h"]
[[expect]]
id = "rate-then"
rate = 1
at = "1h"
[[expect]]
id = "rate-later"
rate = 1
at = "61min"
[[expect]]
id = "at-the-end"
clock_error = ["0s", "1s"]
[[expect]]
id = "read-early"
reading = "early"
register = "1.8.0"
min = "0 kWh"
[[expect]]
id = "read-late"
reading = "late"
register = "1.8.0"
min = "0 kWh"
[[expect]]
id = "history"
history = 1
"""


def test_what_lies_past_the_cut_is_left_out_and_named() -> None:
    cut, lost = truncated(loader.parse(EXAMPLE + MORE, "case"), HOUR)
    assert cut.end_ns == HOUR
    assert cut.faults == ()
    assert [reading.id for reading in cut.readings] == ["early"]
    assert [e.id for e in cut.expectations] == ["never", "outage", "rate-then", "read-early"]
    assert lost == (
        "cell-dies",
        "outage",
        "late",
        "logged",
        "often",
        "rate-later",
        "at-the-end",
        "read-late",
        "history",
    )
    assert cut.name == "case"


def test_a_fault_that_begins_before_the_cut_stays() -> None:
    cut, lost = truncated(loader.parse(EXAMPLE), 6 * HOUR + MINUTE)
    assert [fault.id for fault in cut.faults] == ["cell-dies", "outage"]
    assert lost == ()


def test_a_window_that_the_cut_divides_is_left_out() -> None:
    cut, lost = truncated(loader.parse(EXAMPLE), 2 * HOUR + MINUTE)
    assert (cut.expectations, lost) == ((), ("outage", "logged"))


def test_the_whole_run_is_the_whole_run() -> None:
    scenario = loader.parse(EXAMPLE)
    assert truncated(scenario, 30 * HOUR) == (scenario, ())


def test_a_cut_past_the_end_or_at_the_start_is_refused() -> None:
    scenario = loader.parse(EXAMPLE, "case.toml")
    with pytest.raises(ScenarioError, match=r"^case.toml: --until 31h lies past the end, 30h$"):
        truncated(scenario, 31 * HOUR)
    with pytest.raises(ScenarioError, match="leaves nothing to run"):
        truncated(scenario, 0)
