"""Metering: how energy gets from a front end to the accounts, for each of the two kinds of front end."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from firmware.kernel.kernel import Kernel
from firmware.kernel.sources import Signal
from firmware.kernel.spec import Cost, InterruptSpec, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from firmware.metrology.instrumentation import Instrumentation
from firmware.metrology.nameplate import S0_SPACING_NS, Nameplate
from firmware.metrology.registers import RegisterChain
from firmware.tariff.accounting import Accounting
from hal.board import Board
from hal.frontend import (
    ElementWaves,
    Excursion,
    ExcursionLimits,
    Levels,
    LiveValues,
    MeteringFrontEnd,
    PhaseValues,
    SampledFrontEnd,
    SquareSums,
    Waves,
)
from hal.outputs import Pulse
from hal.processor import Line
from hal.units import MINUTE, MS, S

if TYPE_CHECKING:
    from firmware.metrology.passed_levels import PassedLevels, Sides
    from firmware.metrology.spectrum import Spectrum
    from firmware.metrology.square_sums import WindowSquares
    from firmware.metrology.window import Window

_MISSING_BLOCKS = 3
"""Blocks that fail to come before the front end is started anew."""

_SETTLING_WINDOWS = 2

_HALF_CYCLES = Cost(10, 20)
"""Cycles a sample for the squares of three voltages by half cycles, and their comparison; an estimate of ours."""

_PASSED_SPACING_NS = 190 * MS
"""A metering IC renews its values after 10 cycles; a clock that is off takes its share of the 200 ms."""

_NOTHING = PhaseValues(0, 0, 0, 0, 0)
_DARK = LiveValues((_NOTHING, _NOTHING, _NOTHING), _NOTHING, 0)
_FLAT = ElementWaves(0, 0)
_STILL = Waves((_FLAT, _FLAT, _FLAT), 0)


class Metering(Protocol):
    """The way from a front end to the accounts."""

    @property
    def watchdog_window_ns(self) -> tuple[int, int]:
        """The watchdog's window; its end spans the longest sleep that this way of metering allows."""

    @property
    def live(self) -> LiveValues: ...

    def mains_cycles(self, now_ns: int) -> int:
        """Mains cycles since power-up, in 2**16ths of a cycle; they stand while no voltage gives a frequency."""

    def watch(self, kernel: Kernel, levels: Levels, passed: Signal) -> None:
        """Raise a signal from now on when a level is passed, or the sequence, a faulty channel or the front end's being
        alive changes; what holds already is not told."""

    def watch_levels(self, levels: Levels) -> None:
        """Other levels from now on, for whom `watch` was told."""

    @property
    def instrumentation(self) -> Instrumentation: ...

    def spectrum(self) -> "Spectrum | None":
        """Single harmonics of the last 10 or 12 cycles; None if the front end does not tell them, or not yet."""

    def square_sums(self) -> SquareSums:
        """The squares of the voltages over time, from the first call on."""

    def watch_excursions(self, kernel: Kernel, limits: ExcursionLimits, told: Signal) -> None:
        """Note dips and swells from now on, and raise a signal when one begins or ends."""

    def excursions(self) -> tuple[Excursion, ...]:
        """Those that have ended, once, then those that go on."""

    def each_window(self, told: Callable[[], None], cost: Cost) -> bool:
        """Call `told`, which costs so much, after each window of 10 or 12 cycles from now on; False, and it is not
        called, if the front end tells of none."""

    def add_tasks(self, kernel: Kernel, priority: int, accounting: Accounting) -> None: ...

    def catch_up(self, accounting: Accounting, now_ns: int) -> None:
        """Count what has flowed until now, if the front end can tell at once."""

    def flush(self, accounting: Accounting, now_ns: int) -> None:
        """Power fails: count all that has been measured."""


def metering_for(board: Board, nameplate: Nameplate, now_ns: int) -> Metering:
    """What the board's front end asks for; it is started."""
    front_end = board.front_end
    if isinstance(front_end, SampledFrontEnd):
        return SampledMetering(front_end, board, nameplate)
    return RegisterMetering(front_end, nameplate, now_ns)


class SampledMetering:
    """Blocks of samples through the chain; pulses by the board's pulse timer."""

    def __init__(self, front_end: SampledFrontEnd, board: Board, nameplate: Nameplate) -> None:
        # Imported here: numba takes its time, and a board with a metering IC has no use for it.
        from firmware.metrology.chain import SampledChain
        from firmware.metrology.mains_cycles import MainsCycles
        from firmware.metrology.pulses import PulseOutput

        self._front_end = front_end
        self._outputs = board.outputs
        self._now = board.processor.now
        scale = front_end.scale
        self._chain = SampledChain(
            scale,
            nameplate.wiring,
            nameplate.frequency_uhz,
            nameplate.nominal_voltage_uv,
            nameplate.start_power_uw,
            nameplate.summation,
        )
        self._nameplate = nameplate
        self._block_ns = front_end.block_samples * S // scale.rate_hz
        self._samples = front_end.block_samples
        self._cost = Cost(170 * self._samples, 320 * self._samples)
        latency = self._chain.longest_window_ns + self._block_ns + 50 * MS
        energy = nameplate.pulse_energy_nwh
        self._pulses = [PulseOutput(which, energy, latency) for which in (Pulse.ACTIVE, Pulse.REACTIVE)]
        if nameplate.s0_energy_nwh:
            self._pulses.append(PulseOutput(Pulse.S0, nameplate.s0_energy_nwh, latency, S0_SPACING_NS))
        self._window: Window | None = None
        self._cycles = MainsCycles(scale.rate_hz, self._chain.longest_window_ns + self._block_ns)
        self._alive = True
        self._comparators: PassedLevels | None = None
        self._sides: Sides = ()
        self._seen = (True, 0)
        self._settling = 0
        self._passed: Callable[[], None] = lambda: None
        self._excursion_told: Callable[[], None] | None = None
        self._squares: WindowSquares | None = None
        self._window_told: Callable[[], None] | None = None

    @property
    def watchdog_window_ns(self) -> tuple[int, int]:
        return self._block_ns // 2, 10 * self._block_ns

    @property
    def live(self) -> LiveValues:
        live = _DARK if self._window is None else self._window.live
        faulty = self._chain.faulty
        return live if self._alive and not faulty else replace(live, faulty=faulty, alive=self._alive)

    def mains_cycles(self, now_ns: int) -> int:
        return self._cycles.at(now_ns)

    def watch(self, kernel: Kernel, levels: Levels, passed: Signal) -> None:
        self.watch_levels(levels)
        self._passed = lambda: passed.raise_at(kernel.now)

    def watch_levels(self, levels: Levels) -> None:
        from firmware.metrology.passed_levels import PassedLevels

        nameplate = self._nameplate
        self._comparators = PassedLevels(levels, self._front_end.scale, nameplate.wiring.elements, nameplate.summation)

    @property
    def instrumentation(self) -> Instrumentation:
        waves = _STILL if self._window is None else self._window.waves
        return Instrumentation(self._nameplate.wiring, self.live, waves)

    def spectrum(self) -> "Spectrum | None":
        return self._chain.spectrum()

    def square_sums(self) -> SquareSums:
        if self._squares is None:
            from firmware.metrology.square_sums import WindowSquares

            self._squares = WindowSquares(self._front_end.scale)
        return self._squares.sums

    def watch_excursions(self, kernel: Kernel, limits: ExcursionLimits, told: Signal) -> None:
        self._chain.watch_excursions(limits)
        self._cost += Cost(_HALF_CYCLES.best * self._samples, _HALF_CYCLES.worst * self._samples)
        self._excursion_told = lambda: told.raise_at(kernel.now)

    def excursions(self) -> tuple[Excursion, ...]:
        return self._chain.excursions()

    def each_window(self, told: Callable[[], None], cost: Cost) -> bool:
        self._window_told = told
        # A block may end two windows.
        self._cost += cost * 2
        return True

    def add_tasks(self, kernel: Kernel, priority: int, accounting: Accounting) -> None:
        samples = kernel.signal()

        async def measure(task: Task) -> None:
            self._front_end.start()
            while True:
                came = await task.release_on(samples, timeout_ns=_MISSING_BLOCKS * self._block_ns)
                await task.work(self._cost)
                self._alive = came is not None
                self._take(accounting)
                self._tell()
                if came is None:
                    # No samples: what waits for energy must not wait for ever.
                    accounting.settle()
                    self._front_end.start()

        # An oscillator that is off moves an interrupt by up to two counts against true time.
        spacing = self._block_ns - 2
        trigger = Sporadic(spacing)
        kernel.add(TaskSpec("metering", priority, trigger, self._block_ns, (Segment(self._cost),)), measure)
        kernel.attach(InterruptSpec(Line.SAMPLES, exactly(150), spacing), samples.raise_at)

    def catch_up(self, accounting: Accounting, now_ns: int) -> None:
        """Blocks come when they are full."""

    def flush(self, accounting: Accounting, now_ns: int) -> None:
        self._take(accounting)
        self._count(accounting, self._chain.close(self._front_end.flush()))

    def _take(self, accounting: Accounting) -> None:
        block = self._front_end.take()
        if block is not None:
            self._count(accounting, self._chain.feed(block))

    def _count(self, accounting: Accounting, windows: "Sequence[Window]") -> None:
        for window in windows:
            self._window = window
            if self._squares is not None:
                self._squares.add(window)
            self._cycles.add(window)
            accounting.energy(window.increment)
            if self._window_told is not None:
                self._window_told()
            for pulses in self._pulses:
                instants = pulses.feed(window.increment, self._now())
                if instants:
                    self._outputs.pulse(pulses.which, instants)

    def _tell(self) -> None:
        """Raise the signal if the last window lies on another side of a level, or the front end fares otherwise; and
        again when the values have settled, since a frequency is that of two windows. And that of excursions."""
        if self._excursion_told is not None and self._chain.excursion_told():
            self._excursion_told()
        seen = self._alive, self._chain.faulty
        if self._comparators is None or self._window is None:
            sides = self._sides
        else:
            sides = self._comparators.sides(self._window.row)
        if sides != self._sides or seen != self._seen:
            self._sides, self._seen = sides, seen
            self._settling = _SETTLING_WINDOWS
            self._passed()
        elif self._settling:
            self._settling -= 1
            if not self._settling:
                self._passed()


class RegisterMetering:
    """A metering IC's registers, read when somebody needs to know; it sends the pulses itself."""

    def __init__(self, front_end: MeteringFrontEnd, nameplate: Nameplate, now_ns: int) -> None:
        front_end.configure(
            nameplate.wiring,
            nameplate.start_power_uw,
            nameplate.pulse_energy_nwh,
            nameplate.summation,
            nameplate.s0_energy_nwh,
        )
        self._front_end = front_end
        self._nameplate = nameplate
        self._chain = RegisterChain(front_end, now_ns)
        self._listeners: list[Signal] = []

    @property
    def watchdog_window_ns(self) -> tuple[int, int]:
        return S, 4 * MINUTE

    @property
    def live(self) -> LiveValues:
        return self._front_end.live()

    def mains_cycles(self, now_ns: int) -> int:
        return self._front_end.mains_cycles()

    def watch(self, kernel: Kernel, levels: Levels, passed: Signal) -> None:
        self._listen(kernel, passed)
        self.watch_levels(levels)

    def watch_levels(self, levels: Levels) -> None:
        self._front_end.watch(levels)

    @property
    def instrumentation(self) -> Instrumentation:
        return Instrumentation(self._nameplate.wiring, self.live, self._front_end.waves())

    def spectrum(self) -> "Spectrum | None":
        """The IC has no registers for single harmonics."""
        return None

    def square_sums(self) -> SquareSums:
        return self._front_end.square_sums()

    def watch_excursions(self, kernel: Kernel, limits: ExcursionLimits, told: Signal) -> None:
        self._listen(kernel, told)
        self._front_end.watch_excursions(limits)

    def excursions(self) -> tuple[Excursion, ...]:
        return self._front_end.excursions()

    def each_window(self, told: Callable[[], None], cost: Cost) -> bool:
        return False

    def _listen(self, kernel: Kernel, signal: Signal) -> None:
        """Have a signal raised by the IC's interrupt, which does not say what it is for."""
        if not self._listeners:
            kernel.attach(InterruptSpec(Line.FRONT_END, exactly(100), _PASSED_SPACING_NS), self._interrupted)
        self._listeners.append(signal)

    def _interrupted(self, at_ns: int) -> None:
        for signal in self._listeners:
            signal.raise_at(at_ns)

    def add_tasks(self, kernel: Kernel, priority: int, accounting: Accounting) -> None:
        """None: the IC needs nobody between two readings."""

    def catch_up(self, accounting: Accounting, now_ns: int) -> None:
        accounting.energy(self._chain.advance(now_ns))

    def flush(self, accounting: Accounting, now_ns: int) -> None:
        self.catch_up(accounting, now_ns)
