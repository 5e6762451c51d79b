"""All benchmarks, printed, and as a flat object of numbers in build/bench.json."""

import json
from pathlib import Path

from benchmarks import kernel, scenario

OUT = Path("build/bench.json")
LEAST = {
    "first-day.sim_s_per_cpu_s": 1_000,
    "year.sim_s_per_cpu_s": 500_000,
}
"""What the project promises; a figure below is said so, not hidden."""


def main() -> None:
    """Measure, print, write."""
    figures: dict[str, float] = {}
    for name, measure in (
        ("kernel", kernel.measure),
        ("first-day", lambda: scenario.measure("first-day")),
        ("year", lambda: scenario.measure("year")),
    ):
        print(f"# {name}", flush=True)
        found = measure()
        for key, value in found.items():
            promise = LEAST.get(key)
            note = "" if promise is None else f"   (at least {promise:,}: {'yes' if value >= promise else 'NO'})"
            print(f"{key:45} {value:>16,.3f}{note}", flush=True)
        figures |= found
    share = figures["kernel.jobs_per_cpu_s"] / figures["kernel.bare_simpy_events_per_cpu_s"]
    print(f"\nkernel jobs per bare simpy event: {share:.3f} (at least 0.2, or 300,000 jobs/s)")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    print(f"written to {OUT}")


if __name__ == "__main__":
    main()
