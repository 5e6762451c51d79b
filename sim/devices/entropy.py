"""The true random generator: in a simulation, a named stream."""

from sim.world import Stream


class SeededEntropy:
    """Model of `hal.entropy.Entropy`."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, length: int) -> bytes:
        return self._stream.bits(8 * length).to_bytes(length, "little") if length else b""
