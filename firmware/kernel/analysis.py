"""Schedulability: bounds on response times, computed from what tasks and interrupts declare.

Fixed priorities: the worst-case response time of non-preemptive jobs by George, Rivierre and Spuri, "Preemptive and
Non-Preemptive Real-Time UniProcessor Scheduling" (INRIA RR-2966, 1996), section 4, with limited preemption: a job
yields between its segments, so only its last one runs to the end undisturbed. EDF: the feasibility test of the same
report, section 5, a processor-demand test with blocking.

How the theory meets this kernel (time is discrete, one tick is a nanosecond):

- Blocking is the longest less urgent segment less one tick: it has started at least a tick before the release. So that
  this holds for releases by interrupts, none comes at the very tick of a dispatch that has not seen it: a driver of the
  kernel hands one that the running code itself has caused, or that its clock can't tell from it, a tick later.
- A release at the instant of a dispatch is seen by it: `floor(t / T) + 1` jobs by t.
- An interrupt at t goes before the firmware at t, and preempts any segment: `floor(t / T) + 1` by t, up to the job's
  end.
- Nothing is released before every task has come to its first release: start-ups disturb no job.
- A wait for a device ends the segment. Each resumption may be blocked anew; the wait counts at its longest. A task that
  waits disturbs others as if released with a jitter of its bound less its cost (Bletsas et al., "Errata for Three
  Papers (2004-05) on Fixed-Priority Scheduling with Self-Suspensions", LITES 5(1), 2018).
- A job under a ceiling is blocked at its beginning by whatever is less urgent, and at each resumption only by what its
  ceiling lets run. To a task that it locks out it is one that computes while it waits.
- A response counts from the nominal release, so a task's own jitter is part of it.
- A dispatch is charged to the segment that it starts, an interrupt's entry to its handler.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from firmware.kernel.spec import InterruptSpec, KernelCosts, TaskSpec


@dataclass(frozen=True, slots=True)
class Interference:
    """What takes the CPU again and again: `cost_ns` at most each `spacing_ns`, first up to `jitter_ns` late."""

    cost_ns: int
    spacing_ns: int
    jitter_ns: int = 0

    def until(self, t: int) -> int:
        """CPU time it may take from a critical instant up to and including t."""
        return ((t + self.jitter_ns) // self.spacing_ns + 1) * self.cost_ns

    def before(self, t: int) -> int:
        """CPU time it may take from a critical instant up to, and not including, t."""
        return -(-(t + self.jitter_ns) // self.spacing_ns) * self.cost_ns


@dataclass(frozen=True, slots=True)
class Demand:
    """A task in nanoseconds: its segments at their worst, each with its dispatch, and the longest waits between."""

    spec: TaskSpec
    segments: tuple[int, ...]
    waits: tuple[int, ...]

    @property
    def cost(self) -> int:
        return sum(self.segments)

    @property
    def waiting(self) -> int:
        """All waits of a job together."""
        return self.spec.waiting_ns

    @property
    def chunks(self) -> int:
        """Stretches between real waits; each may be blocked anew."""
        return 1 + sum(wait > 0 for wait in self.waits)


@dataclass(frozen=True, slots=True)
class Blocking:
    """The longest that less urgent segments keep a job waiting in ns: at its beginning, and each time that it goes on
    after a wait."""

    first_ns: int
    again_ns: int


def nanoseconds(cycles: int, hz: int) -> int:
    """Cycles as time, rounded up."""
    return -(-cycles * 1_000_000_000 // hz)


def demand_of(spec: TaskSpec, costs: KernelCosts, hz: int) -> Demand:
    """A task's declaration as time. Each call of `work` may round up by a tick, the first carries the dispatch."""
    segments = tuple(
        nanoseconds(part.cost.worst + costs.dispatch.worst, hz) + (0 if 1_000_000_000 % hz == 0 else part.calls - 1)
        for part in spec.segments
    )
    return Demand(spec, segments, spec.waits_ns)


def disturbance_of(spec: InterruptSpec, costs: KernelCosts, hz: int) -> Interference:
    """An interrupt's declaration as time."""
    return Interference(nanoseconds(spec.cost.worst + costs.interrupt.worst, hz), spec.spacing_ns, spec.early_ns)


def response_bounds(
    tasks: Sequence[TaskSpec], interrupts: Sequence[InterruptSpec], costs: KernelCosts, hz: int
) -> dict[str, int | None]:
    """Worst response of each task in ns under fixed priorities, from the nominal release; None where there is no bound.

    There is none for a task whose CPU is overloaded, nor for one that waits and may take longer than its spacing, nor
    for any task less urgent than such a one.
    """
    disturbers = [disturbance_of(spec, costs, hz) for spec in interrupts]
    demands = sorted((demand_of(spec, costs, hz) for spec in tasks), key=lambda demand: demand.spec.priority)
    bounds: dict[str, int | None] = {}
    urgent: list[tuple[Demand, int]] = []
    for index, demand in enumerate(demands):
        less_urgent = demands[index + 1 :]
        loads = [_load(other, other_bound, demand.spec) for other, other_bound in urgent]
        bound = _bound(demand, _blocking(demand, less_urgent), loads, disturbers)
        bounds[demand.spec.name] = bound
        if bound is None:
            bounds |= {later.spec.name: None for later in less_urgent}
            break
        urgent.append((demand, bound))
    return {spec.name: bounds[spec.name] for spec in tasks}


def _blocking(demand: Demand, less_urgent: Sequence[Demand]) -> Blocking:
    let_run = [other for other in less_urgent if not demand.spec.locks_out(other.spec)]
    return Blocking(_longest(less_urgent), _longest(let_run))


def _longest(demands: Sequence[Demand]) -> int:
    """The longest that a segment which has begun a tick ago still takes."""
    return max(max((max(demand.segments) for demand in demands), default=0) - 1, 0)


def _load(demand: Demand, bound: int, seen_by: TaskSpec) -> Interference:
    """What a task with this bound takes from one that is less urgent."""
    trigger = demand.spec.trigger
    if demand.spec.locks_out(seen_by):
        return Interference(demand.cost + demand.waiting, trigger.spacing_ns, trigger.jitter_ns)
    return Interference(
        demand.cost, trigger.spacing_ns, bound - demand.cost if demand.chunks > 1 else trigger.jitter_ns
    )


def _bound(
    demand: Demand, blocking: Blocking, urgent: Sequence[Interference], interrupts: Sequence[Interference]
) -> int | None:
    trigger = demand.spec.trigger
    period, jitter = trigger.spacing_ns, trigger.jitter_ns
    own = Interference(demand.cost, period, jitter)
    if _overloaded([own, *urgent, *interrupts]):
        return None
    if demand.chunks > 1:
        # Waits count like computing; that is only sound while no two jobs of the task meet.
        blocked = blocking.first_ns + (demand.chunks - 1) * blocking.again_ns
        end = _end(demand.cost + demand.waiting + blocked, demand, urgent, interrupts)
        return end + jitter if end + jitter <= period else None
    blocked = blocking.first_ns
    # The level-i busy period: how many jobs of the task can follow each other without a less urgent one between.
    busy = _fixed_point(
        lambda t: blocked + sum(part.before(t) for part in [own, *urgent, *interrupts]), blocked + demand.cost
    )
    worst = 0
    for job in range((busy + jitter) // period + 1):
        end = _end(blocked + (job + 1) * demand.cost, demand, urgent, interrupts)
        worst = max(worst, end - job * period + jitter)
    return worst


def _end(own: int, demand: Demand, urgent: Sequence[Interference], interrupts: Sequence[Interference]) -> int:
    """When a job ends that finds `own` ns of its own and of blocking before its end: its last segment starts once all
    else is done, and only interrupts still delay that segment."""
    last = demand.segments[-1]
    start = _fixed_point(
        lambda t: own - last + sum(part.until(t) for part in [*urgent, *interrupts]),
        own - last,
    )
    ahead = own + sum(part.until(start) for part in urgent)
    return _fixed_point(lambda t: ahead + sum(part.until(t) for part in interrupts), ahead)


def _fixed_point(step: Callable[[int], int], start: int) -> int:
    """The least fixed point of a monotonic step, from below; the caller has checked that there is one."""
    t = start
    while (following := step(t)) != t:
        t = following
    return t


def _overloaded(load: Sequence[Interference]) -> bool:
    """Whether the CPU is asked for all its time, or more: busy periods would have no end."""
    whole = 1
    for part in load:
        whole *= part.spacing_ns
    return sum(part.cost_ns * (whole // part.spacing_ns) for part in load) >= whole


def utilisation_ppm(tasks: Sequence[TaskSpec], interrupts: Sequence[InterruptSpec], costs: KernelCosts, hz: int) -> int:
    """The share of the CPU's time that all may ask for, in parts per million, rounded up."""
    parts = [Interference(demand_of(spec, costs, hz).cost, spec.trigger.spacing_ns) for spec in tasks]
    parts += [disturbance_of(spec, costs, hz) for spec in interrupts]
    return sum(-(-part.cost_ns * 1_000_000 // part.spacing_ns) for part in parts)


def edf_feasible(tasks: Sequence[TaskSpec], interrupts: Sequence[InterruptSpec], costs: KernelCosts, hz: int) -> bool:
    """Whether every job under EDF ends by its deadline, whatever the arrivals; a sufficient test.

    For each absolute deadline t within the longest busy period: the work that must be done by t, and the longest
    segment of a job with a later deadline less one tick, fit in t. A wait counts as computing, and one blocking more.
    """
    disturbers = [disturbance_of(spec, costs, hz) for spec in interrupts]
    demands = [demand_of(spec, costs, hz) for spec in tasks]
    if not demands:
        return True
    longest = max(max(demand.segments) for demand in demands) - 1
    loads = [
        Interference(
            demand.cost + demand.waiting + (demand.chunks - 1) * max(longest, 0),
            demand.spec.trigger.spacing_ns,
            demand.spec.trigger.jitter_ns,
        )
        for demand in demands
    ]
    if _overloaded([*loads, *disturbers]):
        return False
    horizon = _fixed_point(
        lambda t: longest + sum(part.until(t) for part in [*loads, *disturbers]),
        longest + sum(part.cost_ns for part in [*loads, *disturbers]),
    )
    points: set[int] = set()
    for demand, load in zip(demands, loads, strict=True):
        first = demand.spec.deadline_ns - load.jitter_ns
        points.update(range(first, horizon + 1, load.spacing_ns))
        if first <= 0:
            return False
    return all(_fits(t, demands, loads, disturbers) for t in sorted(points))


def _fits(t: int, demands: Sequence[Demand], loads: Sequence[Interference], interrupts: Sequence[Interference]) -> bool:
    due = 0
    blocking = 0
    for demand, load in zip(demands, loads, strict=True):
        deadline = demand.spec.deadline_ns - load.jitter_ns
        if deadline <= t:
            due += ((t - deadline) // load.spacing_ns + 1) * load.cost_ns
        else:
            blocking = max(blocking, max(demand.segments) - 1)
    return due + blocking + sum(part.until(t) for part in interrupts) <= t
