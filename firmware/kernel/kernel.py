"""The kernel: a ready heap, a timer heap, and the loop that picks.

Prior art: the run loop and the cancellation-free timers of trio, the heap with counted stale entries of asyncio,
priority conventions of Zephyr. What differs: time is given, never read; a job is a thing of its own, with a nominal
release.

Every task runs up to its first release before the first job of any is released: a start-up, which no bound covers,
disturbs no job. Releases count from the instant at which the last task has come that far.
"""

import enum
from collections.abc import Callable, Generator
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Final, TypeVar, cast

from firmware.kernel.errors import KernelError, TaskFailed
from firmware.kernel.jobs import end_job
from firmware.kernel.policy import FixedPriority, Policy
from firmware.kernel.sources import EventFlags, Mailbox, Signal
from firmware.kernel.spec import NOTHING, Cost, InterruptSpec, KernelCosts, TaskSpec
from firmware.kernel.supervision import Supervision
from firmware.kernel.task import Body, NextRelease, Task, Wait
from hal.probe import BudgetOverrun, ContractBroken, Probe
from hal.processor import Busy, Idle

DISPATCH_LIMIT: Final = 10_000
"""Dispatches within one instant before the kernel takes it for a task that never lets time pass."""

_STALE_LIMIT: Final = 64

_NO_CEILING: Final = 1 << 63
"""Above every key of the ready heap."""

Item = TypeVar("Item")

_idle = partial(tuple.__new__, Idle)
"""`Idle._make` at a third of its cost."""


class _Attached:
    """An interrupt line in use."""

    __slots__ = ("cost", "due", "handler", "spec")

    def __init__(self, spec: InterruptSpec, handler: Callable[[int], None], cost: Cost) -> None:
        self.spec = spec
        self.handler = handler
        self.cost = cost
        self.due: int | None = None
        """From when the next one keeps its spacing; None before the first. A burst may come before that."""


class Kernel:
    """One CPU's tasks and interrupts. Add all of them, then hand the kernel to a driver (see
    `hal.processor.Program`)."""

    def __init__(self, probe: Probe, policy: Policy | None = None, costs: KernelCosts | None = None) -> None:
        self.probe = probe
        self.policy: Policy = policy or FixedPriority()
        self._by_release = self.policy.by_release
        self.costs = costs or KernelCosts()
        self.tasks: list[Task] = []
        self.now = 0
        self.started_ns: int | None = None
        """From when releases count; None until every task has come to its first."""
        self.supervision: Supervision | None = None
        self._attached: dict[enum.Enum, _Attached] = {}
        self._ready: list[tuple[int, int, Task]] = []
        self._timers: list[tuple[int, int, Task, int]] = []
        self._stale = 0
        self._ceiling = _NO_CEILING
        """Of the jobs under way the lowest ceiling: a task with a greater key is not dispatched."""
        self._ceilings: list[int] = []
        self._interrupted_at = 0
        self._parked: list[tuple[int, Task, object]] = []
        """Tasks that have come to their first release, or ended, while others have not; with what they await."""

    # Composition

    @property
    def interrupts(self) -> dict[enum.Enum, InterruptSpec]:
        """The interrupts that are served, by line."""
        return {line: attached.spec for line, attached in self._attached.items()}

    def add(self, spec: TaskSpec, body: Body) -> Task:
        """Make a task of a coroutine function. It starts when the kernel runs, and works until its first release.

        There it waits for all others to come as far. KernelError or ValueError, naming the task, if it can't join.
        """
        if any(task.name == spec.name for task in self.tasks):
            raise KernelError(f"two tasks are named {spec.name}")
        self.policy.admit(spec, [task.spec for task in self.tasks])
        task = Task(self, spec, body, len(self.tasks), self.policy.key(spec, 0))
        self.tasks.append(task)
        return task

    def attach(self, spec: InterruptSpec, handler: Callable[[int], None]) -> None:
        """Serve a line by `handler(at_ns)`, which may raise signals, set flags and put mail, and must not wait."""
        if spec.line in self._attached:
            raise KernelError(f"interrupt {spec.line.value} has a handler already")
        self._attached[spec.line] = _Attached(spec, handler, self.costs.interrupt + spec.cost)

    def signal(self) -> Signal:
        return Signal(self)

    def flags(self) -> EventFlags:
        return EventFlags(self)

    def mailbox(self, name: str, capacity: int) -> "Mailbox[Item]":
        return Mailbox(self, name, capacity)

    # Interrupts

    def interrupt(self, line: enum.Enum, at_ns: int) -> Busy:
        """Serve an interrupt; the answer is what it costs. One without a handler costs its entry, and no more."""
        attached = self._attached.get(line)
        if attached is None:
            return self.costs.interrupt
        spec, due = attached.spec, attached.due
        if due is None or at_ns >= due:
            attached.due = at_ns + spec.spacing_ns
        elif at_ns >= due - spec.early_ns:
            attached.due = due + spec.spacing_ns
        else:
            early = due - spec.early_ns - at_ns
            self._breach(f"interrupt {line.value}", "spacing", spec.spacing_ns - early, spec.spacing_ns)
            attached.due = at_ns + spec.spacing_ns
        self._interrupted_at = at_ns
        try:
            attached.handler(at_ns)
        except Exception as problem:
            raise TaskFailed(f"interrupt {line.value}", at_ns, problem) from problem
        return attached.cost

    def clock(self) -> int:
        """The instant of the code that runs: that of the interrupt that is being served, or else of the task."""
        return self._interrupted_at if self._interrupted_at > self.now else self.now

    # The loop

    def run(self, start_ns: int) -> Generator[Busy | Idle, int, None]:
        self.now = start_ns
        timers = self._timers
        ready = self._ready
        dispatch = self.costs.dispatch
        instant = left = -1
        for task in self.tasks:
            task.start()
            self._make_ready(task)
        try:
            while True:
                now = self.now
                if timers and timers[0][0] <= now:
                    self._expire(now)
                if not ready or ready[0][0] > self._ceiling:
                    if timers and not self._stale and self.supervision is None:
                        self.now = yield _idle((timers[0][0],))
                    else:
                        self.now = yield self._rest(now)
                    continue
                task = heappop(ready)[2]
                if now != instant:
                    instant = now
                    left = DISPATCH_LIMIT
                elif not left:
                    raise KernelError(f"{DISPATCH_LIMIT} dispatches at {now} ns; the next would be of task {task.name}")
                left -= 1
                # One segment: until an await that is not `work`. Its first work carries the dispatch.
                overhead = dispatch
                used = calls = 0
                try:
                    trap = task.send(task.answer)
                    while type(trap) is Cost:
                        used += trap[1]
                        calls += 1
                        if overhead is NOTHING:
                            self.now = yield trap
                        else:
                            self.now = yield overhead + trap
                            overhead = NOTHING
                        trap = task.send(None)
                except StopIteration:
                    trap = None
                except Exception as problem:
                    raise TaskFailed(f"task {task.name}", self.now, problem) from problem
                if overhead is not NOTHING:
                    self.now = yield overhead
                self._end_segment(task, trap, used, calls)
        except GeneratorExit:
            self._close()
            raise
        except Exception as failure:
            try:
                self._close()
            except ExceptionGroup as others:
                failure.add_note(f"then {others}: {'; '.join(str(other) for other in others.exceptions)}")
            raise

    def _rest(self, now: int) -> Idle:
        """Sleep until the next timer, or until the watchdog wants to be kicked; a stale timer wakes nobody."""
        timers = self._timers
        while timers and timers[0][3] != timers[0][2].token:
            heappop(timers)
            self._stale -= 1
        until = timers[0][0] if timers else None
        if self.supervision is not None:
            kick = self.supervision.before_idle(now)
            if kick is not None and (until is None or kick < until):
                until = kick
        return _idle((until,))

    def _end_segment(self, task: Task, trap: object, used: int, calls: int) -> None:
        """Hold a segment that has ended against its declaration, and do what the task awaits."""
        if task.in_job:
            budgets = task.budgets
            index = task.segment
            task.segment = index + 1
            if index >= len(budgets):
                self._overrun(task, index, 0, used)
            elif used > budgets[index][0] or calls > budgets[index][1]:
                self._overrun(task, index, budgets[index][0], used)
        elif not (isinstance(trap, Wait) and not trap.ends_job):
            self._park(task, trap)
            return
        if type(trap) is NextRelease:
            self._await_release(task)
        else:
            self._await(task, trap)

    def _overrun(self, task: Task, index: int, declared: int, used: int) -> None:
        task.account.overruns += 1
        self.probe.publish(BudgetOverrun(task.name, index, declared, used))

    def _breach(self, who: str, what: str, seen_ns: int, allowed_ns: int) -> None:
        self.probe.publish(ContractBroken(who, what, seen_ns, allowed_ns))

    def _park(self, task: Task, trap: object) -> None:
        """A task has come to its first release. With the last, all begin."""
        self._parked.append((task.order, task, trap))
        if len(self._parked) < len(self.tasks):
            return
        self.started_ns = now = self.now
        for parked in self.tasks:
            parked.next_release_ns += now
            parked.earliest_ns = now
        for _, parked, awaited in sorted(self._parked, key=lambda entry: entry[0]):
            self._await(parked, awaited)

    # Waiting and waking

    def _await(self, task: Task, trap: object) -> None:
        if type(trap) is NextRelease:
            self._await_release(task)
        elif isinstance(trap, Wait):
            self._await_source(task, trap)
        elif trap is None:
            if task.in_job:
                self._end_job(task)
            task.ended = True
        else:
            raise KernelError(f"task {task.name} awaited {trap!r}, which is not the kernel's")

    def _await_release(self, task: Task) -> None:
        period = task.period_ns
        if period is None:
            raise KernelError(f"task {task.name} is sporadic, and awaited a periodic release")
        if task.in_job:
            self._end_job(task)
        task.answer = release = task.next_release_ns
        task.next_release_ns = release + period
        self._begin_job(task, release, release)

    def _await_source(self, task: Task, wait: Wait) -> None:
        if wait.ends_job and task.in_job:
            self._end_job(task)
        task.wait = wait
        task.waiting_since = self.now
        source = wait.source
        if source is not None:
            found = source.collect()
            if found is not None:
                self._deliver(task, *found)
                return
            source.enlist(task)
        if wait.until is not None:
            self._arm(task, wait.until)

    def wake(self, task: Task) -> bool:
        """A source may have something for a task that waits for it; whether the task took it. Sources call this."""
        wait = task.wait
        if wait is None or wait.source is None:
            return False
        now = self.clock()
        if wait.until is not None and now > wait.until:
            return False  # its timeout came first, and it will be told so
        found = wait.source.collect()
        if found is None:
            return False
        wait.source.delist(task)
        if not wait.ends_job:
            self._check_wait(task, now - task.waiting_since)
        self._deliver(task, *found)
        return True

    def _check_wait(self, task: Task, lasted_ns: int) -> None:
        waits = task.spec.waits_ns
        if task.in_job and 0 < task.segment <= len(waits) and lasted_ns > waits[task.segment - 1]:
            self._breach(task.name, "wait", lasted_ns, waits[task.segment - 1])
        most = task.spec.waits_most_ns
        if most is not None and task.in_job:
            task.waited_ns += lasted_ns
            if task.waited_ns > most:
                self._breach(task.name, "waits", task.waited_ns, most)

    def _deliver(self, task: Task, instant_ns: int, came_ns: int, value: object) -> None:
        """Make a waiting task ready with what came; a trigger before its time holds the job back."""
        wait = cast(Wait, task.wait)
        task.wait = None
        task.answer = value
        if task.timer_armed:
            self._disarm(task)
        if not wait.ends_job:
            self._make_ready(task)
            return
        trigger = task.spec.trigger
        if not 0 <= came_ns - instant_ns <= trigger.jitter_ns:
            self._breach(task.name, "jitter", came_ns - instant_ns, trigger.jitter_ns)
        release = instant_ns
        if release < task.earliest_ns:
            release = task.earliest_ns
            task.account.early_triggers += release != self.started_ns
        task.earliest_ns = release + trigger.spacing_ns
        self._begin_job(task, release, release if instant_ns < release else self.now)

    def _arm(self, task: Task, instant_ns: int) -> None:
        task.timer_armed = True
        heappush(self._timers, (instant_ns, task.order, task, task.token))

    def _disarm(self, task: Task) -> None:
        """Make a task's timer stale; the heap is cleared of stale ones when they are many, and the most."""
        task.timer_armed = False
        task.token += 1
        self._stale += 1
        if self._stale > _STALE_LIMIT and self._stale * 2 > len(self._timers):
            self._timers[:] = [entry for entry in self._timers if entry[3] == entry[2].token]
            heapify(self._timers)
            self._stale = 0

    def _expire(self, now: int) -> None:
        """Wake the tasks whose instants have come."""
        timers = self._timers
        while timers and timers[0][0] <= now:
            instant, _, task, token = heappop(timers)
            if token != task.token:
                self._stale -= 1
                continue
            task.timer_armed = False
            wait = task.wait
            if wait is None:
                self._release(task)
                continue
            if wait.source is not None:
                wait.source.delist(task)
            if not wait.ends_job:
                self._check_wait(task, instant - task.waiting_since)
            self._deliver(task, instant, instant, None)

    def _make_ready(self, task: Task) -> None:
        heappush(self._ready, (task.key, task.order, task))

    # Jobs

    def _begin_job(self, task: Task, release_ns: int, held_until_ns: int) -> None:
        """The task's next job, ready at an instant, or at once if that has passed."""
        task.in_job = True
        task.released_ns = release_ns
        task.segment = 0
        task.waited_ns = 0
        if self._by_release:
            task.key = self.policy.key(task.spec, release_ns)
        if held_until_ns > self.now:
            self._arm(task, held_until_ns)
        else:
            self._release(task)

    def _release(self, task: Task) -> None:
        if task.ceiling is not None:
            self._ceilings.append(task.ceiling)
            self._ceiling = min(self._ceilings)
        heappush(self._ready, (task.key, task.order, task))

    def _end_job(self, task: Task) -> None:
        end_job(task, self.now, self.probe)
        task.in_job = False
        if task.ceiling is not None:
            self._ceilings.remove(task.ceiling)
            self._ceiling = min(self._ceilings, default=_NO_CEILING)

    def _close(self) -> None:
        """Power is gone: close the coroutines in task order. What a `finally` raises is gathered and told once."""
        problems: list[Exception] = []
        for task in self.tasks:
            try:
                task.close()
            except Exception as problem:
                problem.add_note(f"while task {task.name} was closed by a power loss")
                problems.append(problem)
        if problems:
            raise ExceptionGroup("tasks did not close", problems)
