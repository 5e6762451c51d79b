"""Work in forked processes: each piece of work goes on from the state that this process has just now.

A child has one thread, writes its answer into a pipe as JSON and is gone; whatever it does to the world stays with it.
A child that dies, be it of a signal or for want of memory, is an answer too. A line of JSON is a message; the last is
the answer, the others are what it has told on the way.
"""

import gc
import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final, NoReturn, Self

Json = dict[str, object]
Tell = Callable[[Json], None]
Work = Callable[[Tell], Json]

_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a piece of work: its fields, or in words why there are none."""

    key: int
    fields: Json | None
    failure: str
    told: Json | None
    """The last that it told on the way."""
    cpu_ns: int
    """The child's time."""


@dataclass(slots=True)
class _Child:
    key: int
    pid: int
    pipe: int
    heard: bytearray


class Children:
    """At most `jobs` at a time. Leaving the context ends those that still run, and no others."""

    def __init__(self, jobs: int, collect: bool = True) -> None:
        """`collect` lets the children collect garbage; short-lived ones had better not, it touches every page."""
        if jobs < 1:
            raise ValueError(f"{jobs} children do no work")
        self._jobs = jobs
        self._collect = collect
        self._running: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        gc.collect()
        gc.freeze()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._running.values():
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            os.close(child.pipe)
        self._running.clear()
        self._selector.close()
        gc.unfreeze()

    @property
    def running(self) -> int:
        return len(self._running)

    def start(self, key: int, work: Work) -> Iterator[Answer]:
        """Fork, once there is a place; gives the answers that came while it waited for one."""
        while len(self._running) >= self._jobs:
            yield from self._wait()
        self._fork(key, work)

    def finish(self) -> Iterator[Answer]:
        """The answers of all that run."""
        while self._running:
            yield from self._wait()

    def _fork(self, key: int, work: Work) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        reading, writing = os.pipe()
        # An interrupt at the terminal goes to all: the child is deaf to it before it can take the parent's way out.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            pid = os.fork()
            if pid == 0:
                self._be_child(work, writing)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        os.close(writing)
        os.set_blocking(reading, False)
        self._running[reading] = _Child(key, pid, reading, bytearray())
        self._selector.register(reading, selectors.EVENT_READ)

    def _be_child(self, work: Work, pipe: int) -> NoReturn:
        """Never returns into what the parent was doing, whatever happens."""
        code = 1
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            if not self._collect:
                gc.disable()
            try:
                answer: Json = {"fields": work(lambda told: _write(pipe, {"told": told}))}
            except BaseException as problem:
                answer = {"failure": "".join(traceback.format_exception(problem)).strip()}
            _write(pipe, answer)
            code = 0
        finally:
            os._exit(code)

    def _wait(self) -> Iterator[Answer]:
        for ready, _ in self._selector.select():
            child = self._running[ready.fd]
            piece = os.read(child.pipe, _PIECE)
            if piece:
                child.heard += piece
            else:
                yield self._ended(child)

    def _ended(self, child: _Child) -> Answer:
        self._selector.unregister(child.pipe)
        os.close(child.pipe)
        del self._running[child.pipe]
        _, status, usage = os.wait4(child.pid, 0)
        cpu_ns = round((usage.ru_utime + usage.ru_stime) * 1_000_000) * 1_000
        code = os.waitstatus_to_exitcode(status)
        messages = [json.loads(line) for line in child.heard.split(b"\n")[:-1]]
        told = next((message["told"] for message in reversed(messages) if "told" in message), None)
        if code:
            why = f"died of {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
            return Answer(child.key, None, f"the process {why}", told, cpu_ns)
        answer = messages[-1]
        return Answer(child.key, answer.get("fields"), answer.get("failure", ""), told, cpu_ns)


def _write(pipe: int, message: Json) -> None:
    data = json.dumps(message).encode() + b"\n"
    while data:
        data = data[os.write(pipe, data) :]
