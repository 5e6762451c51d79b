"""Relay, lamps and pulse LEDs."""

from collections import deque
from collections.abc import Callable, Sequence

from hal.outputs import Output, Pulse


class DigitalOutputs:
    """Model of `hal.outputs.Outputs`. Pulses make no events of their own: they are counted, and told to listeners.

    Those ordered for later go with the supply, if it goes before them.
    """

    def __init__(self, now: Callable[[], int], note: Callable[[str, str], None]) -> None:
        """`now` is the monotonic clock: what has passed goes at once. `note` hears what the outputs do."""
        self._now = now
        self._note = note
        self._states = dict.fromkeys(Output, False)
        self._counts = dict.fromkeys(Pulse, 0)
        self._ordered: dict[Pulse, deque[int]] = {which: deque() for which in Pulse}
        self._listeners: list[Callable[[Pulse, Sequence[int]], None]] = []
        self._driven: list[Callable[[Output, bool], None]] = []

    # hal.outputs.Outputs

    def set(self, which: Output, on: bool) -> None:
        if self._states[which] != on:
            self._states[which] = on
            self._note("output", f"{which.value} {'on' if on else 'off'}")
        for listener in self._driven:
            listener(which, on)

    def pulse(self, which: Pulse, instants_ns: Sequence[int]) -> None:
        ordered = self._ordered[which]
        last = ordered[-1] if ordered else 0
        for instant in instants_ns:
            if instant < last:
                raise ValueError(f"a pulse at {instant} ns would go before the last one, at {last} ns")
            last = instant
        if not instants_ns:
            return
        now = self._now()
        sent = [max(instant, now) for instant in instants_ns]
        self._settle(which, now)
        ordered.extend(sent)
        self._note("pulse", f"{which.value} {len(sent)} from {sent[0]} to {sent[-1]}")
        for listener in self._listeners:
            listener(which, sent)

    # The world

    def state(self, which: Output) -> bool:
        return self._states[which]

    def pulses(self, which: Pulse) -> int:
        """Pulses sent since the start, over all lives."""
        self._settle(which, self._now())
        return self._counts[which]

    def subscribe(self, listener: Callable[[Pulse, Sequence[int]], None]) -> None:
        self._listeners.append(listener)

    def on_set(self, listener: Callable[[Output, bool], None]) -> None:
        """Tell `listener` of every call of `set`, also of one that changes nothing."""
        self._driven.append(listener)

    def power_down(self) -> None:
        """Outputs fall off, and pulses that were ordered for later are never sent."""
        now = self._now()
        for which, ordered in self._ordered.items():
            self._settle(which, now)
            ordered.clear()
        self._states = dict.fromkeys(Output, False)

    def _settle(self, which: Pulse, now_ns: int) -> None:
        """Count what has been sent by now."""
        ordered = self._ordered[which]
        while ordered and ordered[0] <= now_ns:
            ordered.popleft()
            self._counts[which] += 1
