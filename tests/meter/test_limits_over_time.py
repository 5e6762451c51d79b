"""Over-voltage and over-current that last: each phase's begin, and its end with how long it was."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

from firmware.events.codes import Event, LogName
from firmware.events.logs import newest_first
from firmware.storage.memory_map import METER, plan
from firmware.storage.ring import Ring
from sim.oracles.reread import ReadOnlyFlash
from sim.scenario.result import Verdict
from tests.acceptance.playing import play, troubles

HEAD = """schema = 1
title = "limits"
start = 2026-06-15T08:00:00+02:00
duration = "1h"
board = "afe"
[meter]
rated_current = "5 A"
maximum_current = "10 A"
"""


def test_over_voltage_and_over_current_are_told_with_their_duration(tmp_path: Path) -> None:
    """260 V from minute 10 to 20, 12.6 A from minute 30 to 45; 1 kW at 230 V otherwise."""
    path = tmp_path / "load.csv"
    with path.open("w", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(("local_time", "voltage_v", "active_kw", "reactive_kvar"))
        # Rows are in standard time.
        for minute in range(62):
            time = datetime(2026, 6, 15, 7) + timedelta(minutes=minute)
            voltage, power = "260" if 10 <= minute < 20 else "230", "8.7" if 30 <= minute < 45 else "1"
            rows.writerow((time.isoformat(), voltage, power, "0"))
    played = play(f'{HEAD}[load]\ncsv = "{path}"\n')
    assert played.result.verdict is Verdict.HELD, troubles(played.result)
    told = [(row.event, row.detail, row.at_ns // 10**9) for row in played.result.events if row.detail in (1, 2, 3)]
    over = ("voltage-high", "voltage-high-ended", "over-current", "over-current-ended")
    for event, begin_s in zip(over, (600, 1_200, 1_800, 2_700), strict=True):
        found = [(detail, at_s) for name, detail, at_s in told if name == event]
        assert sorted(detail for detail, _ in found) == [1, 2, 3]
        # Each has lasted for its delay of 10 s.
        assert all(begin_s + 9 <= at_s <= begin_s + 15 for _, at_s in found)
    flash = played.runner.bench.board.flash
    ring = Ring(ReadOnlyFlash(flash), plan(METER, flash.geometry).ring(LogName.QUALITY.ring))
    ring.recover()
    lasted = [(one.event, one.phase, one.duration_s) for _, one in newest_first(ring)]
    for ended, length_s in ((Event.VOLTAGE_HIGH_ENDED, 600), (Event.OVER_CURRENT_ENDED, 900)):
        found_s = {phase: duration_s for event, phase, duration_s in lasted if event is ended}
        assert sorted(found_s) == [1, 2, 3]
        assert all(one is not None and abs(one - length_s) <= 3 for one in found_s.values())
