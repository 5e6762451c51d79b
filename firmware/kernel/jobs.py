"""The end of a job: its account, and its record for the probe."""

from typing import Final

from firmware.kernel.task import Task
from hal.probe import JobDone, Probe

# A frozen dataclass assigns through `object.__setattr__`, at twice the cost of its slots; and no record is made as
# often.
_new: Final = JobDone.__new__
_task: Final = JobDone.__dict__["task"].__set__
_release_ns: Final = JobDone.__dict__["release_ns"].__set__
_end_ns: Final = JobDone.__dict__["end_ns"].__set__
_missed: Final = JobDone.__dict__["missed"].__set__


def end_job(task: Task, now_ns: int, probe: Probe) -> None:
    """Account for a task's running job, which ends at `now_ns`, and tell the probe."""
    released = task.released_ns
    response = now_ns - released
    account = task.account
    account.jobs += 1
    if response > account.worst_response_ns:
        account.worst_response_ns = response
    missed = response > task.deadline_ns
    if missed:
        account.missed += 1
    record = _new(JobDone)
    _task(record, task.name)
    _release_ns(record, released)
    _end_ns(record, now_ns)
    _missed(record, missed)
    probe.publish(record)
