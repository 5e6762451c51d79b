"""The optical port: one session of IEC 62056-21 mode C at a time.

The machine in `protocols` says what bytes mean; here is what it leaves open: time (reaction, silence), the port's
speed, and the meter's answers. Half-duplex: what comes in while the meter sends is its own reflection, or noise, and is
dropped in the interrupt that tells of its last character's end, since a quick reader answers before the task has run.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firmware.comms.access import Access, Level
from firmware.comms.commands import Command, execute_command, write_command
from firmware.comms.log_book import ADDRESS as LOG_BOOK
from firmware.comms.log_book import BLOCK_ENTRIES, LogReading, error, selection
from firmware.comms.profile_book import ADDRESSES as PROFILES
from firmware.comms.profile_book import BLOCK_INTERVALS, ProfileReading
from firmware.comms.profile_book import error as profile_error
from firmware.comms.profile_book import selection as profile_selection
from firmware.comms.readout import read, readout
from firmware.core import Core
from firmware.events.codes import Event
from firmware.kernel.kernel import Kernel
from firmware.kernel.spec import Cost, InterruptSpec, Segment, Sporadic, TaskSpec, exactly
from firmware.kernel.task import Task
from firmware.save import SaveReason
from firmware.storage.flash_port import FlashPort
from hal.probe import FrameRefused
from hal.processor import Line
from hal.serial import LineSettings, Parity
from hal.units import MS, US
from protocols.iec62056_21 import (
    AuthenticationMethod,
    ErrorCode,
    Identification,
    MessageRejected,
    Send,
    SetBaud,
)
from protocols.iec62056_21.tariff_device import TariffDevice
from protocols.iec62056_21.tariff_events import (
    ExecuteCommand,
    NextBlockRequested,
    OperandRequested,
    PasswordGiven,
    ReadCommand,
    ReadoutRequested,
    SessionEnded,
    TariffEvent,
    WriteCommand,
)
from protocols.iec62056_21.timing import INTER_CHARACTER_MAX_NS, REACTION_MAX_NS

_RECEIVED = 1
_SENT = 2
_DURABLE = 4
_COST = Cost(2_000, 200_000)
"""Cycles to take characters in, up to building a whole readout, or to looking at so many entries of a log as a step
has; an estimate of ours."""

_SPACING_NS: Final = 50 * MS
"""Characters are taken in together; the shortest reaction time is 20 ms, and the longest 1.5 s, after the last of
them."""


_DEADLINE_NS: Final = 300 * MS
"""It takes what may be left of a save at power fail, which lets nobody else run; half as much would do without."""

_DURABLE_MOST_NS: Final = REACTION_MAX_NS - _DEADLINE_NS
"""An answer must begin within the longest reaction time; the task itself may take its own deadline to make it."""


@dataclass(slots=True)
class _Pending:
    """A command that is being made durable, and until when its answer can wait."""

    until_ns: int
    durable: bool = False


class OpticalSession:
    """The machine, its port and its clock."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._port = core.board.optical
        self._identify()
        self._level = Level.NONE
        self._denied = False
        self._pending: _Pending | None = None
        self._log: LogReading | ProfileReading | None = None
        self._log_in_blocks = False
        self._block_due = False
        """Its next block is to be sent, once the flash can be read."""
        self.poke: Callable[[int], None] = lambda _now_ns: None
        """Told when a change that an answer waits for can't be lost any more."""
        self._to_send: deque[Send] = deque()
        self._sending: Send | None = None
        self._quiet_since = 0
        self._configure(self._device.baud)

    def _identify(self) -> None:
        """Identity and passwords of the settings in force; between two sessions."""
        core, optical = self._core, self._core.config.optical
        self._optical = optical
        self._identification = Identification(optical.manufacturer, optical.baud_character, optical.identification)
        self._device = TariffDevice(self._identification, optical.device_address)
        passwords = {Level.PROGRAM: optical.password}
        for level, password in (
            (Level.ADJUST, optical.adjust_password),
            (Level.COMMAND, optical.command_password),
        ):
            if password is not None:
                passwords[level] = password
        self._access = Access(passwords, optical.tries, optical.lockout_s, core.board.entropy, core)

    def step(self, now_ns: int, *, readable: bool = False) -> None:
        """Take in what has come, and do what is due; what asks for the flash only while that is `readable`."""
        received = self._port.read()
        if self._sending is not None:
            if self._port.sending():
                return
            sent, self._sending = self._sending, None
            self._quiet_since = now_ns
            if sent.then is not None:
                self._configure(sent.then.baud)
        damaged = bool(received.parity_errors or received.framing_errors or received.overruns)
        if damaged:
            self._refused(f"{received.parity_errors} parity errors, {received.framing_errors} framing errors")
        if received.data:
            # Only characters keep a session alive: noise, or a reader at another speed, must not.
            self._quiet_since = now_ns
        if received.data or damaged:
            self._handle(self._device.receive(received.data, damaged=damaged), now_ns)
        self._time_out(now_ns)
        self._answer_pending(now_ns)
        if readable:
            self._look_through_log()
        if self._to_send and now_ns >= self._quiet_since + self._identification.reaction_min_ns:
            self._sending = self._to_send.popleft()
            self._port.write(self._sending.data)

    def sent(self) -> None:
        """In the interrupt: the last character has left, and what has come in so far was its own reflection."""
        self._port.read()

    def due_ns(self) -> int | None:
        """When `step` has something to do without anything coming in; None if never."""
        if self._sending is not None:
            return None
        if self._to_send:
            return self._quiet_since + self._identification.reaction_min_ns
        if self._pending is not None:
            return self._pending.until_ns
        if self._searching:
            return 0
        limits = [self._device.silence_limit_ns, INTER_CHARACTER_MAX_NS if self._device.receiving else None]
        shortest = min((limit for limit in limits if limit is not None), default=None)
        return None if shortest is None else self._quiet_since + shortest

    def _time_out(self, now_ns: int) -> None:
        if self._sending is not None or self._to_send or self._pending is not None or self._searching:
            return
        quiet = now_ns - self._quiet_since
        if self._device.receiving and quiet >= INTER_CHARACTER_MAX_NS:
            self._handle(self._device.character_timed_out(), now_ns)
        limit = self._device.silence_limit_ns
        if limit is not None and quiet >= limit:
            self._handle(self._device.timed_out(), now_ns)

    def _handle(self, events: list[TariffEvent], now_ns: int) -> None:
        for event in events:
            if isinstance(event, Send):
                self._to_send.append(event)
            elif isinstance(event, SetBaud):
                self._configure(event.baud)
            elif isinstance(event, MessageRejected):
                self._refused(f"{event.cause.value} {event.detail}".strip())
            else:
                answer = self._answer(event, now_ns)
                if answer is not None:
                    self._to_send.append(answer)

    def _answer(self, event: TariffEvent, now_ns: int) -> Send | None:
        device, core = self._device, self._core
        if isinstance(event, ReadoutRequested):
            core.metering.catch_up(core.accounting, now_ns)
            return device.send_readout(readout(core, core.clock.utc_s(now_ns)))
        if isinstance(event, OperandRequested):
            return device.send_operand(self._access.challenge())
        if isinstance(event, PasswordGiven):
            return self._authenticate(event, now_ns)
        if isinstance(event, ReadCommand) and event.address.startswith(LOG_BOOK):
            return self._read_log(event)
        if isinstance(event, ReadCommand) and event.address in PROFILES:
            return self._read_profile(event)
        if isinstance(event, ReadCommand):
            core.metering.catch_up(core.accounting, now_ns)
            wanted = [data_set.address for data_set in event.data_sets]
            found = read(core, core.clock.utc_s(now_ns), wanted)
            return device.send_data(found) if found else device.send_error(ErrorCode.COMMAND)
        if isinstance(event, WriteCommand):
            return self._carry_out(write_command(event.data_sets), event.data_sets[0].text, now_ns)
        if isinstance(event, ExecuteCommand):
            return self._carry_out(execute_command(event.data_sets), event.data_sets[0].text, now_ns)
        if isinstance(event, SessionEnded):
            self._level = Level.NONE
            self._log, self._block_due = None, False
            core.programming.upload.clear()
            if core.config.optical != self._optical:
                self._identify()
            return None
        if isinstance(event, NextBlockRequested):
            if self._log is None:
                return device.send_error(ErrorCode.COMMAND)
            self._block_due = True
            return None
        return None

    def _read_log(self, event: ReadCommand) -> Send | None:
        """Begin to look through a log; the answer follows when that is done."""
        zone = self._core.config.clock.zone
        asked = selection(event.data_sets[0], zone) if len(event.data_sets) == 1 else None
        if asked is None:
            return self._device.send_data(error(event.address))
        self._log = LogReading(asked, self._core.store.rings[asked.log.ring], zone)
        self._log_in_blocks = event.command_type.partial
        return None

    def _read_profile(self, event: ReadCommand) -> Send | None:
        """The same for a load profile."""
        zone, each = self._core.config.clock.zone, self._core.profile.each
        asked = profile_selection(event.data_sets[0], zone) if len(event.data_sets) == 1 else None
        if asked is None or PROFILES[event.address] >= len(each):
            return self._device.send_data(profile_error(event.address))
        self._log = ProfileReading(
            asked, each[PROFILES[event.address]], zone, self._core.config.tariff.sums
        )
        self._log_in_blocks = event.command_type.partial
        return None

    @property
    def _searching(self) -> bool:
        return self._log is not None and (self._block_due or not self._log.done)

    @property
    def wants_flash(self) -> bool:
        """Whether the next step has something to read in flash."""
        return self._searching

    def _look_through_log(self) -> None:
        """Some entries more of a log that is asked for; then the answer."""
        log = self._log
        if log is None or not self._searching:
            return
        if not log.done:
            log.step()
        if log.done:
            self._block_due = False
            self._to_send.append(self._log_block(log))

    def _log_block(self, log: LogReading | ProfileReading) -> Send:
        device, of_profile = self._device, isinstance(log, ProfileReading)
        most = BLOCK_INTERVALS if of_profile else BLOCK_ENTRIES
        if not log.left or (log.left > most and not self._log_in_blocks):
            return device.send_data((profile_error if of_profile else error)(log.address))
        lines, more = log.block(), log.left
        return device.send_block(lines) if more else device.send_data(lines)

    def _authenticate(self, event: PasswordGiven, now_ns: int) -> Send:
        """While programming is locked no try is judged, and none is logged: the log could be flushed by trying."""
        access, text = self._access, event.data_set.text
        if access.locked(now_ns):
            return self._device.send_break()
        known = access.proves if event.method is AuthenticationMethod.RESULT else access.knows
        self._level, self._denied = known(text, now_ns), False
        if self._level:
            self._core.log(Event.PROGRAMMING_OPENED, self._level)
            return self._device.accept()
        # A power cut must not give the tries back.
        self._core.save(SaveReason.COMMAND)
        self._core.log(Event.PASSWORD_WRONG)
        if access.locked(now_ns):
            self._core.log(Event.PROGRAMMING_LOCKED)
            return self._device.send_break()
        return self._device.refuse()

    def _carry_out(self, command: Command | None, text: str, now_ns: int) -> Send | None:
        """Begin a command. The answer waits until what it changes can't be lost any more."""
        device, core = self._device, self._core
        if command is None:
            return device.send_error(ErrorCode.COMMAND)
        if self._level < command.level:
            if not self._denied:
                self._denied = True
                core.log(Event.ACCESS_DENIED, self._level)
            return device.send_error(ErrorCode.PASSWORD)
        pending = _Pending(now_ns + _DURABLE_MOST_NS)

        def done() -> None:
            pending.durable = True
            self.poke(core.kernel.now)

        if not command.act(core, text, done):
            return device.send_error(ErrorCode.COMMAND)
        self._pending = pending
        return None

    def _answer_pending(self, now_ns: int) -> None:
        pending = self._pending
        if pending is None or not (pending.durable or now_ns >= pending.until_ns):
            return
        self._pending = None
        # Without an answer in time nobody listens any more; an error says that it is not known to be done.
        device = self._device
        self._to_send.append(device.acknowledge() if pending.durable else device.send_error(ErrorCode.COMMAND))

    def _refused(self, reason: str) -> None:
        self._core.board.probe.publish(FrameRefused("optical", reason))

    def _configure(self, baud: int) -> None:
        self._port.configure(LineSettings(baud, 7, Parity.EVEN))


class _Look:
    """Reading of flash by a task that does not wait for it: an erase is held up, and the task comes back when the part
    has become free."""

    def __init__(self, port: FlashPort) -> None:
        self._port = port
        self._open = False
        self.waits = False
        """The part was busy: the task is to come back."""

    def may_read(self, wanted: bool) -> bool:
        """Whether the part can be read until the task ends its job."""
        if not wanted:
            return False
        if not self._open:
            self._open = True
            self._port.open_batch()
        if self._port.flash.busy():
            self._port.flash.suspend()
        self.waits = self._port.flash.busy()
        return not self.waits

    def over(self, wanted: bool, now_ns: int) -> None:
        """The job is done; whether there is more to read."""
        if not wanted:
            self.waits = False
        if self._open and not self.waits:
            self._open = False
            self._port.close_batch(now_ns)


def add_optical(kernel: Kernel, priority: int, core: Core) -> None:
    flags = kernel.flags()
    session = OpticalSession(core)
    look = _Look(core.port)
    session.poke = lambda now_ns: flags.set(_DURABLE, now_ns)

    async def serve(task: Task) -> None:
        while True:
            due = session.due_ns()
            timeout = None if due is None else max(due - task.now, 0)
            if look.waits:
                timeout = _SPACING_NS
            await task.release_on(flags.any_of(_RECEIVED | _SENT | _DURABLE), timeout)
            await task.work(_COST)
            session.step(task.now, readable=look.may_read(session.wants_flash))
            look.over(session.wants_flash, task.now)

    kernel.add(TaskSpec("optical", priority, Sporadic(_SPACING_NS), _DEADLINE_NS, (Segment(_COST),)), serve)
    characters = InterruptSpec(Line.OPTICAL_RECEIVED, exactly(120), 500 * US)
    kernel.attach(characters, lambda at: flags.set(_RECEIVED, at))

    def sent(at_ns: int) -> None:
        session.sent()
        flags.set(_SENT, at_ns)

    kernel.attach(InterruptSpec(Line.OPTICAL_SENT, exactly(120), 500 * US), sent)
