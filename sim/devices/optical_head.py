"""A reader's optical head: in the world, opposite the meter's port, working through one session at a time.

It speaks IEC 62056-21 as a hand-held unit does: sign-on at 300 Bd, the speed that the meter offers, a readout or one
command in programming mode. It keeps the machine's times, as the owner of a machine must.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass

from hal.serial import LineSettings, Parity
from protocols.iec62056_21 import AuthenticationMethod, DataSet, MessageRejected, Mode, Send, SetBaud
from protocols.iec62056_21.commands import CommandType
from protocols.iec62056_21.reading_device import ReadingDevice
from protocols.iec62056_21.reading_events import (
    Acknowledged,
    DataReceived,
    DeviceError,
    Identified,
    OperandReceived,
    ReadingEvent,
    ReadoutReceived,
    SessionFailed,
)
from protocols.iec62056_21.timing import REACTION_MAX_NS, REACTION_MIN_NS
from sim.devices.uart import Uart
from sim.world import Phase, World

_PATIENCE_NS = 2 * REACTION_MAX_NS
"""How long it waits for the next character: the meter's longest reaction, and as much again for a slow one."""


class Errand(enum.Enum):
    """What a session is for."""

    READOUT = "readout"
    WRITE = "write"
    EXECUTE = "execute"
    READ = "read"
    """One read command, without a password, in partial blocks (R6)."""


@dataclass(frozen=True, slots=True)
class Command:
    """What is to be written or executed. `text` makes, at the instant when it is sent, the value."""

    errand: Errand
    address: str
    text: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Session:
    """One session: a readout; or a command as `Command` says, and `more` after it, each once the one before it is
    acknowledged."""

    errand: Errand
    address: str = ""
    text: Callable[[], str] = str
    password: str = ""
    more: tuple[Command, ...] = ()

    @property
    def commands(self) -> tuple[Command, ...]:
        return (Command(self.errand, self.address, self.text), *self.more)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a session: the data sets of a readout, or a problem in words."""

    started_ns: int
    ended_ns: int
    identification: str
    data_sets: tuple[DataSet, ...]
    problem: str | None


class OpticalHead:
    """A reader. Sessions that are asked for while one runs wait their turn."""

    def __init__(self, world: World, port: Uart) -> None:
        """`port` is the meter's; the head's own is put opposite to it."""
        self._world = world
        self.uart = Uart(world, self._heard, self._sent)
        self.uart.connect(port)
        self._waiting: list[tuple[Session, Callable[[Outcome], None]]] = []
        self._session: Session | None = None
        self._tell: Callable[[Outcome], None]
        self._device = ReadingDevice()
        self._started = 0
        self._identification = ""
        self._steps = 0
        self._then: SetBaud | None = None
        self._quiet = 0
        self._read: list[DataSet] = []

    def begin(self, session: Session, tell: Callable[[Outcome], None]) -> None:
        """Hold a session, and tell what came of it."""
        self._waiting.append((session, tell))
        if self._session is None:
            self._next()

    def _next(self) -> None:
        if not self._waiting:
            return
        self._session, self._tell = self._waiting.pop(0)
        self._device = ReadingDevice()
        self._started = self._world.now
        self._identification = ""
        self.uart.configure(LineSettings(self._device.baud, 7, Parity.EVEN))
        self.uart.read()
        self._send(self._device.sign_on())

    def _send(self, send: Send) -> None:
        """After the reaction time, which binds both sides; the silence that follows is watched."""
        session = self._session
        self._then = send.then

        def go() -> None:
            if session is self._session:
                self.uart.write(send.data)

        identified = self._device.identification
        pause = REACTION_MIN_NS if identified is None else identified.reaction_min_ns
        self._world.at(self._world.now + pause, Phase.DEVICES, go)

    def _sent(self) -> None:
        if self._then is not None:
            self.uart.configure(LineSettings(self._then.baud, 7, Parity.EVEN))
            self._then = None
        self.uart.read()
        self._watch()

    def _watch(self) -> None:
        self._quiet += 1
        quiet, session = self._quiet, self._session

        def look() -> None:
            # A break that was sent after a session is not the next one's silence.
            if quiet == self._quiet and session is not None and session is self._session:
                self._handle(self._device.timed_out())

        self._world.at(self._world.now + _PATIENCE_NS, Phase.DEVICES, look)

    def _heard(self) -> None:
        received = self.uart.read()
        if self._session is None or self.uart.sending():
            return
        self._watch()
        damaged = bool(received.parity_errors or received.framing_errors or received.overruns)
        self._handle(self._device.receive(received.data, damaged=damaged))

    def _handle(self, events: list[ReadingEvent]) -> None:
        for event in events:
            if isinstance(event, Send):
                self._send(event)
            elif isinstance(event, SetBaud):
                self.uart.configure(LineSettings(event.baud, 7, Parity.EVEN))
            elif isinstance(event, MessageRejected):
                continue
            else:
                self._go_on(event)

    def _go_on(self, event: ReadingEvent) -> None:
        session = self._session
        assert session is not None
        if isinstance(event, Identified):
            self._identification = event.identification.identification
            readout = session.errand is Errand.READOUT
            if event.identification.mode in (Mode.C, Mode.E):
                self._send(self._device.select_readout() if readout else self._device.select_programming())
            elif not readout:
                # Noise has hit the identification's baud character: nobody offers to be programmed.
                self._take_leave()
                self._end((), "the meter offers no option")
        elif isinstance(event, OperandReceived):
            self._steps = 0
            if session.errand is Errand.READ:
                self._read = []
                self._send(self._device.read(session.address, session.text(), CommandType.NATIONAL_PARTIAL))
                return
            self._send(self._device.authenticate(AuthenticationMethod.PASSWORD, session.password))
        elif isinstance(event, Acknowledged):
            self._acknowledged(session)
        elif isinstance(event, ReadoutReceived):
            self._end(event.data_sets, None)
        elif isinstance(event, DeviceError):
            self._take_leave()
            self._end((), f"the meter answers {event.code}")
        elif isinstance(event, SessionFailed):
            self._end((), event.cause.value)
        elif isinstance(event, DataReceived):
            self._read += event.data_sets
            if event.last:
                self._take_leave()
                self._end(tuple(self._read), None)

    def _take_leave(self) -> None:
        """The break, after the reaction time: the meter hears nothing before its own last character has left."""
        identified = self._device.identification
        pause = REACTION_MIN_NS if identified is None else identified.reaction_min_ns
        data = self._device.end().data
        self._world.at(self._world.now + pause, Phase.DEVICES, lambda: self.uart.write(data))

    def _acknowledged(self, session: Session) -> None:
        """First the password, then the commands."""
        self._steps += 1
        if self._steps > len(session.commands):
            self._take_leave()
            self._end((), None)
            return
        command = session.commands[self._steps - 1]
        data_set = DataSet.of(command.address, command.text())
        write = command.errand is Errand.WRITE
        self._send(self._device.write([data_set]) if write else self._device.execute(data_set))

    def _end(self, data_sets: tuple[DataSet, ...], problem: str | None) -> None:
        self._session = None
        self._quiet += 1
        self._tell(Outcome(self._started, self._world.now, self._identification, data_sets, problem))
        self._world.at(self._world.now + _PATIENCE_NS, Phase.DEVICES, self._resume)

    def _resume(self) -> None:
        if self._session is None:
            self._next()
