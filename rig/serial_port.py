"""A serial port of the host as the meter's: a UART with an optical head on it, or a pseudo-terminal."""

import enum
from typing import Final, Protocol

from hal.processor import Line
from hal.serial import LineSettings, Parity, Received
from rig.characters import (
    Characters,
    HardwareCharacters,
    PlainCharacters,
    SevenBitCharacters,
    parity_in_software,
)
from rig.processor import HostProcessor
from rig.senders import PacedSender, Sender, UartSender
from rig.timers import Timer
from rig.tty import Tty

INITIAL: Final = LineSettings(300, 7, Parity.EVEN)
"""How a port is set before the first `configure`: as a sign-on of IEC 62056-21 has it."""

_S: Final = 1_000_000_000


class Coding(Protocol):
    """What a kind of line makes of settings."""

    def of_driver(self, settings: LineSettings) -> LineSettings:
        """How the driver is to run."""

    def characters(self, settings: LineSettings) -> Characters: ...


class _PseudoTerminalCoding:
    def of_driver(self, settings: LineSettings) -> LineSettings:
        return LineSettings(settings.baud)

    def characters(self, settings: LineSettings) -> Characters:
        return PlainCharacters(settings)


class _UartCoding:
    def of_driver(self, settings: LineSettings) -> LineSettings:
        return LineSettings(settings.baud) if parity_in_software(settings) else settings

    def characters(self, settings: LineSettings) -> Characters:
        return SevenBitCharacters(settings) if parity_in_software(settings) else HardwareCharacters(settings)


class HostSerialPort:
    """Implements `hal.serial.SerialPort`. `Line.OPTICAL_RECEIVED` may stand for several characters that came together.

    Overruns of the host's driver are not counted.
    """

    def __init__(
        self,
        processor: HostProcessor,
        tty: Tty,
        coding: Coding,
        sender: Sender,
        received: enum.Enum = Line.OPTICAL_RECEIVED,
        sent: enum.Enum = Line.OPTICAL_SENT,
    ) -> None:
        self._processor = processor
        self._tty = tty
        self._coding = coding
        self._sender = sender
        self._received_line = received
        self._sent_line = sent
        self._arrived: list[Received] = []
        self._step_at: Timer | None = None
        self._settings = INITIAL
        self._characters = coding.characters(INITIAL)
        tty.configure(coding.of_driver(INITIAL))
        processor.watch(tty.fileno(), self._take)

    def configure(self, settings: LineSettings) -> None:
        self._take()
        self._settings = settings
        self._characters = self._coding.characters(settings)
        self._tty.configure(self._coding.of_driver(settings))

    def read(self) -> Received:
        arrived, self._arrived = self._arrived, []
        return Received(
            b"".join(part.data for part in arrived),
            sum(part.parity_errors for part in arrived),
            sum(part.framing_errors for part in arrived),
            sum(part.overruns for part in arrived),
        )

    def write(self, data: bytes) -> None:
        if not data:
            return
        bits = self._settings.character_bits
        character_ns = -(-bits * _S // self._settings.baud)
        self._sender.queue(self._characters.encode(data), character_ns, self._processor.now())
        if self._step_at is None:
            self._step()

    def sending(self) -> bool:
        return self._step_at is not None

    def close(self) -> None:
        """Give the device back; nothing may follow."""
        if self._step_at is not None:
            self._step_at.cancel()
        self._processor.unwatch(self._tty.fileno())
        self._tty.close()

    def _take(self) -> None:
        """Take what the driver has, in the format in which it came."""
        raw = self._tty.read()
        if raw:
            self._arrived.append(self._characters.decode(raw))
            self._processor.interrupt(self._received_line)

    def _step(self) -> None:
        following = self._sender.step(self._processor.now())
        if following is not None:
            self._step_at = self._processor.at(following, self._step)
            return
        self._step_at = None
        self._processor.interrupt(self._sent_line)


def pseudo_terminal(processor: HostProcessor, path: str) -> HostSerialPort:
    """A port on a pseudo-terminal: paced at the line's speed, without parity on the wire. OSError if it can't open."""
    return _on(processor, Tty(path), pseudo=True)


def uart(processor: HostProcessor, path: str) -> HostSerialPort:
    """A port on a UART of the host, with its optical head. OSError if it can't open."""
    return _on(processor, Tty(path), pseudo=False)


def open_port(processor: HostProcessor, path: str) -> HostSerialPort:
    """Whichever of the two the path names."""
    tty = Tty(path)
    return _on(processor, tty, tty.pseudo)


def _on(processor: HostProcessor, tty: Tty, pseudo: bool) -> HostSerialPort:
    try:
        if pseudo:
            return HostSerialPort(processor, tty, _PseudoTerminalCoding(), PacedSender(tty))
        return HostSerialPort(processor, tty, _UartCoding(), UartSender(tty))
    except BaseException:
        tty.close()
        raise
