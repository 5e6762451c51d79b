"""A scenario, as its file says it and the rest of the program sees it: quantities are ints, and all of it agrees.

Keys in the file are the aliases here; attributes carry their units in their names.
"""

from typing import Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from sim.scenario.billing_table import BillingTable
from sim.scenario.checks import check_faults, check_ids, check_instants, check_kinds
from sim.scenario.demand_table import DemandTable
from sim.scenario.display_table import DisplayTable
from sim.scenario.expect_tables import ExpectTable
from sim.scenario.fault_tables import FaultTable
from sim.scenario.fields import RunDuration, Start, Table
from sim.scenario.load_switch_table import LoadSwitchTable
from sim.scenario.load_table import ConstantLoad, LoadTable, MeasuredLoad
from sim.scenario.meter_tables import ClockTable, MeterTable, OpticalTable, ProfileTable
from sim.scenario.problem import problem
from sim.scenario.quality_table import QualityTable
from sim.scenario.reading_table import ReadingTable
from sim.scenario.supervision_table import AlarmsTable, SupervisionTable
from sim.scenario.tariff_table import TariffTable
from sim.scenario.world_table import WorldTable

OWN_FIRMWARE = "firmware.meter:build"


class Scenario(Table):
    """One scenario, checked as a whole. `name` and `source` say where it came from; they are no keys."""

    schema_version: Literal[1] = Field(alias="schema")
    title: str = Field(min_length=1, max_length=200)
    tags: tuple[str, ...] = ()
    start_utc_ns: Start = Field(alias="start")
    duration_ns: RunDuration = Field(alias="duration")
    board: Literal["soc", "afe"] = "soc"
    firmware: str = Field(
        default=OWN_FIRMWARE,
        pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$",
        description="The firmware's composition: a package, a module, and the function that builds it.",
    )
    meter: MeterTable = Field(default_factory=MeterTable)
    clock: ClockTable = Field(default_factory=ClockTable)
    tariff: TariffTable = Field(default_factory=TariffTable)
    demand: DemandTable = Field(default_factory=DemandTable)
    profile: ProfileTable = Field(default_factory=ProfileTable)
    profile_2: ProfileTable | None = None
    billing: BillingTable = Field(default_factory=BillingTable)
    optical: OpticalTable = Field(default_factory=OpticalTable)
    supervision: SupervisionTable = Field(default_factory=SupervisionTable)
    alarms: AlarmsTable = Field(default_factory=AlarmsTable)
    load_switch: LoadSwitchTable = Field(default_factory=LoadSwitchTable)
    display: DisplayTable = Field(default_factory=DisplayTable)
    quality: QualityTable | None = None
    load: LoadTable = Field(default_factory=ConstantLoad)
    world: WorldTable = Field(default_factory=WorldTable)
    faults: tuple[FaultTable, ...] = Field(default=(), alias="fault")
    readings: tuple[ReadingTable, ...] = Field(default=(), alias="reading")
    expectations: tuple[ExpectTable, ...] = Field(default=(), alias="expect")

    _name: str = PrivateAttr(default="")
    _source: str = PrivateAttr(default="")

    @property
    def name(self) -> str:
        """Its file's name without the suffix."""
        return self._name

    @property
    def source(self) -> str:
        """The file, as messages name it."""
        return self._source

    def named(self, name: str, source: str) -> Self:
        """The same scenario, from this file."""
        same = self.model_copy()
        same._name, same._source = name, source
        return same

    @property
    def end_ns(self) -> int:
        """True ns from start to end; ValueError before `duration = "all"` is resolved."""
        if self.duration_ns is None:
            raise ValueError(f"{self.source}: the duration is not known before the load's file has been read")
        return self.duration_ns

    @property
    def begin_utc_ns(self) -> int:
        """The start, UTC in ns since 1970; ValueError before `start = "first-row"` is resolved."""
        if self.start_utc_ns is None:
            raise ValueError(f"{self.source}: the start is not known before the load's file has been read")
        return self.start_utc_ns

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        measured = isinstance(self.load, MeasuredLoad)
        if self.start_utc_ns is None and not measured:
            raise problem(("start",), '"first-row" needs a measured load: load.csv')
        if self.duration_ns is None and not measured:
            raise problem(("duration",), '"all" needs a measured load: load.csv')
        check_ids(self.faults, self.readings, self.expectations)
        check_kinds(self)
        check_faults(self.faults, self.meter.wiring, self.board)
        check_instants(self)
        return self
