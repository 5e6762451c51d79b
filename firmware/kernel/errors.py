"""What ends a run of the kernel: an exception that leaves the firmware, or a use that the kernel does not allow."""


class TaskFailed(Exception):
    """An exception has left a task, or the handler of an interrupt. The cause carries its traceback."""

    def __init__(self, task: str, at_ns: int, problem: BaseException) -> None:
        super().__init__(f"{task} failed at {at_ns} ns (monotonic): {type(problem).__name__}: {problem}")
        self.task = task
        """`task NAME`, or `interrupt LINE`."""
        self.at_ns = at_ns


class KernelError(Exception):
    """A task used the kernel in a way it does not allow; names the task."""
