"""Faults of the optical port. The meter's receiver and the reader's see the same line.

They owe no event: a disturbed character is asked for again, or the session ends; `FrameRefused` records tell of it.
"""

from sim.bench import Bench
from sim.devices.uart import LineFault, Uart
from sim.faults.fault import Lasting
from sim.scenario import processor_faults as tables


class _Line(Lasting):
    """Both ports of the line, from begin to end. The witness: characters that came in otherwise than they were sent."""

    how: LineFault
    flips_ppm = 0

    def _ports(self, bench: Bench) -> tuple[Uart, Uart]:
        return bench.board.optical, bench.head.uart

    def _damaged(self, bench: Bench) -> int:
        return sum(port.damaged for port in self._ports(bench))

    def begin(self, bench: Bench) -> None:
        self._before = self._damaged(bench)
        for port, name in zip(self._ports(bench), ("meter", "head"), strict=True):
            port.corrupt(self.how, bench.world.stream(f"fault.{self.id}.{name}"), self.flips_ppm)

    def look(self, bench: Bench) -> None:
        hit = self._damaged(bench) - self._before
        if hit:
            self.effect = f"{hit} characters came in otherwise than they were sent"

    def end(self, bench: Bench) -> None:
        for port in self._ports(bench):
            port.clear()


class UartNoise(_Line):
    """A character was hit. Not detectable as such: noise is what retries are for."""

    given: tables.UartNoise
    how = LineFault.NOISE

    def __init__(self, given: tables.UartNoise) -> None:
        super().__init__(given)
        self.flips_ppm = given.flips_ppm


class UartBreak(_Line):
    """A character was lost. Not detectable as such: to the meter a break is a reader that has gone."""

    given: tables.UartBreak
    how = LineFault.BREAK


class UartParity(_Line):
    """A character was hit. Not detectable as such: to the meter it is a reader that speaks another format."""

    given: tables.UartParity
    how = LineFault.PARITY
