"""A task: its contract, its coroutine, and what it can await.

`work` spends CPU time and never lets another task run. Every other await always does, even if what it waits for is
there already. Code between two awaits takes no time by itself: read inputs before the work, write outputs after it.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from types import coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from firmware.kernel.sources import Source
from firmware.kernel.spec import Cost, Periodic, TaskSpec

if TYPE_CHECKING:
    from firmware.kernel.kernel import Kernel

Value = TypeVar("Value")

Body = Callable[["Task"], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Account:
    """What the kernel has seen of a task since boot. Times in ns; responses count from the nominal release."""

    jobs: int = 0
    worst_response_ns: int = 0
    missed: int = 0
    overruns: int = 0
    early_triggers: int = 0


class NextRelease:
    """Ends the job, and waits for the task's next periodic release."""

    __slots__ = ()


class Wait:
    """Waits for a source, at the latest until an instant; the answer is the source's value, or None for the timeout."""

    __slots__ = ("ends_job", "source", "until")

    def __init__(self, source: Source[object] | None, until: int | None, ends_job: bool) -> None:
        self.source = source
        self.until = until
        self.ends_job = ends_job

    def __await__(self) -> Generator["Wait", Any, Any]:
        return (yield self)


_NEXT_RELEASE = NextRelease()


class Task:
    """One task of a kernel. The kernel makes it; its body gets it as its only argument."""

    def __init__(self, kernel: "Kernel", spec: TaskSpec, body: Body, order: int, key: int) -> None:
        self.kernel = kernel
        self.spec = spec
        self.name = spec.name
        self.account = Account()
        self.order = order
        self.released_ns = 0
        """Nominal release of the running job, in monotonic ns."""
        # The scheduler's own bookkeeping; only the kernel touches what follows.
        self.send: Callable[[Any], object]
        self.token = 0
        self.timer_armed = False
        self.wait: Wait | None = None
        self.waiting_since = 0
        self.answer: Any = None
        self.in_job = False
        self.ended = False
        self.period_ns = spec.trigger.period_ns if isinstance(spec.trigger, Periodic) else None
        self.deadline_ns = spec.deadline_ns
        self.ceiling = spec.ceiling
        self.budgets = tuple((part.cost.worst, part.calls) for part in spec.segments)
        self.next_release_ns = spec.trigger.offset_ns if isinstance(spec.trigger, Periodic) else 0
        self.earliest_ns = 0
        self.segment = 0
        self.waited_ns = 0
        self.key = key
        self._body = body
        self._coroutine: Coroutine[Any, Any, None] | None = None

    def start(self) -> None:
        """Make the coroutine; it has not run yet."""
        self._coroutine = self._body(self)
        self.send = self._coroutine.send

    def close(self) -> None:
        if self._coroutine is not None:
            self._coroutine.close()

    @property
    def now(self) -> int:
        """The monotonic instant in ns at which this code runs."""
        return self.kernel.now

    @coroutine
    def work(self, cost: Cost) -> Generator[Cost, None, None]:
        """Spend CPU cycles; no other task runs meanwhile."""
        yield cost

    @coroutine
    def release(self) -> Generator[NextRelease, int, int]:
        """End this job and wait for the next periodic release; the answer is its nominal instant."""
        return (yield _NEXT_RELEASE)

    def release_on(self, source: Source[Value], timeout_ns: int | None = None) -> "Awaitable[Value | None]":
        """End this job and wait for a trigger; its value, or None when the timeout is what releases the next job."""
        until = None if timeout_ns is None else self.kernel.now + timeout_ns
        return Wait(source, until, ends_job=True)

    def wait_for(self, source: Source[Value], timeout_ns: int | None = None) -> "Awaitable[Value | None]":
        """Inside a job, wait for a device; None if the timeout came first."""
        until = None if timeout_ns is None else self.kernel.now + timeout_ns
        return Wait(source, until, ends_job=False)

    def sleep_until(self, instant_ns: int) -> Awaitable[None]:
        """Inside a job, sleep; an instant that has passed is a plain yield."""
        return Wait(None, instant_ns, ends_job=False)
