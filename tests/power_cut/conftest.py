"""Prints the campaign's figures below the tests, from whichever processes its parts have run in."""

import pytest

from tests.power_cut.campaign import Shot
from tests.power_cut.figures import table

PROPERTY = "power cut"


@pytest.hookimpl
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    shots = [
        Shot.of(value)
        for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
        for name, value in report.user_properties
        if name == PROPERTY and report.when == "call"
    ]
    if shots:
        terminalreporter.section("power cuts")
        for line in table(shots):
            terminalreporter.write_line(line)
