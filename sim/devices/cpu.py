"""The CPU: drives a program through virtual time.

The program says what it does (`Busy`, `Idle`), the CPU says how long that lasts. Cycles between best and worst are
drawn from a named stream, or always the worst. An interrupt that falls into a busy stretch runs at once, and the
stretch ends later by what it cost; one that falls into sleep ends the sleep when it has been served.

All instants that the program sees are counts of the CPU's oscillator. They are kept as they were computed, not read
back from true time, so that rounding never adds up. A true nanosecond holds one count, none, or two; so that the
program's own order of counts holds whatever the oscillator's error:

- An interrupt at the true instant at which a stretch ends comes at the count at which it ends, before the program.
- An interrupt at the count at which the program has just gone on, which is one that it caused itself or that falls on
  the same count, comes one count later. So whatever a dispatch has not seen is at least a tick younger.

Two things can go wrong with a program: a stretch that never ends (`hang`), and stretches that take longer than their
worst (`stretch`). Interrupts are served all the same.
"""

from collections.abc import Callable, Generator
from enum import Enum
from inspect import GEN_RUNNING, getgeneratorstate
from typing import Final

from hal.processor import Busy, Idle, Program, ResetCause
from sim.devices.oscillator import Oscillator
from sim.world import Phase, Stream, World

_FIRMWARE = Phase.FIRMWARE

_WHOLE: Final = 1_000


class Cpu:
    """A processor without a program, until `power_up`. `hz` cycles take a second of its oscillator."""

    def __init__(self, world: World, oscillator: Oscillator, hz: int, execution: Stream | None) -> None:
        """`execution` draws the cycles of each busy stretch; None takes the worst always."""
        if hz < 1:
            raise ValueError(f"a CPU of {hz} Hz does nothing")
        self.hz = hz
        self._cycle_ns = 0 if 1_000_000_000 % hz else 1_000_000_000 // hz
        """A cycle, if it is a whole number of ns."""
        self.oscillator = oscillator
        self.reset_cause = ResetCause.POWER_ON
        self.busy_ns = 0
        """CPU time spent since the start, over all lives."""
        self.wakes: dict[str, int] = {"timer": 0}
        """How often it left sleep, by cause."""
        self.world = world
        self._execution = execution
        self._run: _Run | None = None
        self._pending: list[Enum] = []
        """Lines that have been raised at this instant and are not served yet."""
        self.stretched = 0
        """Stretches that have taken longer than their worst since the start."""
        self.hung = 0
        """Stretches that never ended."""
        self._permille = _WHOLE
        oscillator.follow(self._retime)

    def now(self) -> int:
        """The count of the oscillator at this instant."""
        return self.oscillator.mono_at(self.world.now) if self._run is None else self._run.count()

    @property
    def powered(self) -> bool:
        return self._run is not None

    def spent_ns(self) -> int:
        """CPU time spent until this instant, over all lives: of the stretch that runs, only what has passed."""
        return self.busy_ns if self._run is None else self.busy_ns - self._run.ahead_ns()

    def power_up(self, program: Program, cause: ResetCause) -> None:
        """Reset: the count starts at 0, the program at its beginning, in the firmware phase of this instant.

        RuntimeError if a program runs; `power_down` ends it.
        """
        if self._run is not None:
            raise RuntimeError("the CPU is powered already")
        self.oscillator.restart(self.world.now)
        self.reset_cause = cause
        self._run = _Run(self, program)

    def power_down(self) -> None:
        """Stop within this instant, whatever runs. What the program's `finally` blocks raise comes out here.

        A program that brings it about itself, by a kick of the watchdog, is stopped at its next yield.
        """
        run, self._run = self._run, None
        self._pending.clear()
        if run is not None:
            self.busy_ns -= run.ahead_ns()
            run.end()

    def raise_line(self, line: Enum) -> None:
        """A device raises a line; it is served in the interrupts' phase of this instant, unless power is gone by then.
        Without power nobody hears it.

        Lines that fall on one instant are served in the order in which their enum declares them, each once.
        """
        if self._run is None:
            return
        pending = self._pending
        if not pending:
            self.world.at(self.world.now, Phase.INTERRUPTS, self._serve)
        if line not in pending:
            pending.append(line)

    def _serve(self) -> None:
        pending = self._pending.copy()
        self._pending.clear()
        if len(pending) > 1:
            pending.sort(key=_rank)
        for line in pending:
            self.interrupt(line)

    def interrupt(self, line: Enum) -> None:
        """Serve a line now, in the interrupts' phase: before the firmware goes on. Without power nobody hears it."""
        if self._run is not None:
            self._run.interrupt(line)

    def hang(self) -> None:
        """The stretch that runs, or the next one, never ends: a task in an endless loop. Only a reset helps.

        Without power nothing happens. In the world's phase.
        """
        if self._run is not None:
            self._run.hang()

    @property
    def hangs(self) -> bool:
        """Whether what runs, or the next thing that runs, never ends."""
        return self._run is not None and self._run.hangs

    def stretch(self, permille: int) -> None:
        """From now on each stretch takes this share of its worst, in thousandths; 1000 makes all as declared again.
        ValueError for less."""
        if permille < _WHOLE:
            raise ValueError(f"a stretch can't be made to take {permille} thousandths of its worst")
        self._permille = permille

    def _retime(self) -> None:
        if self._run is not None:
            self._run.retime()

    def duration(self, busy: Busy) -> int:
        """How long a stretch of cycles takes this time, in ns of the oscillator, rounded up. It is counted as busy."""
        cycles = busy[1]
        if self._execution is not None and busy[0] != cycles:
            cycles = self._execution.between(busy[0], cycles)
        if self._permille != _WHOLE:
            cycles = -(-busy[1] * self._permille // _WHOLE)
            self.stretched += cycles > busy[1]
        took = cycles * self._cycle_ns if self._cycle_ns else -(-cycles * 1_000_000_000 // self.hz)
        if took < 0:
            raise ValueError(f"the program would be busy for {cycles} cycles")
        self.busy_ns += took
        return took


def _rank(line: Enum) -> int:
    return list(type(line)).index(line)


class _Run:
    """A program from power-up to power loss. Once it has ended, a wake-up that is still outstanding does nothing."""

    def __init__(self, cpu: Cpu, program: Program) -> None:
        self._cpu = cpu
        self._wakes = cpu.wakes
        self._world = cpu.world
        self._oscillator = cpu.oscillator
        self._true_of = cpu.oscillator.true_of
        self._duration = cpu.duration
        self._at = cpu.world.at
        self._leap = cpu.world.leap
        self._program = program
        self._steps: Generator[Busy | Idle, int, None] | None = None
        self._go_on: Callable[[int], Busy | Idle] = self._begin
        self._ended = False
        self._cursor = -1
        """The count at which the program last went on."""
        self._until = 0
        """The count at which it goes on next, if no interrupt comes between; at `_due`, or never."""
        self._due: int | None = cpu.world.now
        self._sleeping = False
        self._hanging = False
        """The next stretch never ends."""
        self._served = 0
        """What interrupts in this stretch have cost, in ns; not in `_until` yet."""
        self._armed: list[int] = []
        """True instants of outstanding wake-ups, the last comes first."""
        self._wake_up = self._wake
        self._want(cpu.world.now)

    def count(self) -> int:
        """The count now; at the instant at which a stretch ends, the one at which it ends."""
        now = self._world.now
        at = self._oscillator.mono_at(now)
        return self._until if self._due == now and self._until < at else at

    def interrupt(self, line: Enum) -> None:
        if self._ended:
            return
        at = self.count()
        if at <= self._cursor and not self._sleeping:
            instant = self._true_of(self._cursor + 1)
            self._at(instant, Phase.INTERRUPTS, lambda: self.interrupt(line))
            return
        self._served += self._duration(self._program.interrupt(line, at))
        if self._sleeping:
            self._sleeping = False
            self._wakes[line.value] = self._wakes.get(line.value, 0) + 1
            self._until = at
            self._due = self._world.now
            self._want(self._due)

    def ahead_ns(self) -> int:
        """Counted as busy, and still to come; less than nothing in a stretch that never ends."""
        return 0 if self._sleeping else self._until + self._served - self.count()

    def retime(self) -> None:
        """The oscillator runs at another frequency: the end of the stretch has moved."""
        if self._due is not None and self._due > self._world.now:
            self._due = self._true_of(self._until)
            self._want(self._due)

    def hang(self) -> None:
        now = self._world.now
        if not self._sleeping and self._due is not None and self._due > now:
            self._never_end()
        else:
            self._hanging = True

    @property
    def hangs(self) -> bool:
        return not self._ended and (self._hanging or self._due is None)

    def _never_end(self) -> None:
        """The stretch runs for ever; interrupts are served, and the program does not go on."""
        self._hanging = False
        self._due = None
        self._cpu.hung += 1

    def end(self) -> None:
        self._ended = True
        self._due = None
        if self._steps is not None and getgeneratorstate(self._steps) != GEN_RUNNING:
            self._steps.close()

    def _want(self, instant: int) -> None:
        """Be woken at a true instant. An outstanding wake-up that comes first serves as well: it arms the next."""
        armed = self._armed
        if not armed or instant < armed[-1]:
            armed.append(instant)
            self._at(instant, _FIRMWARE, self._wake_up)

    def _wake(self) -> None:
        """The end of a stretch may have come; let the program run on until it takes time again."""
        self._armed.pop()
        due = self._due
        if due is None:
            return
        now = self._world.now
        while due <= now or self._leap(due, _FIRMWARE):
            if self._served:
                # Interrupts fell into the stretch, or ended the sleep: it lasts longer by what they cost.
                self._until += self._served
                self._served = 0
            else:
                self._cursor = cursor = self._until
                if self._sleeping:
                    self._sleeping = False
                    self._wakes["timer"] += 1
                request = self._go_on(cursor)
                if self._ended:
                    self.end()
                    return
                if isinstance(request, Busy):
                    self._until = cursor + self._duration(request)
                    if self._hanging:
                        self._never_end()
                        return
                else:
                    self._sleeping = True
                    until = request.until
                    if until is None:
                        self._due = None
                        return
                    self._until = until if until > cursor else cursor
            now = due
            self._due = due = self._true_of(self._until)
        # As `_want` does, without the call.
        armed = self._armed
        if not armed or due < armed[-1]:
            armed.append(due)
            self._at(due, _FIRMWARE, self._wake_up)

    def _begin(self, start: int) -> Busy | Idle:
        """A generator's first step takes no value."""
        steps = self._steps = self._program.run(start)
        self._go_on = steps.send
        return next(steps)
