"""The load switch of a meter: what its relay, limiter and load-control output do, and what the log says of it.

The relay is bistable: it stays where it is without power, and is driven to where it should be at boot. It moves at
once; a command is answered when the state is in flash. `look` goes through all that may change with what is measured,
with the tariff, with the button and with time.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from firmware.display.button import Button, Press
from firmware.events.codes import Event
from firmware.events.delayed import Delayed
from firmware.load_switch.config import LimiterConfig, LoadSwitchConfig, Monitored, OnOver, OnUnder, RelayConfig
from firmware.load_switch.disconnect import SupplyState, Transition, Trigger, transition
from firmware.load_switch.limiter import EmergencyProfile, Limiter
from firmware.load_switch.load_control import LoadControl, Override, wanted
from firmware.load_switch.state import LoadSwitchState
from firmware.save import SaveReason
from hal.frontend import Levels, LiveValues
from hal.inputs import Input
from hal.outputs import Output
from hal.probe import LoadControlled, SupplyControlled
from hal.units import HOUR, MINUTE, S

if TYPE_CHECKING:
    from firmware.core import Core

Done = Callable[[], None]

_EVENTS: Final = {
    SupplyState.DISCONNECTED: Event.SUPPLY_DISCONNECTED,
    SupplyState.CONNECTED: Event.SUPPLY_CONNECTED,
    SupplyState.READY_FOR_RECONNECTION: Event.SUPPLY_READY,
}

_CLOCK_LOOK_NS: Final = MINUTE
"""An emergency profile follows the civil clock, which may be set or slewed: it is held against it so often."""


class LoadSwitch:
    """`poke` is told when something has changed that `look` should see."""

    def __init__(self, core: "Core") -> None:
        self._core = core
        self._take(core.config.load_switch)
        self._state = LoadSwitchState()
        self._control: LoadControl | None = None
        self._limiter: Limiter | None = None
        self._unexpected: Delayed | None = None
        self._button: Button | None = None
        self._reconnected_ns: list[int] = []
        """When the limiter last closed the relay, within the last hour."""
        self.poke: Callable[[int], None] = lambda _now_ns: None

    def _take(self, config: LoadSwitchConfig) -> None:
        self._made = (config.relay, config.limiter, config.load_control)
        self._relay: RelayConfig | None = config.relay
        self._limit: LimiterConfig | None = config.limiter

    # What outlives a power cut

    def resume(self, kept: LoadSwitchState) -> None:
        """Go on from a save."""
        self._state = kept

    @property
    def state(self) -> LoadSwitchState:
        return self._state

    def start(self, now_ns: int) -> None:
        """The tasks begin: outputs are driven to where they should be."""
        if self._relay is not None:
            self._core.board.outputs.set(Output.RELAY, self._closed)
        self._start_parts(now_ns)

    def _start_parts(self, now_ns: int) -> None:
        core, config = self._core, self._core.config.load_switch
        if self._relay is not None:
            self._unexpected = Delayed(self._relay.unexpected_delay_ns, self._state.unexpected)
            self._button = Button(self._relay.manual_hold_ns, core.board.inputs.state(Input.DISPLAY_BUTTON))
        if self._limit is not None:
            self._limiter = Limiter(self._limit.over_ns, self._limit.under_ns, self._state.limited)
        if config.load_control is not None:
            control = config.load_control
            self._control = LoadControl(control.minimum_on_ns, control.minimum_off_ns, now_ns)

    def programmed(self, now_ns: int) -> None:
        """Other settings are in force. Durations begin anew, and what is on or off stays so; a limit that is no longer
        watched is no longer exceeded."""
        config = self._core.config.load_switch
        if (config.relay, config.limiter, config.load_control) == self._made:
            return
        control = self._control
        self._take(config)
        if not config.fitted:
            return
        if self._limit is None:
            self._limiter = None
            self._state = replace(self._state, limited=False, emergency_told=False)
        self._start_parts(now_ns)
        if control is not None and self._control is not None:
            self._control.on = control.on
        self._keep()
        self.poke(now_ns)

    @property
    def supply(self) -> SupplyState:
        return self._state.supply

    @property
    def load_on(self) -> bool:
        """Whether the load-control output is on."""
        return self._control is not None and self._control.on

    @property
    def _closed(self) -> bool:
        return self._state.supply is SupplyState.CONNECTED

    # What the front end has to watch

    @property
    def levels(self) -> Levels:
        """What must be passed for anything to begin or to end."""
        currents: tuple[int, ...] = ()
        powers: tuple[int, ...] = ()
        if self._relay is not None:
            began = self._unexpected_na
            currents += (began, began // 2)
        if self._limit is not None:
            above = (self._limit.threshold + 1, self._limit.emergency_threshold + 1)
            if self._limit.monitored is Monitored.CURRENT:
                currents += above
            else:
                powers += above
        return Levels(currents_na=currents, total_powers_uw=powers)

    @property
    def _unexpected_na(self) -> int:
        assert self._relay is not None
        return self._core.config.nameplate.rated_current_na * self._relay.unexpected_permille // 1_000

    # Commands; False, and nothing changed, for what this meter can't do now

    def disconnect(self, done: Done) -> bool:
        """Remote disconnection; one that is disconnected stays so."""
        return self._command(Trigger.REMOTE_DISCONNECT, (SupplyState.DISCONNECTED,), done)

    def reconnect(self, done: Done) -> bool:
        """Remote reconnection, or in modes without a direct one the release for it at the meter."""
        fine = (SupplyState.CONNECTED, SupplyState.READY_FOR_RECONNECTION)
        return self._command(Trigger.REMOTE_RECONNECT, fine, done)

    def _command(self, trigger: Trigger, fine: tuple[SupplyState, ...], done: Done) -> bool:
        if self._relay is None:
            return False
        made = transition(self._relay.mode, self.supply, trigger)
        if made is None and not (self.supply in fine and self._ever(trigger)):
            return False
        if made is not None:
            self._make(made)
        self._keep(done)
        return True

    def _ever(self, trigger: Trigger) -> bool:
        """Whether a trigger could have led to the state that there is."""
        assert self._relay is not None
        others = (transition(self._relay.mode, state, trigger) for state in SupplyState)
        return any(made is not None and made.ends is self.supply for made in others)

    def override(self, override: Override, done: Done) -> bool:
        """Switch the load-control output on or off, or let it follow the tariff again."""
        if self._control is None:
            return False
        self._state = replace(self._state, override=override)
        self._keep(done)
        self.poke(self._core.kernel.now)
        return True

    def emergency(self, profile: EmergencyProfile, done: Done) -> bool:
        """Take up an emergency profile in the place of the last one."""
        if self._limit is None:
            return False
        self._state = replace(self._state, emergency=profile)
        self._keep(done)
        self.poke(self._core.kernel.now)
        return True

    def _keep(self, done: Done = lambda: None) -> None:
        self._core.when_saved(done)
        self._core.save(SaveReason.COMMAND)

    # What changes by itself

    def due_ns(self, now_ns: int) -> int | None:
        """When `look` has something to do although nothing changes; monotonic."""
        parts = (self._button, self._limiter, self._control, self._unexpected)
        dues = [part.due_ns for part in parts if part is not None]
        if self._limit is not None:
            utc_ns = self._core.clock.utc_ns(now_ns)
            next_s = self._state.emergency.next_s(utc_ns // S, self._limit.heeded)
            dues.append(None if next_s is None else now_ns + min(max(next_s * S - utc_ns, 0), _CLOCK_LOOK_NS))
        return min((due for due in dues if due is not None), default=None)

    def look(self, live: LiveValues, now_ns: int) -> None:
        """Hold all that is watched against what is measured now."""
        before = self._state
        self._look_at_button(now_ns)
        self._look_at_limit(live, now_ns)
        self._look_at_consumption(live, now_ns)
        self._look_at_load(now_ns)
        if self._state != before:
            self._keep()

    def _look_at_button(self, now_ns: int) -> None:
        if self._button is None:
            return
        down = self._core.board.inputs.state(Input.DISPLAY_BUTTON)
        if self._button.feed(down, now_ns) is Press.LONG:
            self._trigger(Trigger.MANUAL_DISCONNECT if self._closed else Trigger.MANUAL_RECONNECT)

    def _look_at_limit(self, live: LiveValues, now_ns: int) -> None:
        limit, limiter = self._limit, self._limiter
        if limit is None or limiter is None:
            return
        core, state = self._core, self._state
        active = state.emergency.active(core.clock.utc_s(now_ns), limit.heeded)
        if active is not state.emergency_told:
            self._state = replace(state, emergency_told=active)
            began = Event.EMERGENCY_PROFILE_BEGAN if active else Event.EMERGENCY_PROFILE_ENDED
            core.log(began, state.emergency.number)
        if not live.alive:
            return
        threshold = limit.emergency_threshold if active else limit.threshold
        came = limiter.feed(_monitored(limit.monitored, live) > threshold, now_ns)
        if came is None:
            return
        self._state = replace(self._state, limited=came)
        core.log(Event.LIMIT_EXCEEDED if came else Event.LIMIT_KEPT, int(active))
        if came and limit.on_over is OnOver.DISCONNECT:
            self._trigger(Trigger.LOCAL_DISCONNECT)
        elif not came and limit.on_under is OnUnder.RECONNECT:
            self._reconnect_locally(limit, now_ns)

    def _reconnect_locally(self, limit: LimiterConfig, now_ns: int) -> None:
        """Close the relay, unless the limiter has done so too often of late."""
        recent_ns = [at_ns for at_ns in self._reconnected_ns if now_ns - at_ns < HOUR]
        if len(recent_ns) < limit.reconnections and self._trigger(Trigger.LOCAL_RECONNECT):
            recent_ns.append(now_ns)
        self._reconnected_ns = recent_ns

    def _look_at_consumption(self, live: LiveValues, now_ns: int) -> None:
        if self._unexpected is None or not live.alive:
            return
        least_na = self._unexpected_na // 2 if self._unexpected.there else self._unexpected_na
        flows = not self._closed and _monitored(Monitored.CURRENT, live) >= least_na
        came = self._unexpected.feed(flows, now_ns)
        if came is not None:
            self._state = replace(self._state, unexpected=came)
            self._core.log(Event.UNEXPECTED_CONSUMPTION if came else Event.UNEXPECTED_CONSUMPTION_ENDED)

    def _look_at_load(self, now_ns: int) -> None:
        config, core = self._core.config.load_switch.load_control, self._core
        if self._control is None or config is None:
            return
        if self._control.feed(wanted(self._state.override, core.tariff.rate, config.rates), now_ns):
            core.board.outputs.set(Output.LOAD_CONTROL, self._control.on)
            core.board.probe.publish(LoadControlled(self._control.on, core.clock.utc_s(now_ns)))

    def _trigger(self, trigger: Trigger) -> bool:
        """Whether it led anywhere."""
        assert self._relay is not None
        made = transition(self._relay.mode, self.supply, trigger)
        if made is not None:
            self._make(made)
        return made is not None

    def _make(self, made: Transition) -> None:
        core = self._core
        self._state = replace(self._state, supply=made.ends)
        core.board.outputs.set(Output.RELAY, self._closed)
        utc_s = core.clock.utc_s(core.kernel.now)
        core.board.probe.publish(SupplyControlled(made.letter, made.trigger.value, made.ends.name.lower(), utc_s))
        core.log(_EVENTS[made.ends], made.number)
        self.poke(core.kernel.now)


def _monitored(which: Monitored, live: LiveValues) -> int:
    if which is Monitored.IMPORT_POWER:
        return live.total.active_uw
    return max(phase.current_na for phase in live.phases)
