"""The display of a running meter: where it stands in its lists, and what it draws."""

from typing import TYPE_CHECKING, Final

from firmware.display.button import Button, Press
from firmware.display.entries import Special, entry
from firmware.display.modes import Mode, Pace, Position, Stimulus
from firmware.display.page import Seen, Shows, page
from firmware.display.symbols import EVERY, Facts, lit
from firmware.registers.identity import Kind, Quantity
from firmware.registers.snapshot import Snapshot
from firmware.registers.states import single
from firmware.snapshot import snapshot
from firmware.status_word import status_word
from firmware.test_mode.registers import InTest, TestRegisters
from hal.inputs import Input

if TYPE_CHECKING:
    from firmware.core import Core

_ALARM: Final = single(Quantity.ALARM, Kind.STATE)
_STIMULI: Final = {Press.SHORT: Stimulus.SHORT, Press.LONG: Stimulus.LONG}


class Screen:
    """Times are monotonic ns."""

    def __init__(self, core: "Core") -> None:
        self._core = core
        self._position = Position(since_ns=core.kernel.now)
        self.programmed()

    def programmed(self) -> None:
        """Other lists and times may be in force; a button that is down was not pressed now."""
        config = self._core.config.display
        self._lists = {
            Mode.AUTOMATIC: config.automatic,
            Mode.STEPPED: config.automatic,
            Mode.MANUAL: config.manual,
            Mode.TEST: config.test,
        }
        self._pace = Pace(config.page_ns, config.timeout_ns)
        self._button = Button(config.long_press_ns, self._pressed)

    @property
    def _pressed(self) -> bool:
        return self._core.board.inputs.state(Input.DISPLAY_BUTTON)

    @property
    def button_moved(self) -> bool:
        """Whether the button is otherwise than when it was last looked at."""
        return self._pressed is not self._button.down

    @property
    def due_ns(self) -> int | None:
        """When a press that goes on is long."""
        return self._button.due_ns

    def test_mode(self, on: bool, now_ns: int) -> None:
        """The meter goes into test mode, or leaves it."""
        stimulus = Stimulus.TEST_BEGAN if on else Stimulus.TEST_ENDED
        self._position = self._position.after(stimulus, now_ns, self._pace)

    def look_at_button(self, now_ns: int) -> None:
        press = self._button.feed(self._pressed, now_ns)
        if press is not None:
            self._position = self._position.after(_STIMULI[press], now_ns, self._pace)

    def draw(self, now_ns: int) -> None:
        """Show what is to be seen now."""
        core = self._core
        core.metering.catch_up(core.accounting, now_ns)
        self._position = self._position.at(now_ns, self._pace)
        listed = self._lists[self._position.mode]
        shown = entry(listed[self._position.entry % len(listed)])
        relay = core.config.load_switch.relay
        whole = snapshot(core, core.clock.utc_s(now_ns))
        seen = Seen(
            self._tested(whole) if core.test_mode.on else whole,
            core.config.optical.device_address,
            None if relay is None else core.load_switch.supply,
        )
        for line, text in enumerate(page(shown, seen, core.config.display)):
            core.board.display.show(line, text)
        alarms = whole.find(_ALARM)
        facts = Facts(
            core.metering.live,
            core.config.nameplate.wiring.elements,
            core.limits.failed_uv.begins,
            core.config.nameplate.start_power_uw,
            core.tariff.rate,
            status_word(core),
            0 if alarms is None else alarms.value,
            core.load_switch.supply,
            core.load_switch.load_on,
        )
        core.board.display.light(EVERY if shown.special is Special.SEGMENTS else lit(facts, self._position.mode))

    def _tested(self, whole: Snapshot) -> Shows:
        """The energies are those of the test, all else is as it was."""
        core = self._core
        nameplate = core.programming.nameplate
        return InTest(
            whole, TestRegisters(whole.captured, core.test_mode.energies, nameplate.ct_ratio * nameplate.vt_ratio)
        )
