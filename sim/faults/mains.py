"""Faults of the grid, and of how the meter is connected to it: all are overlays of the mains.

Their witness: at some instant what stood at the terminals of a powered meter was not what would have stood there
without the fault. They owe an event for each condition that a meter can see, once it has lasted, without a break, for
as long as the detectors take at the most.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Final

from firmware.events.codes import Event
from hal.frontend import Wiring
from hal.units import MINUTE, S
from sim.bench import Bench
from sim.faults.fault import Lasting
from sim.faults.owed import Owed
from sim.physics import overlays
from sim.physics.power import powers
from sim.physics.waves import Segment
from sim.scenario import measuring_faults as tables
from sim.scenario.fault_base import FaultBase

_SURE_NS: Final = 20 * S
"""A condition that has lasted so much longer than its delay is one that a meter must have seen."""

_LOGGED_NS: Final = MINUTE
"""And it must have told after its delay and this."""

_SURE_PERMILLE: Final = 50
"""A voltage that is so far past a limit is past it for every meter."""

Told = tuple[Event, int | None]
"""An event and its detail."""


class _Overlaid(Lasting):
    """An overlay, from begin to end."""

    def __init__(self, given: FaultBase) -> None:
        super().__init__(given)
        self._since: dict[Told, int] = {}
        self._owed: dict[Told, int] = {}
        self._delay_ns = 0

    @abstractmethod
    def overlay(self) -> overlays.Overlay:
        """What it lays over the mains."""

    @property
    @abstractmethod
    def doing(self) -> str:
        """The effect, in words."""

    @abstractmethod
    def conditions(self, bench: Bench, without: Segment, seen: Segment) -> Mapping[Told, bool]:
        """Whether what a meter should tell of it holds, with these segments without the fault and with it."""

    def watch(self, bench: Bench) -> None:
        self._delay_ns = _slowest_ns(bench)
        bench.mains.subscribe(lambda _before, _after: self._changed(bench))
        self.on_settled(bench, lambda: self._changed(bench))

    def begin(self, bench: Bench) -> None:
        self._overlay = self.overlay()
        bench.mains.lay(self._overlay)
        self._changed(bench)

    def look(self, bench: Bench) -> None:
        self._changed(bench)
        self._hold(bench, {})

    def end(self, bench: Bench) -> None:
        bench.mains.lift(self._overlay)

    def _changed(self, bench: Bench) -> None:
        """Mains, power or the front end may be otherwise than before."""
        if not self.begun or self.over:
            return
        if not bench.board.cpu.powered:
            self._hold(bench, {})
            return
        without, seen = bench.mains.without(self._overlay), bench.mains.segment
        if without != seen:
            self.effect = self.doing
        blind = bench.board.front_end.disturbed.any
        self._hold(bench, {} if blind else self.conditions(bench, without, seen))

    def _hold(self, bench: Bench, conditions: Mapping[Told, bool]) -> None:
        """These hold from now on; those that held until now may have lasted."""
        now = bench.world.now
        for told, since in list(self._since.items()):
            if now - since >= self._delay_ns + _SURE_NS:
                self._owed.setdefault(told, since)
            if not conditions.get(told):
                del self._since[told]
        for told, holds in conditions.items():
            if holds:
                self._since.setdefault(told, now)

    def events(self) -> Sequence[Owed]:
        within_ns = self._delay_ns + _LOGGED_NS
        return [Owed(event, since, within_ns, detail) for (event, detail), since in self._owed.items()]


def _slowest_ns(bench: Bench) -> int:
    """The longest delay of any condition that the meter watches."""
    config = bench.setting.config.supervision
    return max(
        config.phase_delay_ns,
        config.voltage_delay_ns,
        config.neutral_delay_ns,
        config.sequence_delay_ns,
        config.reverse_delay_ns,
        config.current_delay_ns,
        config.crossed_delay_ns,
        config.frequency_delay_ns,
    )


def _levels(bench: Bench, segment: Segment) -> dict[int, int]:
    """Voltages in thousandths of the nominal one, by phase, 1 to 3, of the elements in use."""
    nominal_uv = bench.setting.config.nameplate.nominal_voltage_uv
    return {element + 1: segment.voltages[element].rms * 1_000 // nominal_uv for element in bench.wiring.elements}


def _there(bench: Bench, level: int) -> bool:
    """A voltage that is neither low nor high for any meter."""
    config = bench.setting.config.supervision
    most, least = config.voltage_high_permille, config.voltage_low_permille
    return least + _SURE_PERMILLE <= level <= most - _SURE_PERMILLE


def _told_of(bench: Bench, level: int) -> Event | None:
    """What a meter tells of a voltage of this level while another is there; None if it is too near to a limit."""
    config = bench.setting.config.supervision
    if level <= config.phase_failed_permille - _SURE_PERMILLE:
        return Event.PHASE_FAILED
    if config.phase_failed_permille + _SURE_PERMILLE <= level <= config.voltage_low_permille - _SURE_PERMILLE:
        return Event.VOLTAGE_LOW
    return None


def _lowered(bench: Bench, phases: Sequence[int], without: Segment, seen: Segment) -> Mapping[Told, bool]:
    """What is to be told of phases whose voltage was there without the fault, while another's still is."""
    before, now = _levels(bench, without), _levels(bench, seen)
    told: dict[Told, bool] = {}
    for phase in phases:
        if phase in now and _there(bench, before[phase]):
            event = _told_of(bench, now[phase])
            if event is not None:
                told[event, phase] = any(_there(bench, level) for other, level in now.items() if other != phase)
    return told


def _actives_uw(bench: Bench, segment: Segment) -> list[int]:
    return [element.active_fw // 10**9 for element in powers(segment, bench.wiring).elements]


def _clear_uw(bench: Bench) -> int:
    """A power, of one element, that no meter takes for nothing: a fiftieth of its rated one."""
    plate = bench.setting.config.nameplate
    return plate.nominal_voltage_uv * plate.rated_current_na // 10**9 // 50


def _numbers(phases: Sequence[int]) -> tuple[int, ...]:
    """Phases as the program counts them, from 0."""
    return tuple(phase - 1 for phase in phases)


def _names(phases: Sequence[int]) -> str:
    return ", ".join(f"L{phase}" for phase in phases)


class PhaseFail(_Overlaid):
    """A voltage that was there is gone."""

    given: tables.PhaseFail
    owes = (Event.PHASE_FAILED,)

    def overlay(self) -> overlays.Overlay:
        return overlays.PhasesLost(_numbers(self.given.phases))

    @property
    def doing(self) -> str:
        return "a voltage that was there is gone"

    def conditions(self, bench: Bench, without: Segment, seen: Segment) -> Mapping[Told, bool]:
        return _lowered(bench, self.given.phases, without, seen)


class VoltageFault(_Overlaid):
    """A voltage is told wrong; one that is told only a little wrong, or high, no meter can tell."""

    given: tables.VoltageFault
    owes = (Event.PHASE_FAILED, Event.VOLTAGE_LOW)

    def overlay(self) -> overlays.Overlay:
        phases = _numbers([self.given.phase])
        return overlays.Scaled(phases, self.given.to_permille, overlays.Layer.TRANSFORMERS)

    @property
    def doing(self) -> str:
        return f"the voltage of L{self.given.phase} was told wrong"

    def conditions(self, bench: Bench, without: Segment, seen: Segment) -> Mapping[Told, bool]:
        return _lowered(bench, [self.given.phase], without, seen)


class CurrentReversed(_Overlaid):
    """A current flowed through a transformer that is the wrong way round.

    With two elements a meter can't tell: one of their powers is negative at a low power factor, too.
    """

    given: tables.CurrentReversed
    owes = (Event.REVERSE_RUN,)

    def overlay(self) -> overlays.Overlay:
        return overlays.CurrentsReversed(_numbers(self.given.phases))

    @property
    def doing(self) -> str:
        return f"a current of {_names(self.given.phases)} flowed the wrong way round"

    def conditions(self, bench: Bench, without: Segment, seen: Segment) -> Mapping[Told, bool]:
        if bench.wiring is Wiring.THREE_PHASE_THREE_WIRE:
            return {}
        before, now, levels = _actives_uw(bench, without), _actives_uw(bench, seen), _levels(bench, seen)
        least = _clear_uw(bench)
        return {
            (Event.REVERSE_RUN, phase): before[phase - 1] >= least
            and now[phase - 1] <= -least
            and _there(bench, levels[phase])
            for phase in self.given.phases
        }


class CurrentsCrossed(_Overlaid):
    """Two currents that differ were exchanged.

    A meter can tell it by a load near unity in all three phases: two of them go 120 degrees astray.
    """

    given: tables.CurrentsCrossed
    owes = (Event.CURRENTS_CROSSED,)

    def overlay(self) -> overlays.Overlay:
        first, second = _numbers(self.given.phases)
        return overlays.CurrentsCrossed(first, second)

    @property
    def doing(self) -> str:
        return f"the currents of {_names(self.given.phases)} were exchanged"

    def conditions(self, bench: Bench, without: Segment, seen: Segment) -> Mapping[Told, bool]:
        first, second = sorted(self.given.phases)
        least = _clear_uw(bench)
        whole = bench.wiring is Wiring.THREE_PHASE_FOUR_WIRE and all(
            _there(bench, level) for level in _levels(bench, seen).values()
        )
        upright = all(
            abs(element.reactive_fvar) * 4 <= element.active_fw and element.active_fw // 10**9 >= least
            for element in powers(without, bench.wiring).elements
        )
        return {(Event.CURRENTS_CROSSED, 10 * first + second): whole and upright}


class SequenceReversed(_Overlaid):
    """Two phases with a voltage were exchanged."""

    given: tables.SequenceReversed
    owes = (Event.SEQUENCE_REVERSED,)

    def overlay(self) -> overlays.Overlay:
        return overlays.SequenceSwapped()

    @property
    def doing(self) -> str:
        return "the field turned the other way"

    def conditions(self, bench: Bench, without: Segment, seen: Segment) -> Mapping[Told, bool]:
        there = all(_there(bench, level) for level in _levels(bench, seen).values())
        return {(Event.SEQUENCE_REVERSED, None): there}


class NeutralLost(_Overlaid):
    """The star point moved, or the neutral's current stopped: without a load on the neutral, nothing happens.

    It owes its event if the voltages then differ so much that every meter can tell.
    """

    given: tables.NeutralLost
    owes = (Event.NEUTRAL_LOST,)

    def overlay(self) -> overlays.Overlay:
        return overlays.NeutralLost()

    @property
    def doing(self) -> str:
        return "the star point floated"

    def conditions(self, bench: Bench, without: Segment, seen: Segment) -> Mapping[Told, bool]:
        config = bench.setting.config.supervision
        sound = all(_there(bench, level) for level in _levels(bench, without).values())
        levels = _levels(bench, seen).values()
        apart = (
            min(levels) <= config.voltage_low_permille - _SURE_PERMILLE
            and max(levels) >= config.voltage_high_permille + _SURE_PERMILLE
        )
        return {(Event.NEUTRAL_LOST, None): sound and apart}


class FrequencyWrong(_Overlaid):
    """The grid ran at another frequency while it had a voltage.

    It owes its event beyond what the meter is configured for, and a hundredth more to be sure.
    """

    given: tables.FrequencyWrong
    owes = (Event.FREQUENCY_OUT_OF_RANGE,)

    def overlay(self) -> overlays.Overlay:
        return overlays.FrequencyForced(self.given.frequency_uhz)

    @property
    def doing(self) -> str:
        return "the grid ran at another frequency"

    def conditions(self, bench: Bench, without: Segment, seen: Segment) -> Mapping[Told, bool]:
        rated, limit = bench.setting.config.nameplate.frequency_uhz, bench.setting.config.supervision
        away = abs(seen.frequency_uhz - rated) * 1_000 > (limit.frequency_permille + 10) * rated
        there = any(_there(bench, level) for level in _levels(bench, seen).values())
        return {(Event.FREQUENCY_OUT_OF_RANGE, None): away and there}
