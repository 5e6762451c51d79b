"""A UART and the line between two: characters take their time, and formats must match.

What a receiver makes of a character that was sent in another format of the same speed and length is what the bits say:
an 8N1 port reads the parity bit of a 7E1 sender as its eighth bit, a 7E1 port checks the eighth bit of an 8N1 sender as
parity. At another speed it sees a framing error.
"""

import enum
from collections import deque
from collections.abc import Callable
from typing import Final

from hal.serial import LineSettings, Parity, Received
from sim.devices.stopwatch import Stopwatch
from sim.world import Phase, Stream, World


class LineFault(enum.Enum):
    """What can go wrong on the way to a receiver."""

    NOISE = "noise"
    """Bits flip at random: data, parity and stop bits alike."""
    BREAK = "break"
    """The line is held at space: whatever is sent arrives as a framing error."""
    PARITY = "parity"
    """The bit behind the data bits is inverted: the parity bit, where there is one."""


_MILLION: Final = 1_000_000


def _parity_bit(data: int, parity: Parity) -> int:
    ones = data.bit_count() & 1
    return ones if parity is Parity.EVEN else ones ^ 1


def _frame(character: int, settings: LineSettings) -> int:
    """The bits between start and stop bit, least significant first on the line."""
    data = character & ((1 << settings.data_bits) - 1)
    if settings.parity is Parity.NONE:
        return data
    return data | _parity_bit(data, settings.parity) << settings.data_bits


class Uart:
    """Model of `hal.serial.SerialPort`; a world's port, such as an optical head's, is one too."""

    def __init__(self, world: World, received: Callable[[], None], sent: Callable[[], None]) -> None:
        self.settings = LineSettings(300, 7, Parity.EVEN)
        self._world = world
        self._on_received = received
        self._on_sent = sent
        self.listener: Callable[[bytes], None] | None = None
        """Told what is written."""
        self._peer: Uart | None = None
        self._queue: deque[int] = deque()
        self._sending = False
        self._sent_for = Stopwatch()
        self._powered = True
        self._life = 0
        self._inbox = bytearray()
        self._parity_errors = 0
        self._framing_errors = 0
        self._overruns = 0
        self.damaged = 0
        """Characters that came in otherwise than they were sent, since the start."""
        self._fault: LineFault | None = None
        self._chance: Stream | None = None
        self._flips_ppm = 0

    def connect(self, peer: "Uart") -> None:
        """Put two ports face to face."""
        self._peer, peer._peer = peer, self

    def disconnect(self) -> None:
        if self._peer is not None:
            self._peer._peer = None
        self._peer = None

    # hal.serial.SerialPort

    def configure(self, settings: LineSettings) -> None:
        self.settings = settings

    def read(self) -> Received:
        received = Received(bytes(self._inbox), self._parity_errors, self._framing_errors, self._overruns)
        self._inbox.clear()
        self._parity_errors = self._framing_errors = self._overruns = 0
        return received

    def write(self, data: bytes) -> None:
        if self.listener is not None:
            self.listener(data)
        self._queue.extend(data)
        if not self._sending and self._queue:
            self._sending = True
            self._sent_for.start(self._world.now)
            self._send_next()

    def sending(self) -> bool:
        return self._sending

    def sent_for_ns(self) -> int:
        """For how long it has sent since the start."""
        return self._sent_for.total(self._world.now)

    # The world

    def power_down(self) -> None:
        """The port falls silent, and forgets."""
        self._powered = False
        self._life += 1
        self._queue.clear()
        self._sending = False
        self._sent_for.stop(self._world.now)
        self.read()

    def power_up(self) -> None:
        self._powered = True

    def corrupt(self, fault: LineFault, chance: Stream | None = None, flips_ppm: int = 0) -> None:
        """From now on damage what comes in; noise flips each bit with this chance, in millionths, drawn from a
        stream. ValueError for noise without one."""
        if fault is LineFault.NOISE and chance is None:
            raise ValueError("noise needs a stream to draw from")
        self._fault, self._chance, self._flips_ppm = fault, chance, flips_ppm

    def clear(self) -> None:
        """What comes in is what was sent, again."""
        self._fault = self._chance = None

    def _send_next(self) -> None:
        """Put one character on the line; it is there when its stop bit has left."""
        settings = self.settings
        frame = _frame(self._queue.popleft(), settings)
        ends = self._world.now + -(-settings.character_bits * 1_000_000_000 // settings.baud)
        life = self._life

        def sent() -> None:
            if life != self._life:
                return
            if self._peer is not None:
                self._peer._arrive(frame, settings)
            if self._queue:
                self._send_next()
            else:
                self._sending = False
                self._sent_for.stop(self._world.now)
                self._on_sent()

        self._world.at(ends, Phase.DEVICES, sent)

    def _arrive(self, frame: int, sender: LineSettings) -> None:
        if not self._powered:
            return
        mine = self.settings
        frame, whole = self._damaged(frame, sender)
        if not whole or sender.baud != mine.baud or sender.character_bits != mine.character_bits:
            self._framing_errors += 1
        elif mine.parity is Parity.NONE:
            self._inbox.append(frame & 0xFF)
        else:
            data = frame & ((1 << mine.data_bits) - 1)
            if frame >> mine.data_bits & 1 != _parity_bit(data, mine.parity):
                self._parity_errors += 1
            else:
                self._inbox.append(data)
        self._on_received()

    def _damaged(self, frame: int, sender: LineSettings) -> tuple[int, bool]:
        """What is left of a character on its way, and whether its stop bit came through."""
        if self._fault is None:
            return frame, True
        behind = sender.character_bits - 2
        if self._fault is LineFault.BREAK:
            self.damaged += 1
            return 0, False
        flips = 0
        if self._fault is LineFault.PARITY:
            flips = 1 << (behind - 1)
        elif self._chance is not None:
            for bit in range(behind + 1):
                flips |= (self._chance.below(_MILLION) < self._flips_ppm) << bit
        self.damaged += flips != 0
        return (frame ^ flips) & ((1 << behind) - 1), not flips >> behind
