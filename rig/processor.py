"""The host as a meter's processor: drives a program on the monotonic clock and `selectors`.

One thread, one loop. A turn waits for a file descriptor, a timer of a device, or the program's own wake-up; then the
devices' handlers run, then the interrupts that they raised are served, then the program goes on. `Busy` takes as long
as the host took for it: after a turn that does not wait, the program is resumed with the instant that it is now.

An instant that the program sees is never before the one that it asked for. How much later it is, the host decides.
"""

import enum
import selectors
import time
from collections.abc import Callable, Generator
from typing import Final

from hal.processor import Busy, Idle, Program, ResetCause
from rig.timers import Timer, Timers

NOMINAL_HZ: Final = 80_000_000
"""What declared cycles are converted with: a Cortex-M4 of the class that meters use. The host is faster."""

_S: Final = 1_000_000_000


class ProcessorReset(Exception):
    """The watchdog has reset the program: its life is over. A new one needs a new processor and new devices."""

    def __init__(self, cause: ResetCause, at_ns: int, reason: str) -> None:
        super().__init__(f"reset by {cause.value} at {at_ns} ns (monotonic): {reason}")
        self.cause = cause
        self.at_ns = at_ns


class ProcessorError(Exception):
    """The processor was driven in a way that it does not allow."""


class HostProcessor:
    """One life of a processor: `boot` a program, `run` it in stretches, `power_down`. The clock starts at 0 with it."""

    def __init__(self, hz: int = NOMINAL_HZ, reset_cause: ResetCause = ResetCause.POWER_ON) -> None:
        if hz < 1:
            raise ValueError(f"a processor of {hz} Hz does nothing")
        self._hz = hz
        self._reset_cause = reset_cause
        self._origin = time.monotonic_ns()
        self._timers = Timers()
        self._selector = selectors.DefaultSelector()
        self._raised: list[enum.Enum] = []
        self._program: Program | None = None
        self._running: Generator[Busy | Idle, int, None] | None = None
        self._request: Busy | Idle | None = None
        self._reset: ProcessorReset | None = None
        self._stopping = False
        self._powered = True

    # What the HAL asks for.

    @property
    def hz(self) -> int:
        return self._hz

    @property
    def reset_cause(self) -> ResetCause:
        return self._reset_cause

    def now(self) -> int:
        return time.monotonic_ns() - self._origin

    @property
    def powered(self) -> bool:
        """Whether its life goes on."""
        return self._powered

    # What devices use; never from another thread.

    def at(self, instant_ns: int, action: Callable[[], None]) -> Timer:
        """Run `action` between two steps of the program, at a monotonic instant or as soon after it as the host can."""
        return self._timers.at(instant_ns, action)

    def watch(self, fd: int, readable: Callable[[], None]) -> None:
        """Run `readable` in each turn that finds something to read on a file descriptor."""
        self._selector.register(fd, selectors.EVENT_READ, readable)

    def unwatch(self, fd: int) -> None:
        """Stop to watch it; to be called before it is closed. No effect once the processor is off."""
        if self._powered:
            self._selector.unregister(fd)

    def interrupt(self, line: enum.Enum) -> None:
        """Raise a line. The program serves it between two of its steps; raised twice before, it is served once."""
        if line not in self._raised:
            self._raised.append(line)

    def reset(self, cause: ResetCause, reason: str) -> None:
        """End the program's life after the step that runs now: `run` raises a ProcessorReset."""
        if self._reset is None:
            self._reset = ProcessorReset(cause, self.now(), reason)

    # What a composition uses.

    def boot(self, program: Program) -> None:
        """Give it its program, once; `run` starts it."""
        if self._program is not None:
            raise ProcessorError("the processor has a program; a new life needs a new processor")
        self._program = program

    def run(self, until_ns: int | None = None) -> None:
        """Run the program until a monotonic instant (None: until `stop`), or until it returns; `run` again goes on.

        ProcessorReset if the watchdog bites. What the program, or a device's handler, raises comes out here.
        """
        program = self._program
        if program is None or not self._powered:
            raise ProcessorError("the processor has no program" if self._powered else "the processor is off")
        self._stopping = False
        if self._running is None:
            self._running = program.run(self.now())
            self._step(self._running, None)
        while not self._stopping and self._request is not None:
            wake_ns = self._wake_ns(self._request)
            woken = self._turn(program, _earliest(wake_ns, until_ns))
            now = self.now()
            if woken or (wake_ns is not None and wake_ns <= now):
                self._step(self._running, now)
            if until_ns is not None and until_ns <= now:
                return

    def stop(self) -> None:
        """End `run` after this turn; a task, a handler or a probe may call it."""
        self._stopping = True

    def power_down(self) -> None:
        """End the program's life: its `finally` blocks run, and what they raise comes out here."""
        if not self._powered:
            return
        self._powered = False
        self._selector.close()
        running, self._running = self._running, None
        if running is not None:
            running.close()

    # The loop.

    @staticmethod
    def _wake_ns(request: Busy | Idle) -> int | None:
        """When the program goes on if nothing else happens; work is over as soon as it is asked for."""
        return request.until if isinstance(request, Idle) else 0

    def _turn(self, program: Program, latest_ns: int | None) -> bool:
        """Wait, let devices act, serve interrupts; whether there were any."""
        deadline = _earliest(latest_ns, self._timers.next_ns())
        if deadline is None:
            timeout = None
        else:
            timeout = max(0, deadline - self.now()) / _S
        if self._raised:
            timeout = 0
        for key, _ in self._selector.select(timeout):
            key.data()
        self._timers.run_due(self.now())
        self._check_reset()
        raised, self._raised = self._raised, []
        for line in sorted(raised, key=_priority):
            program.interrupt(line, self.now())
        self._check_reset()
        return bool(raised)

    def _step(self, running: Generator[Busy | Idle, int, None], now: int | None) -> None:
        try:
            self._request = next(running) if now is None else running.send(now)
        except StopIteration:
            self._request = None
        self._check_reset()

    def _check_reset(self) -> None:
        if self._reset is not None:
            reset = self._reset
            self.power_down()
            raise reset


def _priority(line: enum.Enum) -> int:
    """Lines that fall on one turn go in the order in which their enum declares them."""
    return list(type(line)).index(line)


def _earliest(first: int | None, second: int | None) -> int | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first, second)
