"""The load profiles over the optical port, in blocks: by time, by number, newest first."""

import re

from hal.units import MINUTE
from sim.devices.optical_head import Errand, Outcome, Session
from sim.scenario.loader import parse
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.acceptance.playing import fault, text_of, troubles

START = "2026-06-15T08:00:00+02:00"
BODY = """
[profile]
period = "5min"
channels = ["A+", "reading A+", "demand A+", "R-", "mean U1", "last f"]
[profile_2]
period = "15min"
channels = ["A+"]
"""
HEADER = re.compile(r"P\.0[12]\((\d{13})\)\(([0-9A-F]{4})\)\((\d\d)\)\((\d+)\)((?:\([^()]*\)\([^()]*\))+)")


def asked(*questions: tuple[str, str], body: str = BODY) -> list[list[str]]:
    """The lines that a reader gets that asks after four hours."""
    runner = Runner(parse(text_of(START, "5h", body), "test"), 1)
    outcomes: list[Outcome] = []
    for number, (address, text) in enumerate(questions):
        session = Session(Errand.READ, address, lambda text=text: text)
        runner.bench.world.at(
            (241 + 7 * number) * MINUTE,
            Phase.DEVICES,
            lambda session=session: runner.bench.head.begin(session, outcomes.append),
        )
    assert troubles(runner.run()) == []
    assert [outcome.problem for outcome in outcomes] == [None] * len(questions)
    return [[data_set.encode() for data_set in outcome.data_sets] for outcome in outcomes]


def values(lines: list[str]) -> list[list[str]]:
    return [re.findall(r"\(([^()]*)\)", line) for line in lines if line.startswith("(")]


def test_ranges_are_read_in_blocks_and_newest_first() -> None:
    hour, last, numbers, second, nothing, wrong, none = asked(
        ("P.01", "12606150805;12606150900"),
        ("P.01", ";;20"),
        ("P.01", "#3;#5"),
        ("P.02", "12606150800;1260615083000"),
        ("P.01", "12606140800;12606140900"),
        ("P.01", "yesterday;today"),
        ("P.02", "#7"),
    )
    header = HEADER.fullmatch(hour[0])
    assert header is not None
    assert header.groups()[0] == "1260615080500"
    assert header.groups()[2:4] == ("05", "6")
    assert header.groups()[4] == "(1.29.0)(kWh)(1.8.0)(kWh)(1.5.0)(kW)(4.29.0)(kvarh)(32.25.0)(V)(14.7.0)(Hz)"
    rows = values(hour)
    assert len(rows) == 12
    assert all(re.fullmatch(r"0\.(300|299)", row[0]) for row in rows[1:])
    assert [float(row[1]) for row in rows] == sorted(float(row[1]) for row in rows)
    assert all(abs(float(row[2]) - 3.6) < 0.001 for row in rows[1:])
    assert all(row[3] == "0.000" and abs(float(row[4]) - 230) < 0.1 and row[5] == "50.000" for row in rows[1:])
    assert len(values(last)) == 20
    readings = [float(row[1]) for row in values(last)]
    assert readings == sorted(readings, reverse=True)
    assert values(numbers) == rows[2:5]
    assert [len(row) for row in values(second)] == [1, 1]
    assert nothing == ["P.01(ERROR)"] == wrong
    assert none == ["P.02(ERROR)"]


def test_a_gap_begins_with_a_header() -> None:
    (lines,) = asked(("P.01", ";"), body=BODY + fault("supply-fail", "61min", "30min"))
    headers = [match for match in map(HEADER.fullmatch, lines) if match is not None]
    first = [(match[1], int(match[2], 16)) for match in headers]
    cut, back = (next(one for one in first if one[0] == stamp) for stamp in ("1260615090500", "1260615093500"))
    # Power down and irregular; power up and irregular; both in summer time.
    assert (cut[1], back[1]) == (0x4088, 0x4048)
    assert len(values(lines)) == 48 - 5


def test_a_second_profile_that_there_is_not_is_an_error() -> None:
    assert asked(("P.02", ";"), body="") == [["P.02(ERROR)"]]
