"""Relay, lamps and pulse LEDs."""

from collections.abc import Callable, Sequence

from hal.outputs import Output, Pulse


class DigitalOutputs:
    """Model of `hal.outputs.Outputs`. Pulses make no events of their own: they are counted, and told to listeners."""

    def __init__(self, now: Callable[[], int]) -> None:
        """`now` is the monotonic clock: what has passed goes at once."""
        self._now = now
        self._states = dict.fromkeys(Output, False)
        self._counts = dict.fromkeys(Pulse, 0)
        self._last: dict[Pulse, int] = {}
        self._listeners: list[Callable[[Pulse, Sequence[int]], None]] = []

    # hal.outputs.Outputs

    def set(self, which: Output, on: bool) -> None:
        self._states[which] = on

    def pulse(self, which: Pulse, instants_ns: Sequence[int]) -> None:
        last = self._last.get(which, 0)
        for instant in instants_ns:
            if instant < last:
                raise ValueError(f"a pulse at {instant} ns would go before the last one, at {last} ns")
            last = instant
        if instants_ns:
            now = self._now()
            self._last[which] = last
            self._counts[which] += len(instants_ns)
            for listener in self._listeners:
                listener(which, [max(instant, now) for instant in instants_ns])

    # The world

    def state(self, which: Output) -> bool:
        return self._states[which]

    def pulses(self, which: Pulse) -> int:
        """Pulses sent since the start, over all lives."""
        return self._counts[which]

    def subscribe(self, listener: Callable[[Pulse, Sequence[int]], None]) -> None:
        self._listeners.append(listener)

    def power_down(self) -> None:
        """Outputs fall off; the pulse timer forgets its clock."""
        self._states = dict.fromkeys(Output, False)
        self._last.clear()
