"""The reader's optical head against lines that say what no meter of ours would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hal.serial import LineSettings, Parity
from hal.units import MINUTE
from sim.devices.optical_head import Errand, OpticalHead, Outcome, Session
from sim.devices.uart import Uart
from sim.world import World


def held(errand: Errand, answer: bytes) -> list[Outcome]:
    """A session with a port that answers everything it hears with the same bytes."""
    world = World(1)
    heard = bytearray()

    def received() -> None:
        heard.extend(port.read().data)
        if heard.endswith(b"\r\n") and not port.sending():
            heard.clear()
            port.write(answer)

    port = Uart(world, received, lambda: None)
    port.configure(LineSettings(300, 7, Parity.EVEN))
    outcomes: list[Outcome] = []
    OpticalHead(world, port).begin(Session(errand, "0.1.0"), outcomes.append)
    world.run_until(10 * MINUTE)
    return outcomes


@pytest.mark.parametrize("errand", [Errand.READOUT, Errand.EXECUTE])
@pytest.mark.parametrize("baud_character", "5A:")
def test_a_session_ends_whatever_baud_character_noise_makes(errand: Errand, baud_character: str) -> None:
    (outcome,) = held(errand, f"/MBX{baud_character}METERBENCH\r\n".encode())
    assert outcome.problem


@given(st.sampled_from((Errand.READOUT, Errand.EXECUTE)), st.binary(max_size=40))
def test_a_session_ends_whatever_the_line_says(errand: Errand, answer: bytes) -> None:
    (outcome,) = held(errand, answer)
    assert outcome.problem
