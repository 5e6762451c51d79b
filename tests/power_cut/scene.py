"""One run with power cuts: the scenario, what strikes it, and what is seen of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hal.inputs import Input
from hal.probe import EventLogged
from hal.units import MINUTE, MS, S
from sim.devices.flash import EraseCut, FlashOperation, ProgramCut, Stage
from sim.oracles.reread import logged
from sim.physics.service import PowerFactor, Service
from sim.scenario.loader import parse
from sim.scenario.result import RunResult
from sim.scenario.runner import Runner
from sim.world import Phase
from tests.power_cut import verdicts
from tests.power_cut.ledger import Ledger
from tests.power_cut.verdicts import METERING_IC, SAMPLES, Loss

DETECTION_NS = 20 * MS
"""From the loss of the mains to the power-fail interrupt, as `sim.devices.supply.SUPPLY` has it."""

INCOMPLETE = 0b11
"""In F.F: register backup used, power-down incomplete."""

Listener = Callable[[Runner, FlashOperation], None]

_NAME = "power-cut"


@dataclass(frozen=True, slots=True)
class Cut:
    """The mains fail at an instant, for a while. Without hold-up the rail collapses with them.

    `program` and `erase` say what a cut leaves of an operation under way; None draws it.
    """

    at_ns: int
    off_ns: int
    hold_up: bool
    program: ProgramCut | None = None
    erase: EraseCut | None = None

    @property
    def heard_ns(self) -> int:
        """When the meter hears of it, or is gone."""
        return self.at_ns + (DETECTION_NS if self.hold_up else 0)

    @property
    def end_ns(self) -> int:
        return self.at_ns + self.off_ns


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens besides the cuts: local midnight at `midnight_ns` ends a billing period, and the load steps down.

    `presses` are instants at which the reset button is pressed for a second, `covers` those at which the terminal
    cover is opened for 40 s.
    """

    midnight_ns: int
    duration_ns: int
    board: str
    period_ns: int
    day_mw: int
    night_mw: int
    presses: tuple[int, ...]
    covers: tuple[int, ...]

    @property
    def start_utc_s(self) -> int:
        return _MIDNIGHT_UTC_S - self.midnight_ns // S

    def interval_ends(self) -> tuple[int, ...]:
        """The instants at which demand intervals end inside the run."""
        first = self.midnight_ns % self.period_ns or self.period_ns
        return tuple(range(first, self.duration_ns, self.period_ns))


_MIDNIGHT_UTC_S = int(datetime.fromisoformat("2026-04-01T00:00:00+02:00").timestamp())

EVENING = Scene(
    midnight_ns=40 * MINUTE,
    duration_ns=90 * MINUTE,
    board="afe",
    period_ns=15 * MINUTE,
    day_mw=6_000_000,
    night_mw=1_000_000,
    presses=(25 * MINUTE + 3 * S,),
    covers=(12 * MINUTE + 20 * S, 50 * MINUTE, 55 * MINUTE),
)
"""A virgin meter is put in at 23:20 local time; the month ends at 24:00, after an end of billing by the button."""

TWO_MINUTES = Scene(
    midnight_ns=70 * S,
    duration_ns=120 * S,
    board="soc",
    period_ns=MINUTE,
    day_mw=6_000_000,
    night_mw=1_000_000,
    presses=(40 * S,),
    covers=(20 * S,),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a run."""

    ledger: Ledger
    result: RunResult
    losses: tuple[Loss, ...]
    wrong: tuple[str, ...]
    """All that is not as it must be."""
    operations: tuple[FlashOperation, ...]
    """Each step of the flash's operations."""
    log: tuple[EventLogged, ...]
    """The events in flash at the end."""

    @property
    def cut_operations(self) -> list[FlashOperation]:
        return [operation for operation in self.operations if operation.stage is Stage.CUT]

    def busy_at(self, instant_ns: int) -> bool:
        """Whether an operation ran, or was suspended, just before an instant."""
        ends = {
            (operation.kind, operation.start_ns): operation.at_ns
            for operation in self.operations
            if operation.stage in (Stage.DONE, Stage.CUT)
        }
        return any(start < instant_ns <= end for (_, start), end in ends.items())

    @property
    def status_word(self) -> int | None:
        """F.F of the readout; None without a readout that came through."""
        found = (reading.registers.get("F.F") for reading in self.result.readings)
        return next((int(values[0], 16) for values in found if values), None)


def run(
    scene: Scene, cuts: Sequence[Cut] = (), listener: Listener | None = None, readout_ns: int | None = None
) -> Seen:
    """Run it to the end, and hold it against all that must be."""
    runner = Runner(parse(_text(scene, cuts, readout_ns), _NAME), seed=1)
    bench = runner.bench
    flash = bench.board.flash
    ledger = Ledger(bench)
    operations: list[FlashOperation] = []

    def hear(operation: FlashOperation) -> None:
        operations.append(operation)
        ledger.operation(operation)
        if listener is not None:
            listener(runner, operation)

    def force(cut: Cut) -> None:
        flash.forced_program_cut, flash.forced_erase_cut = cut.program, cut.erase

    flash.listener = hear
    service = Service(bench.wiring, 230_000_000)
    night = service.power(scene.night_mw, PowerFactor(900_000).reactive_of(scene.night_mw))
    bench.world.at(scene.midnight_ns, Phase.WORLD, lambda: bench.mains.demand(night))
    for at in scene.presses:
        bench.world.at(at, Phase.WORLD, lambda: bench.board.inputs.put(Input.RESET_BUTTON, True))
        bench.world.at(at + S, Phase.WORLD, lambda: bench.board.inputs.put(Input.RESET_BUTTON, False))
    for cut in cuts:
        bench.world.at(cut.at_ns - 1, Phase.WORLD, lambda cut=cut: force(cut))
    result = runner.run()
    ledger.close()
    tolerance = METERING_IC if scene.board == "afe" else SAMPLES
    found, wrong = verdicts.losses(ledger, tolerance)
    wrong += verdicts.billing(ledger, 1, len(scene.presses))
    wrong += verdicts.maxima(ledger, scene.night_mw + scene.night_mw // 100)
    wrong += verdicts.intervals(ledger, scene.start_utc_s, scene.interval_ends(), scene.period_ns)
    wrong += _broken(ledger, result)
    wrong += [violation.text for violation in flash.violations]
    seen = Seen(ledger, result, tuple(found), tuple(wrong), tuple(operations), logged(flash))
    return seen


def _broken(ledger: Ledger, result: RunResult) -> list[str]:
    """Oracles that did not hold. A meter that was cut before its first save can't know of an outage."""
    unknowing = any(life.found is None for life in ledger.lives[1:])
    return [
        f"oracle {check.name} at {check.at_ns} ns: {check.message}"
        for check in result.oracles
        if not check.held and not (unknowing and check.name == "events")
    ]


def _text(scene: Scene, cuts: Sequence[Cut], readout_ns: int | None) -> str:
    start = datetime.fromtimestamp(scene.start_utc_s, UTC).isoformat()
    tables = [
        f"""
schema = 1
title = "Power cuts"
start = {start}
duration = "{scene.duration_ns}ns"
board = "{scene.board}"
[billing]
lockout = "0s"
[demand]
period = "{scene.period_ns // MINUTE}min"
[load]
power = "{scene.day_mw} mW"
power_factor = 0.9
"""
    ]
    for number, at in enumerate(scene.covers):
        tables.append(_fault(f"cover-{number}", "terminal-cover-open", at, 40 * S))
    for number, cut in enumerate(cuts):
        tables.append(_fault(f"cut-{number}", "supply-fail" if cut.hold_up else "power-cut", cut.at_ns, cut.off_ns))
    if readout_ns is not None:
        tables.append(f'[[reading]]\nid = "readout"\nat = "{readout_ns}ns"\n')
    return "".join(tables)


def _fault(identity: str, kind: str, at_ns: int, duration_ns: int) -> str:
    return f'[[fault]]\nid = "{identity}"\nkind = "{kind}"\nat = "{at_ns}ns"\nduration = "{duration_ns}ns"\n'
