"""A hand-held unit at the far end of a pseudo-terminal, in a thread of its own and in real time."""

import os
import select
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from hal.units import MS
from protocols.iec62056_21 import ReadingDevice, Send, SetBaud
from protocols.iec62056_21.reading_events import ReadingEvent, SessionFailed
from rig.bench import Bench

ANSWER_S: Final = 10.0
"""How long it waits for an answer; only a silent meter makes it wait so long."""

Event = TypeVar("Event")
Result = TypeVar("Result")


class Reader:
    """A `ReadingDevice` and its line. A pseudo-terminal has no speed to set."""

    def __init__(self, fd: int) -> None:
        self.device = ReadingDevice()
        self._fd = fd
        self._events: list[ReadingEvent] = []

    def send(self, message: Send) -> None:
        """Wait for the meter's reaction time, and speak."""
        time.sleep(0.2)
        assert os.write(self._fd, message.data) == len(message.data)

    def until(self, wanted: type[Event]) -> Event:
        """What the line brings, up to an event of this kind."""
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            while self._events:
                event = self._events.pop(0)
                if isinstance(event, wanted):
                    return event
                assert not isinstance(event, SessionFailed), event
                if isinstance(event, Send):
                    self.send(event)
                else:
                    assert isinstance(event, SetBaud), event
            if select.select([self._fd], [], [], 0.1)[0]:
                self._events += self.device.receive(os.read(self._fd, 4096))
        raise AssertionError(f"no {wanted.__name__} within {ANSWER_S} s; the reader is in {self.device.state}")


def beside(work: Callable[[], Result], bench: Bench) -> Result:
    """Do `work` in a thread while the bench runs in this one."""
    results: list[Result] = []
    problems: list[BaseException] = []

    def do() -> None:
        try:
            results.append(work())
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=do)
    thread.start()
    try:
        while thread.is_alive():
            bench.run(bench.processor.now() + 50 * MS)
    finally:
        thread.join()
    if problems:
        raise problems[0]
    return results[0]
