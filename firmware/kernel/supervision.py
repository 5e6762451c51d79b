"""Watchdog supervision: the hardware watchdog is kicked only while every supervised task is alive.

A supervised task is alive while it waits for a release, or its job is not past its deadline. Until all tasks have come
to their first release, none is hung as long as that takes no longer than the watchdog's window.

Kicks come when the CPU is about to sleep: a task that never yields lets the window pass. The kernel wakes for a kick in
the middle of the window at the latest, so a sleep may be as long as it likes.
"""

from collections.abc import Sequence

from firmware.kernel.task import Task
from hal.watchdog import Watchdog


class Supervision:
    """Holds one windowed watchdog for a kernel's tasks. ValueError for a window that is empty."""

    def __init__(self, watchdog: Watchdog, earliest_ns: int, latest_ns: int) -> None:
        if not 0 <= earliest_ns < latest_ns:
            raise ValueError(f"the watchdog's window from {earliest_ns} to {latest_ns} ns is empty")
        self._watchdog = watchdog
        self._earliest_ns = earliest_ns
        self._latest_ns = latest_ns
        self._tasks: list[Task] = []
        self._started = 0
        self._kicked = 0

    def start(self, now_ns: int, tasks: Sequence[Task]) -> None:
        """Start the watchdog, for those of the tasks that are to be supervised."""
        self._tasks = [task for task in tasks if task.spec.supervised]
        self._watchdog.start(self._earliest_ns, self._latest_ns)
        self._started = self._kicked = now_ns

    def before_idle(self, now_ns: int) -> int | None:
        """Kick if it is time and every supervised task is alive; the instant at which the next kick is due.

        None when a task hangs: only the task itself can put that right, or the watchdog.
        """
        due = self._kicked + (self._earliest_ns + self._latest_ns) // 2
        # The watchdog counts by a clock of its own: keep off the early edge of its window by a quarter of it.
        if now_ns >= self._kicked + (3 * self._earliest_ns + self._latest_ns) // 4:
            for task in self._tasks:
                if not self._alive(task, now_ns):
                    return None
            self._watchdog.kick()
            self._kicked = now_ns
            due = now_ns + (self._earliest_ns + self._latest_ns) // 2
        return due

    def _alive(self, task: Task, now_ns: int) -> bool:
        if task.ended:
            return False
        if task.in_job:
            return now_ns <= task.released_ns + task.deadline_ns
        return task.kernel.started_ns is not None or now_ns <= self._started + self._latest_ns
