"""All conditions of the voltages, the currents and the front end that the meter logs, each with its delay.

Bits of the mask of conditions are kept in flash: their order is for ever, and new ones go to the end.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from firmware.config import SupervisionConfig
from firmware.events.codes import Event
from firmware.events.currents import current_without_voltage, currents_crossed, over_current
from firmware.events.delayed import Delayed, Seen
from firmware.events.frequency import out_of_range
from firmware.events.front_end import channel_failed, stopped
from firmware.events.limits import Limits
from firmware.events.neutral import neutral_lost
from firmware.events.phase import phase_failed, voltage_high, voltage_low
from firmware.events.reverse import reverse_run, reverse_run_total
from firmware.events.sequence import sequence_reversed
from hal.frontend import CHANNELS, LiveValues

PHASE_BITS = 0b111
REVERSE_BITS = 0b1111 << 9
FRONT_END_BITS = 0xFF << 19
"""Of the mask: a phase has failed, energy runs in reverse, the front end or one of its channels has failed."""

_CURRENTS = 3
"""The first current channel; voltages stand before."""

_PAIR_NAMES = (12, 23, 13)

_NEUTRAL = 4
_PHASE_OF_CHANNEL = (1, 2, 3, 1, 2, 3, _NEUTRAL)
"""In the order of `CHANNELS`."""

_OfElement = Callable[[LiveValues, Limits, int, bool], Seen]
_Criterion = Callable[[LiveValues, bool], Seen]

_VOLTAGES = 0b111
_ALL = (1 << len(CHANNELS)) - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """What is looked for. `relies_on` are the channels, a bit each, without which nothing can be told; without
    `needs_life` it is told of a front end that has stopped, too."""

    began: Event
    ended: Event
    detail: int
    delay_ns: int
    criterion: Callable[[LiveValues, bool], Seen]
    relies_on: int = 0
    needs_life: bool = True
    phase: int = 0
    """Whose it is: 1 to 3, 4 of the neutral, 0 of none alone."""

    def seen(self, live: LiveValues, there: bool) -> Seen:
        """Whether it shows in what is measured now."""
        if self.needs_life and (not live.alive or live.faulty & self.relies_on):
            return None
        return self.criterion(live, there)


@dataclass(frozen=True, slots=True)
class Change:
    """A condition, the place of its bit, began or ended."""

    event: Event
    detail: int
    phase: int = 0
    bit: int = 0
    began: bool = True


class Detectors:
    """Fed with what is measured whenever that may matter, and when a delay is over. `mask` says what counts now."""

    def __init__(self, config: SupervisionConfig, limits: Limits, mask: int = 0) -> None:
        """`mask` is what counted when the meter went down."""
        self._conditions = tuple(_conditions(config, limits))
        self._over_time = [
            Delayed(condition.delay_ns, bool(mask >> bit & 1)) for bit, condition in enumerate(self._conditions)
        ]

    @property
    def mask(self) -> int:
        """The conditions that count, a bit each."""
        return sum(1 << bit for bit, delayed in enumerate(self._over_time) if delayed.there)

    @property
    def due_ns(self) -> int | None:
        """When the next delay is over."""
        return min((due for delayed in self._over_time if (due := delayed.due_ns) is not None), default=None)

    def events(self) -> Iterator[Event]:
        """What counts now, by the event that began it."""
        for condition, delayed in zip(self._conditions, self._over_time, strict=True):
            if delayed.there:
                yield condition.began

    def feed(self, live: LiveValues, now_ns: int, most: int = 1 << 30) -> list[Change]:
        """What began or ended, in the order of the conditions. After `most` changes the other conditions wait: `due_ns`
        has passed then, and they come to be told next time."""
        changes: list[Change] = []
        for bit, (condition, delayed) in enumerate(zip(self._conditions, self._over_time, strict=True)):
            if len(changes) >= most:
                break
            came = delayed.feed(condition.seen(live, delayed.there), now_ns)
            if came is not None:
                changes.append(self.change(bit, began=came))
        return changes

    def change(self, bit: int, *, began: bool) -> Change:
        """The begin or the end of a condition."""
        condition = self._conditions[bit]
        event = condition.began if began else condition.ended
        return Change(event, condition.detail, condition.phase, bit, began)

    @property
    def size(self) -> int:
        """How many conditions there are."""
        return len(self._conditions)


def condition_events(config: SupervisionConfig, limits: Limits) -> Iterator[tuple[Event, Event, int]]:
    """In the order of the bits: the event of a condition's beginning, that of its end, and the detail of both."""
    for condition in _conditions(config, limits):
        yield condition.began, condition.ended, condition.detail


def _conditions(config: SupervisionConfig, limits: Limits) -> Iterator[Condition]:
    """In the order of their bits. Elements that the wiring does not use have theirs, too, and are never seen."""

    def of(element: int, criterion: Callable[[LiveValues, Limits, int, bool], Seen]) -> Callable[..., Seen]:
        if element not in limits.elements:
            return _never
        return lambda live, there: criterion(live, limits, element, there)

    for element in range(3):
        criterion = of(element, phase_failed)
        delay = config.phase_delay_ns
        yield Condition(Event.PHASE_FAILED, Event.PHASE_RESTORED, element + 1, delay, criterion, phase=element + 1)
    for element in range(3):
        criterion = of(element, voltage_low)
        delay = config.voltage_delay_ns
        yield Condition(
            Event.VOLTAGE_LOW,
            Event.VOLTAGE_NORMAL,
            element + 1,
            delay,
            criterion,
            1 << element,
            phase=element + 1,
        )
    yield Condition(
        Event.NEUTRAL_LOST,
        Event.NEUTRAL_RESTORED,
        0,
        config.neutral_delay_ns,
        lambda live, there: neutral_lost(live, limits, there),
        _VOLTAGES,
        phase=_NEUTRAL,
    )
    yield Condition(
        Event.SEQUENCE_REVERSED,
        Event.SEQUENCE_RESTORED,
        0,
        config.sequence_delay_ns,
        lambda live, _there: sequence_reversed(live),
        _VOLTAGES,
    )
    yield Condition(
        Event.FREQUENCY_OUT_OF_RANGE,
        Event.FREQUENCY_NORMAL,
        0,
        config.frequency_delay_ns,
        lambda live, there: out_of_range(live, limits, there),
    )
    yield from _of_currents(config, limits, of)
    yield Condition(
        Event.FRONT_END_FAILED,
        Event.FRONT_END_RESTORED,
        0,
        config.front_end_delay_ns,
        lambda live, _there: stopped(live),
        needs_life=False,
    )
    for channel in range(len(CHANNELS)):
        yield Condition(
            Event.FRONT_END_FAILED,
            Event.FRONT_END_RESTORED,
            channel + 1,
            config.front_end_delay_ns,
            partial(_channel_failed, channel),
            needs_life=False,
            phase=_PHASE_OF_CHANNEL[channel],
        )
    yield from _too_high(config, of)


def _of_currents(
    config: SupervisionConfig,
    limits: Limits,
    of: Callable[[int, Callable[[LiveValues, Limits, int, bool], Seen]], Callable[..., Seen]],
) -> Iterator[Condition]:
    delay = config.reverse_delay_ns
    yield Condition(
        Event.REVERSE_RUN,
        Event.REVERSE_RUN_ENDED,
        0,
        delay,
        lambda live, there: reverse_run_total(live, limits, there),
        _ALL & ~(1 << len(CHANNELS) - 1),
    )
    for element in range(3):
        channels = 1 << element | 1 << _CURRENTS + element
        criterion = of(element, reverse_run)
        yield Condition(
            Event.REVERSE_RUN, Event.REVERSE_RUN_ENDED, element + 1, delay, criterion, channels, phase=element + 1
        )
    began, ended = Event.CURRENT_WITHOUT_VOLTAGE, Event.CURRENT_WITHOUT_VOLTAGE_ENDED
    for element in range(3):
        channels = 1 << element | 1 << _CURRENTS + element
        criterion = of(element, current_without_voltage)
        yield Condition(began, ended, element + 1, config.current_delay_ns, criterion, channels, phase=element + 1)
    began, ended = Event.CURRENTS_CROSSED, Event.CURRENTS_UNCROSSED
    for pair, name in enumerate(_PAIR_NAMES):
        criterion = partial(_crossed, limits, pair)
        yield Condition(began, ended, name, config.crossed_delay_ns, criterion, _ALL)


def _too_high(config: SupervisionConfig, of: Callable[[int, _OfElement], _Criterion]) -> Iterator[Condition]:
    for element in range(3):
        yield Condition(
            Event.VOLTAGE_HIGH,
            Event.VOLTAGE_HIGH_ENDED,
            element + 1,
            config.voltage_delay_ns,
            of(element, voltage_high),
            1 << element,
            phase=element + 1,
        )
    for element in range(3):
        yield Condition(
            Event.OVER_CURRENT,
            Event.OVER_CURRENT_ENDED,
            element + 1,
            config.over_current_delay_ns,
            of(element, over_current),
            1 << _CURRENTS + element,
            phase=element + 1,
        )


def _never(_live: LiveValues, _there: bool) -> Seen:
    return False


def _crossed(limits: Limits, pair: int, live: LiveValues, there: bool) -> Seen:
    return currents_crossed(live, limits, pair, there)


def _channel_failed(channel: int, live: LiveValues, _there: bool) -> Seen:
    return channel_failed(live, channel)
