"""Scenario texts for tests."""

from pathlib import Path

MINIMAL = """
schema = 1
title = "Nothing happens"
start = 2026-03-28T18:00:00+01:00
duration = "30h"
"""

# What the documentation shows as an example.
EXAMPLE = """
schema = 1
title = "The battery fails, then the supply"
start = 2026-03-28T18:00:00+01:00
duration = "30h"
board = "soc"

[meter]
wiring = "3p4w"
nominal = "230 V"
rated_current = "5 A"
accuracy = "0.5S"

[clock]
timezone = { standard = "+01:00", dst = { start = "last Sunday March 02:00", end = "last Sunday October 03:00" } }
battery_failure = "reset-and-freeze"

[load]
profile = "bdew:h0"
annual_energy = "4000 kWh"

[[fault]]
id = "cell-dies"
kind = "battery-fail"
at = "2h"

[[fault]]
id = "outage"
kind = "supply-fail"
at = "6h"
duration = "90min"

[[expect]]
id = "logged"
event = "battery-failed"
within = ["2h", "3h"]
"""

ROWS = """local_time,voltage_v,current_a,active_kw,reactive_kvar
2026-01-05T10:00:00,230.0,4.4,1.0,0.1
2026-01-05T10:01:00,231.0,4.4,1.1,0.1
2026-01-05T10:02:00,232.0,4.4,1.2,0.1
"""

MEASURED = """
schema = 1
title = "Measured"
start = "first-row"
duration = "all"
board = "afe"

[meter]
wiring = "1p2w"

[load]
csv = "rows.csv"
"""


def write(folder: Path, text: str, name: str = "case.toml") -> str:
    """Write a scenario; gives its file's name."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)
