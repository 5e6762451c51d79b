"""What a scenario makes of the firmware's configuration and of the load; errors name the scenario's own keys."""

from dataclasses import dataclass, replace

from pydantic_core import PydanticCustomError

from firmware.config import MeterConfig, Settings
from firmware.metrology.nameplate import AccuracyClass, Connection, Nameplate
from hal.frontend import Summation, Wiring
from hal.units import S
from sim.physics.loads.bdew import BdewLoad
from sim.physics.loads.constant import ConstantLoad
from sim.physics.loads.load import Load, LoadError
from sim.physics.loads.measured import Gap, MeasuredLoad, OnGap
from sim.physics.service import PowerFactor, Service
from sim.scenario import load_table
from sim.scenario.checks import check_instants
from sim.scenario.errors import ScenarioError
from sim.scenario.keys import in_keys
from sim.scenario.overrides import path_text
from sim.scenario.parts import clock_config, optical_config, tariff_config
from sim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a run needs to know beforehand.

    `scenario` has a start and a duration whatever its file said; `gaps` are those of a measured load inside the run, in
    words.
    """

    scenario: Scenario
    config: MeterConfig
    load: Load
    gaps: tuple[str, ...]


def prepare(scenario: Scenario) -> Prepared:
    """Read the load and compose the configuration; ScenarioError for what can't be run."""
    config = meter_config(scenario)
    check_changes(scenario, config.settings)
    load = load_source(scenario)
    if not isinstance(load, MeasuredLoad):
        return Prepared(scenario, _of_its_time(config, scenario), load, ())
    scenario = _spanning(scenario, load)
    start_s, end_ns = scenario.begin_utc_ns // S, scenario.begin_utc_ns + scenario.end_ns
    inside = (gap for gap in load.gaps if gap.end_utc_s > start_s and gap.start_utc_s * S < end_ns)
    gaps = tuple(_words(gap, config) for gap in inside)
    return Prepared(scenario, _of_its_time(config, scenario), load, gaps)


def _of_its_time(config: MeterConfig, scenario: Scenario) -> MeterConfig:
    """A scenario of earlier years than the firmware runs on one of theirs."""
    built_s = min(config.clock.built_s, scenario.begin_utc_ns // S)
    return replace(config, clock=replace(config.clock, built_s=built_s))


def meter_config(scenario: Scenario) -> MeterConfig:
    """The firmware's configuration; ScenarioError for ratings that do not fit together."""
    calendar = scenario.tariff.calendar()
    try:
        return MeterConfig(
            nameplate=_nameplate(scenario),
            clock=clock_config(scenario.clock),
            calendar=calendar,
            demand=scenario.demand.config(calendar.rates_of_demand),
            demand_input=scenario.demand.control,
            tariff=tariff_config(scenario.tariff, scenario.meter.customer_sums()),
            profile=scenario.profile.config(),
            profile_2=None if scenario.profile_2 is None else scenario.profile_2.config(),
            billing=scenario.billing.config(),
            test_mode_s=scenario.meter.test_mode_s,
            load_switch=scenario.load_switch.config(),
            display=scenario.display.config(),
            quality=None if scenario.quality is None else scenario.quality.config(),
            supervision=scenario.supervision.config(),
            alarms=scenario.alarms.config(),
            optical=optical_config(scenario.optical),
        )
    except ValueError as error:
        raise ScenarioError(f"{scenario.source}: {in_keys(str(error))}") from None


def check_changes(scenario: Scenario, settings: Settings) -> None:
    """ScenarioError, naming the path, for a programming with a part that breaks a rule by itself. Whether its parts go
    together is for the meter to say."""
    for place, table in enumerate(scenario.readings):
        if table.kind != "program":
            continue
        try:
            table.change(settings)
        except ValueError as error:
            keys = in_keys(str(error))
            raise ScenarioError(f"{scenario.source}: reading[{place}].settings.{keys}") from None


def load_source(scenario: Scenario) -> Load:
    """The load; ScenarioError for what it can't be made of, with the row of a measured file."""
    service = Service(
        Wiring(scenario.meter.wiring),
        scenario.world.voltage_uv or scenario.meter.nominal_uv,
        scenario.world.frequency_uhz or scenario.meter.frequency_uhz,
    )
    try:
        return _load(scenario, scenario.load, service)
    except LoadError as error:
        key = "load.csv" if isinstance(scenario.load, load_table.MeasuredLoad) else "load"
        raise ScenarioError(f"{scenario.source}: {key}: {error}") from None


def _load(scenario: Scenario, table: load_table.LoadTable, service: Service) -> Load:
    phase = None if table.phase is None else table.phase - 1
    if isinstance(table, load_table.ConstantLoad):
        factor = PowerFactor(table.power_factor_ppm, table.leading)
        if table.current_na is not None:
            return ConstantLoad(service.current(table.current_na, factor, phase))
        if table.currents_na is not None:
            return ConstantLoad(service.currents(table.currents_na, factor))
        if table.power_mw is None:
            return ConstantLoad(service.idle())
        # The sign of a power factor and that of a power say the same; two of them make an import.
        active_mw = table.power_mw if factor.ppm > 0 else -table.power_mw
        return ConstantLoad(service.power(active_mw, factor.reactive_of(active_mw), phase))
    standard_s = scenario.clock.timezone.standard_s
    utc_offset_s = standard_s if table.utc_offset_s is None else table.utc_offset_s
    if isinstance(table, load_table.MeasuredLoad):
        return MeasuredLoad(service, table.csv, utc_offset_s, OnGap(table.on_gap), phase)
    factor = PowerFactor(table.power_factor_ppm, table.leading)
    return BdewLoad(service, table.profile_name, table.annual_energy_wh, utc_offset_s, factor, phase)


def _nameplate(scenario: Scenario) -> Nameplate:
    meter = scenario.meter
    return Nameplate(
        wiring=Wiring(meter.wiring),
        connection=Connection(meter.connection),
        nominal_voltage_uv=meter.nominal_uv,
        rated_current_na=meter.rated_current_na,
        maximum_current_na=meter.maximum_current_na,
        frequency_uhz=meter.frequency_uhz,
        accuracy=AccuracyClass(meter.accuracy),
        impulses_per_kwh=meter.impulses_per_kwh,
        s0_impulses_per_kwh=meter.s0_impulses_per_kwh,
        ct_ratio=meter.ct_ratio,
        vt_ratio=meter.vt_ratio,
        summation=Summation(meter.summation),
    )


def _spanning(scenario: Scenario, load: MeasuredLoad) -> Scenario:
    """Start and duration as numbers, and inside the measured file."""
    start_ns = load.first_utc_s * S if scenario.start_utc_ns is None else scenario.start_utc_ns
    left_ns = load.end_utc_s * S - start_ns
    duration_ns = max(left_ns, 0) if scenario.duration_ns is None else scenario.duration_ns
    try:
        load.check_span(start_ns, start_ns + max(duration_ns, 1))
    except LoadError as error:
        raise ScenarioError(f"{scenario.source}: load.csv: {error}") from None
    whole = scenario.model_copy(update={"start_utc_ns": start_ns, "duration_ns": duration_ns})
    try:
        check_instants(whole)
    except PydanticCustomError as error:
        path = (error.context or {}).get("path", ())
        raise ScenarioError(f"{scenario.source}: {path_text(path)}: {error.message()}") from None
    return whole


def _words(gap: Gap, config: MeterConfig) -> str:
    zone = config.clock.zone
    lasts = gap.end_utc_s - gap.start_utc_s
    rows = f"between rows {gap.row_before} and {gap.row_after}"
    return f"{zone.iso(gap.start_utc_s)} to {zone.iso(gap.end_utc_s)}, {lasts} s, {rows}"
