"""What the log says of inputs and conditions: which of them were told to have begun, and not to be over.

A save keeps it with the number of the event up to which it holds. The log may go on after the save: what it says from
there on is added at boot. So nothing is told twice, and nothing that began is left without its end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from firmware.config import SupervisionConfig
from firmware.events.detectors import condition_events
from firmware.events.limits import Limits
from firmware.events.watched import WATCHED
from hal.inputs import Input

REPLAYED_MOST: Final = 240
"""Events after a save that a boot looks at, 16 a minute until the next save."""


@dataclass(frozen=True, slots=True)
class Told:
    """`inputs`: a bit each in the order of `hal.inputs.Input`; `conditions`: as `firmware.events.detectors` has them;
    both as of the whole event with the sequence number `event`."""

    inputs: int = 0
    conditions: int = 0
    event: int = 0


class Log:
    """Follows what the log says."""

    def __init__(self, config: SupervisionConfig, limits: Limits) -> None:
        self.told = Told()
        self._inputs: Mapping[int, tuple[int, bool]] = {
            event.value: (1 << bit, began)
            for bit, which in enumerate(Input)
            for event, began in zip(WATCHED.get(which, ()), (True, False), strict=False)
        }
        self._conditions: Mapping[tuple[int, int], tuple[int, bool]] = {
            (event.value, detail): (1 << bit, began)
            for bit, (began_by, ended_by, detail) in enumerate(condition_events(config, limits))
            for event, began in ((began_by, True), (ended_by, False))
        }

    def heard(self, sequence: int, code: int, detail: int) -> None:
        """An event is whole in flash."""
        told = replace(self.told, event=max(sequence, self.told.event))
        if code in self._inputs:
            told = replace(told, inputs=_set(told.inputs, *self._inputs[code]))
        elif (code, detail) in self._conditions:
            told = replace(told, conditions=_set(told.conditions, *self._conditions[code, detail]))
        self.told = told

    def resume(self, told: Told, events: Iterable[tuple[int, int, int]]) -> None:
        """Go on from a save: the sequence numbers of events with their codes and details, newest first."""
        self.told = told
        newer = []
        for entry, _ in zip(events, range(REPLAYED_MOST), strict=False):
            if entry[0] <= told.event:
                break
            newer.append(entry)
        for sequence, code, detail in reversed(newer):
            self.heard(sequence, code, detail)


def _set(mask: int, bit: int, to: bool) -> int:
    return mask | bit if to else mask & ~bit
