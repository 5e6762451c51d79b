"""Expectations of events, readings and messages, each held against a run and against its opposite."""

import pytest

from sim.scenario.loader import parse
from sim.scenario.runner import Runner

RUN = """
schema = 1
title = "Expected"
start = 2026-06-15T08:00:00+02:00
duration = "70min"
board = "afe"
[load]
power = "3.6 kW"
[optical]
passwords = { adjust = "11111111" }
[[fault]]
id = "l2"
kind = "phase-fail"
at = "10min"
duration = "5min"
phases = [2]
[[fault]]
id = "light"
kind = "uart-parity"
at = "20min"
duration = "10s"
[[reading]]
id = "too-low"
at = "17min"
kind = "billing-reset"
level = 1
[[reading]]
id = "dazzled"
at = "20min"
[[reading]]
id = "read"
at = "65min"
"""
FAILED = 'event = "phase-failed"'
MAXIMUM = 'reading = "read"\nregister = "1.6.0"'


@pytest.mark.parametrize(
    ("holds", "breaks"),
    [
        (f"{FAILED}\ndetail = 2\ncount = 1", f"{FAILED}\ndetail = 3\ncount = 1"),
        (f'{FAILED}\nwithin = ["0s", "10min1s"]\nnever = true', f'{FAILED}\nwithin = ["0s", "10min5s"]\nnever = true'),
        ('reading = "too-low"\nends = "the meter answers ERR5"', 'reading = "too-low"\nends = "done"'),
        ('reading = "read"\nends = "done"', 'reading = "dazzled"\nends = "done"'),
        (f'{MAXIMUM}\nvalue = 2\ntext = "2606150900"', f'{MAXIMUM}\ntext = "2606150900"'),
        (f'{MAXIMUM}\nvalue = 1\ntext = "003.600*kW"', f'{MAXIMUM}\nvalue = 3\ntext = ""'),
        ("frames_refused = 1", "frames_refused = 1000"),
    ],
)
def test_it_holds_and_its_opposite_does_not(holds: str, breaks: str) -> None:
    text = f'{RUN}[[expect]]\nid = "holds"\n{holds}\n[[expect]]\nid = "breaks"\n{breaks}\n'
    result = Runner(parse(text), 1).run()
    assert [(check.name, check.held) for check in result.expectations] == [("holds", True), ("breaks", False)]
