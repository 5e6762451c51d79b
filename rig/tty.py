"""A terminal device of a Linux host, by pyserial (extra `hil`); nothing else of the rig imports that."""

import array
import fcntl
import os
import termios

import serial

from hal.serial import LineSettings

_TRANSMITTER_EMPTY = 1
"""TIOCSER_TEMT of linux/serial.h."""


class SerialPortLost(Exception):
    """The device has gone: unplugged, or the other end of a pseudo-terminal closed. Names it."""


class Tty:
    """An open terminal device, never blocking. OSError, naming the path, if it can't be opened or another has it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._port = serial.Serial(path, timeout=0, write_timeout=0, exclusive=True)

    @property
    def pseudo(self) -> bool:
        """Whether it is a pseudo-terminal (Unix98 slaves have the major numbers 136 to 143)."""
        return 136 <= os.major(os.fstat(self.fileno()).st_rdev) <= 143

    def fileno(self) -> int:
        return int(self._port.fileno())

    def configure(self, settings: LineSettings) -> None:
        """Run at this speed and format, with errors marked (`rig.characters`)."""
        self._port.apply_settings(
            {"baudrate": settings.baud, "bytesize": settings.data_bits, "parity": settings.parity.value, "stopbits": 1}
        )
        # pyserial clears both whenever it sets anything.
        attributes = termios.tcgetattr(self.fileno())
        attributes[0] |= termios.INPCK | termios.PARMRK
        termios.tcsetattr(self.fileno(), termios.TCSANOW, attributes)

    def read(self) -> bytes:
        """What has arrived, as the driver hands it over; SerialPortLost."""
        try:
            return bytes(self._port.read(max(1, self._port.in_waiting)))
        except OSError as problem:
            raise SerialPortLost(f"{self.path}: {problem}") from problem

    def write(self, raw: bytes) -> int:
        """Hand over what the driver takes now; how many bytes it took. SerialPortLost."""
        try:
            return os.write(self.fileno(), raw)
        except BlockingIOError:
            return 0
        except OSError as problem:
            raise SerialPortLost(f"{self.path}: {problem}") from problem

    def empty(self) -> bool:
        """Whether the driver has nothing left to send, and the transmitter neither where the driver can tell."""
        if self._port.out_waiting:
            return False
        status = array.array("i", [_TRANSMITTER_EMPTY])
        try:
            fcntl.ioctl(self.fileno(), termios.TIOCSERGETLSR, status)
        except OSError:
            return True
        return bool(status[0] & _TRANSMITTER_EMPTY)

    def close(self) -> None:
        self._port.close()
