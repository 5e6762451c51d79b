"""Runs a scenario: a bench with its faults, readers and oracles, to the end, and what came of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from firmware.kernel.errors import TaskFailed
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Periodic
from hal.energy import ENERGY_KINDS
from sim.bench import Bench, Build, Setting
from sim.board import BoardParts, FrontEndKind
from sim.devices.rtc import Crystal
from sim.faults import Fault, fault_of
from sim.oracles.agreed import Agreed
from sim.oracles.battery_response import BatteryResponseMade
from sim.oracles.billing import Billing
from sim.oracles.daily import Daily
from sim.oracles.demand import Demand
from sim.oracles.durability import Durability
from sim.oracles.energy import ACCURACY_PPM, EnergyConserved
from sim.oracles.events import EventsLogged
from sim.oracles.flash_rules import FlashRules
from sim.oracles.hold_up import HoldUp
from sim.oracles.oracle import Oracle
from sim.oracles.premise import Premise
from sim.oracles.profile import Profile
from sim.oracles.programming import ProgrammingKept
from sim.oracles.rates import Rates
from sim.oracles.tariff_sums import TariffSums
from sim.oracles.timing import Timing
from sim.physics.loads.load import Load
from sim.physics.waves import Segment
from sim.scenario import power_report, readers, storage_report
from sim.scenario.configuration import Prepared, prepare
from sim.scenario.errors import ScenarioError
from sim.scenario.expectations import hold, instant_of
from sim.scenario.firmware_entry import firmware_build
from sim.scenario.observations import Observations
from sim.scenario.result import Check, EnergyRow, Reading, RunResult, TimingRow, Verdict
from sim.scenario.schema import Scenario

LOG_FILE = "log.txt"

_SLICES = 200

_OVERLOAD = 50
"""Times Imax: IEC 62053-21 tests direct meters with 30 Imax for half a cycle (from memory), and nothing beyond."""


class _LoadWithinReason:
    """A load, watched: one that no meter of this size would survive is a slip of the pen."""

    def __init__(self, load: Load, maximum_na: int, source: str) -> None:
        self._load = load
        self._most_na = _OVERLOAD * maximum_na
        self._source = source

    def timeline(self, start_utc_ns: int) -> Iterator[tuple[int, Segment]]:
        """The load's own; ScenarioError, with the instant, for a current that is out of all reason."""
        for at_ns, segment in self._load.timeline(start_utc_ns):
            highest_na = max(wave.rms for wave in segment.currents)
            if highest_na > self._most_na:
                raise ScenarioError(
                    f"{self._source}: load: {highest_na // 10**9} A at {at_ns} ns is more than {_OVERLOAD} times the "
                    f"meter's maximum current"
                )
            yield at_ns, segment


class Runner:
    """One run of a scenario. `progress` is told the true instant now and then; `out` gets the canonical log."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        progress: Callable[[int], None] | None = None,
        out: Path | None = None,
    ) -> None:
        """ScenarioError for what can't be run."""
        self._prepared: Prepared = prepare(scenario)
        self.scenario = self._prepared.scenario
        self.seed = seed
        self._progress = progress
        build = firmware_build(self.scenario)
        log = None if out is None else out / LOG_FILE
        self.bench = Bench(_setting(self._prepared, seed, build, log))
        self.faults: list[Fault] = [fault_of(table) for table in self.scenario.faults]
        world = self.scenario.world
        gains = abs(world.front_end.voltage_gain_ppm) + abs(world.front_end.current_gain_ppm)
        accuracy = ACCURACY_PPM + 2 * gains + abs(world.cpu_offset_ppb) // 1000
        self._energy = EnergyConserved(accuracy)
        self._timing = Timing()
        agreed = Agreed(self._prepared.config)
        self.oracles: list[Oracle] = [
            self._energy,
            TariffSums(agreed),
            Rates(agreed),
            ProgrammingKept(agreed),
            Billing(agreed),
            Daily(agreed),
            Demand(agreed),
            BatteryResponseMade(agreed),
            Durability(),
            HoldUp(self._hold_up_needed_ns, self._save_spacing_ns),
            Profile(agreed),
            EventsLogged(self.faults),
            self._timing,
            FlashRules(),
        ]
        self.readings: dict[str, Reading] = {}
        for oracle in self.oracles:
            oracle.heed(self._premises)
            oracle.watch(self.bench)
        instants = [at for at in map(instant_of, self.scenario.expectations) if at is not None]
        self.observations = Observations(self.bench, self._energy, instants)
        for fault in self.faults:
            fault.arm(self.bench)
        self._place = self.bench.world.hold_place()
        for table in self.scenario.readings:
            readers.plan(table, self.bench, self.readings, agreed)

    def _hold_up_needed_ns(self) -> int | None:
        """The hold-up that the worst save takes; None while its task has no bound."""
        bound_ns = self._timing.bounds.get(storage_report.TASK)
        return None if bound_ns is None else storage_report.needed_ns(self.bench.board.flash.geometry, bound_ns)

    def _save_spacing_ns(self) -> int:
        """How far the jobs of the task that saves at power fail are apart; 0 without such a task."""
        kernel = self.bench.board.kernel
        tasks = kernel.tasks if isinstance(kernel, Kernel) else []
        return next((task.spec.trigger.spacing_ns for task in tasks if task.name == storage_report.TASK), 0)

    def run(self) -> RunResult:
        """To the scenario's end. `firmware.kernel.errors.TaskFailed` if an exception leaves a task."""
        try:
            self.approach(self.scenario.end_ns)
            return self.finish()
        finally:
            self.bench.log.close()

    def approach(self, instant_ns: int) -> None:
        """From the start to a true instant, with progress told. As `advance`."""
        for part in range(1, _SLICES + 1):
            self.advance(instant_ns * part // _SLICES)
            if self._progress is not None:
                self._progress(self.bench.world.now)

    def advance(self, instant_ns: int) -> None:
        """Up to and including a true instant. `firmware.kernel.errors.TaskFailed` if an exception leaves a task."""
        try:
            self.bench.run_until(instant_ns)
        except TaskFailed as failure:
            failure.add_note(f"true instant: {self.bench.world.now} ns after the scenario's start")
            raise

    def add(self, fault: Fault) -> None:
        """Lay one more fault, which is still to come, over the run: as if it had been the scenario's last."""
        self.faults.append(fault)
        with self.bench.world.in_place(self._place):
            fault.arm(self.bench)

    def finish(self) -> RunResult:
        """The run ends at the instant that it has come to: what came of it."""
        for fault in self.faults:
            fault.finish(self.bench)
        for oracle in self.oracles:
            oracle.finish(self.bench)
        return self._result()

    def _premises(self) -> Iterator[Premise]:
        """What the faults have taken away from the oracles so far."""
        for fault in self.faults:
            yield from fault.premises()

    def _result(self) -> RunResult:
        bench, seen, scenario = self.bench, self.observations, self.scenario
        oracles = tuple(_judged(oracle) for oracle in self.oracles)
        expectations = tuple(hold(table, seen, self.readings, scenario.end_ns) for table in scenario.expectations)
        faults = tuple(_witnessed(fault) for fault in self.faults)
        if not all(check.held for check in faults):
            verdict = Verdict.INVALID
        elif all(check.held for check in (*oracles, *expectations)):
            verdict = Verdict.HELD
        else:
            verdict = Verdict.BROKEN
        timing = self._timing_rows()
        totals = (0,) * len(ENERGY_KINDS) if seen.save is None else seen.save.totals
        return RunResult(
            scenario=scenario.name,
            title=scenario.title,
            seed=self.seed,
            board=scenario.board,
            simulated_ns=bench.world.now,
            verdict=verdict,
            energies=tuple(map(EnergyRow, ENERGY_KINDS, totals, seen.true_at_save)),
            rates=() if seen.save is None else seen.save.rates,
            billing_sets=seen.billing_sets,
            clock_error_ns=seen.now().clock_error_ns,
            events=tuple(seen.events),
            timing=timing,
            oracles=oracles,
            expectations=expectations,
            faults=faults,
            readings=(*self.readings.values(), *self._unfinished()),
            load_gaps=self._prepared.gaps,
            wakes=dict(sorted(bench.board.cpu.wakes.items())),
            cpu_busy_ns=bench.board.cpu.busy_ns,
            flash_programs=bench.board.flash.programs,
            flash_erases=bench.board.flash.erases,
            digest=bench.log.digest(),
            consumption=power_report.consumption(bench),
            backup=power_report.backup(bench),
            hold_up=storage_report.hold_up(bench, timing),
            flash=storage_report.flash(bench),
        )

    def _unfinished(self) -> Iterator[Reading]:
        """Readings that the end of the run cut off."""
        for table in self.scenario.readings:
            if table.id not in self.readings:
                now = self.bench.world.now
                yield Reading(table.id, table.at_ns, now, "", {}, "the run ended before it did")

    def _timing_rows(self) -> tuple[TimingRow, ...]:
        kernel, timing = self.bench.board.kernel, self._timing
        if not isinstance(kernel, Kernel):
            return ()
        return tuple(
            TimingRow(
                task=task.name,
                period_ns=task.spec.trigger.spacing_ns,
                periodic=isinstance(task.spec.trigger, Periodic),
                jobs=timing.jobs.get(task.name, 0),
                worst_ns=timing.worst.get(task.name, 0),
                bound_ns=timing.bounds.get(task.name),
                missed=timing.missed.get(task.name, 0),
            )
            for task in kernel.tasks
        )


def _setting(prepared: Prepared, seed: int, build: Build, log: Path | None) -> Setting:
    scenario, nameplate = prepared.scenario, prepared.config.nameplate
    world = scenario.world
    parts = BoardParts(
        front_end=FrontEndKind(scenario.board),
        voltage_peak_uv=nameplate.full_scale_voltage_uv,
        current_peak_na=nameplate.full_scale_current_na,
        cpu_offset_ppb=world.cpu_offset_ppb,
        random_execution=world.execution == "random",
        crystal=Crystal(world.rtc_offset_ppb),
        supply=world.supply(),
        backup=world.backup(),
        voltage_gain_ppm=world.front_end.voltage_gain_ppm,
        current_gain_ppm=world.front_end.current_gain_ppm,
        noise_millicounts=world.front_end.noise_millicounts,
        relay=prepared.config.load_switch.relay is not None,
    )
    return Setting(
        seed=seed,
        start_utc_ns=scenario.begin_utc_ns,
        config=prepared.config,
        parts=parts,
        load=_LoadWithinReason(prepared.load, nameplate.maximum_current_na, scenario.source),
        build=build,
        temperature_mc=world.temperature_mc,
        temperature_steps=[(step.at_ns, step.temperature_mc) for step in world.temperature_steps],
        log=log,
    )


def _judged(oracle: Oracle) -> Check:
    held = oracle.broken is None
    message = oracle.message if oracle.broken is None else oracle.broken
    if oracle.excused:
        message += f"; {oracle.excused} breaches excused, while a fault had taken its premise"
    return Check(oracle.name, held, message, oracle.broken_at_ns)


def _witnessed(fault: Fault) -> Check:
    none = f"{fault.kind} is inert" if fault.given.inert else f"{fault.kind} had no effect"
    return Check(fault.id, bool(fault.effect), fault.effect or none)
