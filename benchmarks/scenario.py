"""How fast a scenario runs, measured in a process of its own: `python -m benchmarks.scenario NAME`.

Prints one JSON object: simulated seconds per CPU second of the run itself, the CPU time and the memory it took, how
often the CPU of the meter woke and why, and the instant at which the run was ready to begin (for the parent, which
knows when it started the process).
"""

import json
import resource
import subprocess
import sys
import time

HOUR_NS = 3_600_000_000_000


def main() -> None:
    """Run a shipped scenario once."""
    from sim.scenario.loader import load
    from sim.scenario.runner import Runner

    name = sys.argv[1]
    runner = Runner(load(name, {}, None), seed=1)
    ready = time.perf_counter()
    begun = time.process_time()
    result = runner.run()
    cpu_s = time.process_time() - begun
    simulated_s = result.simulated_ns / 1e9
    hours = result.simulated_ns / HOUR_NS
    print(
        json.dumps(
            {
                "ready": ready,
                "sim_s_per_cpu_s": simulated_s / cpu_s,
                "cpu_s": cpu_s,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "wakes_per_sim_h": {cause: count / hours for cause, count in result.wakes.items()},
                "verdict": result.verdict.value,
            }
        )
    )


def measure(name: str) -> dict[str, float]:
    """Figures of one scenario, in a fresh process; RuntimeError if the run did not hold."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.scenario", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    if figures["verdict"] != "held":
        raise RuntimeError(f"scenario {name} is {figures['verdict']}; its speed says nothing")
    found = {f"{name}.{key}": figures[key] for key in ("sim_s_per_cpu_s", "cpu_s", "peak_mib")}
    # perf_counter is the system's monotonic clock, the same for both processes.
    found[f"{name}.startup_s"] = figures["ready"] - started
    for cause, rate in figures["wakes_per_sim_h"].items():
        found[f"{name}.wakes_per_sim_h.{cause}"] = rate
    return found


if __name__ == "__main__":
    main()
