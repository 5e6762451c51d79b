"""What a processor and a port offer to faults."""

from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.processor import Busy, Idle, Line, ResetCause
from hal.serial import LineSettings, Parity
from hal.units import MS, S
from sim.devices.cpu import Cpu
from sim.devices.oscillator import Oscillator
from sim.devices.uart import LineFault, Uart
from sim.world import Phase, World


class Blinker:
    """Works a millisecond every ten, and counts what it did."""

    def __init__(self) -> None:
        self.ends: list[int] = []
        self.served: list[int] = []

    def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
        now = start_ns
        while True:
            now = yield Busy(500, 1_000)
            self.ends.append(now)
            now = yield Idle(now + 9 * MS)

    def interrupt(self, line: Line, at_ns: int) -> Busy:
        self.served.append(at_ns)
        return Busy(10, 10)


def blinking(seconds: int = 1) -> tuple[World, Cpu, Blinker]:
    world = World(1)
    cpu = Cpu(world, Oscillator(0), 1_000_000, world.stream("cpu.execution"))
    program = Blinker()
    world.at(0, Phase.WORLD, lambda: cpu.power_up(program, ResetCause.POWER_ON))
    return world, cpu, program


@pytest.mark.parametrize("at_ns", [200_000, 5 * MS])
def test_what_hangs_never_goes_on_and_serves_interrupts_all_the_same(at_ns: int) -> None:
    """In the middle of a stretch, and in its sleep: then the next stretch hangs."""
    world, cpu, program = blinking()
    world.at(at_ns, Phase.WORLD, cpu.hang)
    world.at(500 * MS, Phase.DEVICES, lambda: cpu.raise_line(Line.FLASH))
    world.run_until(S)
    assert len(program.ends) == (0 if at_ns < MS // 2 else 1)
    assert program.served == [500 * MS]
    assert cpu.hung == 1


def test_a_reset_ends_it() -> None:
    world, cpu, program = blinking()
    again = Blinker()

    def reset() -> None:
        cpu.power_down()
        cpu.power_up(again, ResetCause.WATCHDOG)

    world.at(5 * MS, Phase.WORLD, cpu.hang)
    world.at(500 * MS, Phase.WORLD, reset)
    world.run_until(S)
    assert len(program.ends) == 1
    assert len(again.ends) > 40


def test_what_is_off_can_not_hang() -> None:
    world = World(1)
    cpu = Cpu(world, Oscillator(0), 1_000_000, None)
    cpu.hang()
    program = Blinker()
    world.at(0, Phase.WORLD, lambda: cpu.power_up(program, ResetCause.POWER_ON))
    world.run_until(100 * MS)
    assert cpu.hung == 0
    assert program.ends


def test_stretches_take_their_share_of_the_worst_until_told_otherwise() -> None:
    world, cpu, program = blinking()
    world.at(100 * MS, Phase.WORLD, lambda: cpu.stretch(2_500))
    world.at(200 * MS, Phase.WORLD, lambda: cpu.stretch(1_000))
    world.run_until(300 * MS)
    spans = [after - before - 9 * MS for before, after in zip(program.ends, program.ends[1:], strict=False)]
    assert sum(span == 2_500_000 for span in spans) == cpu.stretched > 5
    assert all(500_000 <= span <= 1_000_000 for span in spans if span != 2_500_000)
    with pytest.raises(ValueError, match="thousandths"):
        cpu.stretch(999)


EVEN = LineSettings(9_600, 7, Parity.EVEN)
PLAIN = LineSettings(9_600, 8, Parity.NONE)


def line(settings: LineSettings) -> tuple[World, Uart, Uart]:
    world = World(1)
    near, far = (Uart(world, lambda: None, lambda: None) for _ in range(2))
    for port in (near, far):
        port.configure(settings)
    near.connect(far)
    return world, near, far


@pytest.mark.parametrize("settings", [EVEN, PLAIN])
def test_a_break_lets_nothing_through(settings: LineSettings) -> None:
    world, near, far = line(settings)
    far.corrupt(LineFault.BREAK)
    near.write(b"meter")
    world.run_until(S)
    got = far.read()
    assert (got.data, got.framing_errors, far.damaged) == (b"", 5, 5)
    far.clear()
    near.write(b"meter")
    world.run_until(2 * S)
    assert (far.read().data, far.damaged) == (b"meter", 5)


def test_wrong_parity_is_refused_by_who_checks_it_and_is_a_bit_to_who_does_not() -> None:
    world, near, far = line(EVEN)
    far.corrupt(LineFault.PARITY)
    near.write(b"meter")
    world.run_until(S)
    got = far.read()
    assert (got.data, got.parity_errors, far.damaged) == (b"", 5, 5)
    world, near, far = line(PLAIN)
    far.corrupt(LineFault.PARITY)
    near.write(b"meter")
    world.run_until(S)
    assert far.read().data == bytes(character ^ 0x80 for character in b"meter")


@given(st.integers(0, 1_000_000), st.binary(min_size=1, max_size=60))
def test_noise_damages_what_it_counts(flips_ppm: int, data: bytes) -> None:
    """Without parity every bit that flips is seen: as another character, or by the stop bit."""
    world, near, far = line(PLAIN)
    far.corrupt(LineFault.NOISE, world.stream("noise"), flips_ppm)
    heard: list[bytes] = []
    near.write(data)
    errors = 0
    for _ in data:
        world.run_until(world.now - (-10 * S // 9_600))
        got = far.read()
        errors += got.framing_errors
        heard.append(got.data)
    right = sum(got == bytes([sent]) for got, sent in zip(heard, data, strict=True))
    assert len(data) - right == far.damaged
    assert errors == sum(not got for got in heard)
    if flips_ppm == 0:
        assert far.damaged == 0
    if flips_ppm == 1_000_000:
        assert far.damaged == len(data)


def test_noise_needs_a_stream() -> None:
    _, _, far = line(EVEN)
    with pytest.raises(ValueError, match="needs a stream"):
        far.corrupt(LineFault.NOISE)
