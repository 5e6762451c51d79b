"""Results for tests of what the command prints."""

from dataclasses import replace

from sim.scenario.result import (
    Check,
    EnergyRow,
    EventRow,
    Reading,
    RunResult,
    TimingRow,
    Verdict,
)

S = 10**9

HELD = RunResult(
    scenario="fake",
    title="A fake [bold] run",
    seed=3,
    board="soc",
    simulated_ns=3600 * S,
    verdict=Verdict.HELD,
    energies=(EnergyRow("A+", 1_000_100_000_000, 1_000_000_000_000), EnergyRow("A-", 0, 0)),
    rates=((600_000_000_000, 0, 0, 0, 0, 0, 0, 0), (400_100_000_000, 0, 0, 0, 0, 0, 7_000_000, 0)),
    billing_sets=4,
    clock_error_ns=-1_500_000,
    events=(EventRow(250_999_999, "power-up", "2026-03-28T18:00:00+01:00", "valid", 0),),
    timing=(TimingRow("metering", 200_000_000, True, 17_999, 5_134_000, 17_272_000, 0),),
    oracles=(Check("energy", True, "all there"),),
    expectations=(Check("on-time", True, "it was"),),
    faults=(Check("outage", True, "the meter went down"),),
    readings=(Reading("before", 10 * S, 12 * S, "METERBENCH", {"1.8.0": ("000001.000*kWh",)}, None),),
    load_gaps=("two minutes before noon",),
    wakes={"samples": 17_999, "timer": 4},
    cpu_busy_ns=72 * S,
    flash_programs=12,
    flash_erases=3,
    digest="ab" * 32,
)

BROKEN = replace(
    HELD,
    verdict=Verdict.BROKEN,
    oracles=(
        Check("timing", False, "late", 5400 * S),
        Check("energy", False, "gone", 90 * S),
        Check("flash", False, "no instant"),
    ),
    expectations=(Check("on-time", False, "it was not", 1),),
)

INVALID = replace(HELD, verdict=Verdict.INVALID, faults=(Check("outage", False, "supply-fail had no effect"),))
