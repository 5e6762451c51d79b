"""What a run shows from outside: records of the probe, the devices' outputs, readings. Expectations are held against
it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from firmware.clock.civil import Zone
from hal.outputs import Pulse
from hal.probe import BillingClosed, EventLogged, FrameRefused, ProfileRecorded, RateSelected, RegistersSaved
from hal.units import S
from sim.bench import Bench
from sim.devices.metering_ic import MeteringIc
from sim.oracles.energy import EnergyConserved
from sim.oracles.meter_time import MeterTime
from sim.physics.energy import Eight
from sim.scenario.result import EventRow
from sim.world import Phase


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen at one instant: the last save, the rate in force, the clock's error."""

    save: RegistersSaved | None
    rate: int | None
    clock_error_ns: int


class Observations:
    """Collects as the run goes on."""

    def __init__(self, bench: Bench, energy: EnergyConserved, instants_ns: Sequence[int]) -> None:
        """`instants_ns` are those at which somebody wants to know what can be seen."""
        self.events: list[EventRow] = []
        self.billing_sets = 0
        self.billing: list[BillingClosed] = []
        self.frames_refused = 0
        self.intervals: list[ProfileRecorded] = []
        self.sights: dict[int, Sight] = {}
        self.save: RegistersSaved | None = None
        self.true_at_save: Eight = (0, 0, 0, 0, 0, 0, 0, 0)
        self._bench = bench
        self._energy = energy
        self._rate: int | None = None
        self._time = MeterTime(bench)
        self._zone: Zone = bench.setting.config.clock.zone
        bench.probe.subscribe(EventLogged, self._logged)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(ProfileRecorded, self._interval)
        bench.probe.subscribe(RateSelected, self._selected)
        bench.probe.subscribe(BillingClosed, self._billed)
        bench.probe.subscribe(FrameRefused, self._refused)
        for instant in set(instants_ns):
            bench.world.at(instant, Phase.OBSERVERS, self._look)

    def now(self) -> Sight:
        """What can be seen now."""
        world = self._bench.world
        return Sight(self.save, self._rate, self._time.shown_ns() - world.utc_ns)

    def _interval(self, _at_ns: int, interval: ProfileRecorded) -> None:
        if interval.profile == 1:
            self.intervals.append(interval)

    def stamped_ns(self, record: ProfileRecorded | BillingClosed) -> int:
        """A record's own stamp, as an instant since the start."""
        return record.utc_s * S - self._bench.setting.start_utc_ns

    def told_ns(self, row: EventRow) -> int:
        """An event's time by the meter's own clock, as an instant since the start."""
        utc_s = int(datetime.fromisoformat(row.local_time).timestamp())
        return utc_s * S - self._bench.setting.start_utc_ns

    def pulses(self, which: Pulse) -> int:
        """How many pulses have left an output so far, whether firmware or a metering IC makes them."""
        front_end = self._bench.board.front_end
        if isinstance(front_end, MeteringIc):
            return front_end.pulses(which)
        return self._bench.board.outputs.pulses(which)

    def _look(self) -> None:
        self.sights[self._bench.world.now] = self.now()

    def _logged(self, at_ns: int, logged: EventLogged) -> None:
        local = self._zone.iso(logged.utc_s)
        self.events.append(EventRow(at_ns, logged.event, local, logged.clock, logged.detail))

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        self.save = saved
        self.true_at_save = self._energy.true_at(self._bench.board.cpu.oscillator.true_of(saved.at_ns))

    def _selected(self, at_ns: int, selected: RateSelected) -> None:
        self._rate = selected.rate

    def _billed(self, at_ns: int, closed: BillingClosed) -> None:
        self.billing_sets = closed.number
        self.billing.append(closed)

    def _refused(self, at_ns: int, refused: FrameRefused) -> None:
        self.frames_refused += 1


def seconds(ns: int) -> str:
    """A signed time in seconds with three decimals, cut off."""
    sign, ns = ("-" if ns < 0 else ""), abs(ns)
    return f"{sign}{ns // S}.{ns % S // 1_000_000:03} s"
