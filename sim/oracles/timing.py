"""Response times keep their bounds: no job ends later than the analysis of its kernel allows, none misses its
deadline, and every task and interrupt keeps the contract that the analysis was made from. No queue drops anything: that
is its claim "queues"."""

from firmware.kernel.analysis import response_bounds
from firmware.kernel.kernel import Kernel
from firmware.kernel.policy import FixedPriority
from hal.probe import BudgetOverrun, ContractBroken, JobDone, MailboxDropped
from sim.bench import Bench
from sim.oracles.oracle import Oracle


class Timing(Oracle):
    name = "timing"

    def __init__(self) -> None:
        super().__init__()
        self.bounds: dict[str, int | None] = {}
        self.jobs: dict[str, int] = {}
        self.worst: dict[str, int] = {}
        self.missed: dict[str, int] = {}
        self._kernel: Kernel | None = None

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        bench.probe.subscribe(JobDone, self._done)
        bench.probe.subscribe(BudgetOverrun, lambda at, seen: self._broken(at, str(seen)))
        bench.probe.subscribe(ContractBroken, lambda at, seen: self._broken(at, str(seen)))
        bench.probe.subscribe(MailboxDropped, lambda at, seen: self.breaks(at, str(seen), "queues"))

    def _broken(self, at_ns: int, what: str) -> None:
        self.breaks(at_ns, what)

    def _bounds_of(self, kernel: Kernel) -> dict[str, int | None]:
        """Bounds are those of fixed priorities; under another policy only deadlines are held."""
        if not isinstance(kernel.policy, FixedPriority):
            return {}
        specs = [task.spec for task in kernel.tasks]
        return response_bounds(specs, list(kernel.interrupts.values()), kernel.costs, self._bench.board.cpu.hz)

    def _done(self, at_ns: int, job: JobDone) -> None:
        kernel = self._bench.board.kernel
        if kernel is not self._kernel and isinstance(kernel, Kernel):
            self._kernel = kernel
            self.bounds = self._bounds_of(kernel)
            unbounded = sorted(name for name, bound in self.bounds.items() if bound is None)
            if unbounded:
                self.breaks(at_ns, f"no bound exists for {', '.join(unbounded)}: the CPU may be overloaded")
        response = job.end_ns - job.release_ns
        task = job.task
        self.jobs[task] = self.jobs.get(task, 0) + 1
        if response > self.worst.get(task, -1):
            self.worst[task] = response
        bound = self.bounds.get(task)
        if bound is not None and response > bound:
            self.breaks(at_ns, f"{task}: a response of {response} ns, bound {bound} ns")
        if job.missed:
            self.missed[task] = self.missed.get(task, 0) + 1
            self.breaks(at_ns, f"{task}: released at {job.release_ns} ns, done at {job.end_ns} ns, past its deadline")

    @property
    def message(self) -> str:
        return f"{sum(self.jobs.values())} jobs within their bounds and deadlines"
