"""What a task can await: work, yields, sleeps, signals, flags, mailboxes, and timeouts on all of them."""

from collections.abc import Callable, Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.kernel.sources import Mailbox, Source
from firmware.kernel.spec import KernelCosts, exactly
from firmware.kernel.task import Body, Task
from hal.probe import MailboxDropped
from tests.kernel.bench import Bench, Wire


def test_work_never_yields_and_every_other_await_does() -> None:
    bench = Bench()
    signal, flags, mailbox = bench.kernel.signal(), bench.kernel.flags(), bench.kernel.mailbox("box", 4)

    async def low(task: Task) -> None:
        await task.release()
        for _ in range(3):
            await task.work(exactly(10))
        bench.log.append("low works on")
        for name, wait in (
            ("signal", lambda: task.wait_for(signal)),
            ("flags", lambda: task.wait_for(flags.any_of(1))),
            ("mailbox", lambda: task.wait_for(mailbox)),
            ("sleep", lambda: task.sleep_until(task.now - 5)),
            ("release", task.release),
        ):
            signal.raise_at(task.now)
            flags.set(1, task.now)
            mailbox.put("item", task.now)
            await task.work(exactly(100))
            bench.log.append(f"before {name}")
            await wait()
            bench.log.append(f"after {name}")

    async def high(task: Task) -> None:
        while True:
            await task.release()
            bench.log.append("high")

    bench.periodic("high", 0, 100, body=high, offset_ns=65)
    bench.periodic("low", 1, 100, body=low)
    bench.run(560)
    # High is released in the middle of each stretch of work, and runs at the first await after it.
    assert bench.log == [
        "low works on",
        "before signal",
        "high",
        "after signal",
        "before flags",
        "high",
        "after flags",
        "before mailbox",
        "high",
        "after mailbox",
        "before sleep",
        "high",
        "after sleep",
        "before release",
        "high",
        "after release",
    ]


def test_work_of_several_calls_carries_one_dispatch() -> None:
    bench = Bench(costs=KernelCosts(dispatch=exactly(7)))

    async def body(task: Task) -> None:
        while True:
            release = await task.release()
            for _ in range(3):
                await task.work(exactly(10))
                bench.log.append(task.now - release)
            await task.sleep_until(task.now)
            # The dispatch is charged with the first work, or at the end of a segment without any.
            bench.log.append(task.now - release)
            await task.sleep_until(task.now)
            await task.work(exactly(1))
            bench.log.append(task.now - release)

    bench.periodic("task", 0, 1_000, body=body)
    bench.run(500)
    assert bench.log == [17, 27, 37, 37, 37 + 7 + 8]


def test_a_signal_keeps_its_first_instant_until_it_is_seen() -> None:
    bench = Bench()
    signal = bench.kernel.signal()

    async def body(task: Task) -> None:
        while True:
            at = await task.release_on(signal)
            bench.log.append((at, task.released_ns, task.now))
            await task.work(exactly(100))

    bench.sporadic("task", 0, body)
    bench.attach(Wire.A, signal.raise_at)
    for at in (50, 60, 70, 300):
        bench.interrupt_at(at, Wire.A)
    bench.run(1_000)
    # 60 and 70 fall into the first job: together they make one.
    assert bench.log == [(50, 50, 50), (60, 60, 150), (300, 300, 300)]


def test_a_signal_raised_before_anybody_waits_is_not_lost() -> None:
    bench = Bench()
    signal = bench.kernel.signal()
    signal.raise_at(0)

    async def body(task: Task) -> None:
        bench.log.append(await task.release_on(signal))

    bench.sporadic("task", 0, body)
    bench.run(10)
    assert bench.log == [0]


@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 7)), min_size=1, max_size=12), st.booleans())
def test_flags_are_waited_for_any_or_all(steps: list[tuple[int, int]], every: bool) -> None:
    """Against a plain set: at each step an interrupt sets flags, and the task waits for some."""
    bench = Bench()
    flags = bench.kernel.flags()
    masks = [mask for mask, _ in steps]
    set_at = iter([fresh for _, fresh in steps])

    async def body(task: Task) -> None:
        await task.release_on(bench.kernel.signal(), 0)
        for mask in masks:
            got = await task.wait_for(flags.all_of(mask) if every else flags.any_of(mask), 1_000)
            bench.log.append((task.now, got))

    bench.sporadic("task", 0, body)
    bench.attach(Wire.A, lambda at: flags.set(next(set_at), at))
    for index in range(len(steps)):
        bench.interrupt_at(100 * index + 100, Wire.A)
    bench.run(100_000)

    arrivals = {100 * index + 100: fresh for index, (_, fresh) in enumerate(steps)}
    expected: list[tuple[int, int | None]] = []
    word = now = 0
    for mask in masks:
        until = now + 1_000
        while True:
            found = word & mask
            if found == mask or (found and not every):
                word &= ~found
                expected.append((now, found))
                break
            if now == until:
                expected.append((now, None))
                break
            now += 1
            word |= arrivals.get(now, 0)
    assert bench.log == expected


def test_flags_tell_when_the_first_or_the_last_was_set() -> None:
    bench = Bench()
    flags = bench.kernel.flags()
    fresh = iter([1, 2, 1, 2])

    async def body(task: Task) -> None:
        await task.release_on(flags.all_of(3))
        bench.log.append(task.released_ns)
        await task.work(exactly(500))
        await task.release_on(flags.any_of(3))
        bench.log.append(task.released_ns)

    bench.sporadic("task", 0, body)
    bench.attach(Wire.A, lambda at: flags.set(next(fresh), at))
    for at in (10, 20, 30, 40):
        bench.interrupt_at(at, Wire.A)
    bench.run(1_000)
    assert bench.log == [20, 30]


def test_flags_can_be_cleared_and_wake_all_who_wait() -> None:
    bench = Bench()
    flags = bench.kernel.flags()
    flags.set(3, 0)
    flags.clear(2)

    def waits_for(name: str, mask: int) -> Body:
        async def body(task: Task) -> None:
            bench.log.append((name, await task.release_on(flags.any_of(mask))))

        return body

    for order, (name, mask) in enumerate((("a", 1), ("b", 2), ("c", 4))):
        bench.sporadic(name, order, waits_for(name, mask))
    bench.attach(Wire.A, lambda at: flags.set(6, at))
    bench.interrupt_at(10, Wire.A)
    bench.run(20)
    assert bench.log == [("a", 1), ("b", 2), ("c", 4)]
    with pytest.raises(ValueError, match="at least one"):
        flags.any_of(0)


@given(st.integers(1, 5), st.lists(st.booleans(), max_size=40))
def test_a_mailbox_is_bounded_and_counts_what_it_drops(capacity: int, puts: list[bool]) -> None:
    """Against a plain list; True puts an item, False takes one."""
    bench = Bench()
    mailbox: Mailbox[int] = bench.kernel.mailbox("box", capacity)
    model: list[int] = []
    dropped = 0
    for index, put in enumerate(puts):
        if put:
            assert mailbox.put(index, index) == (len(model) < capacity)
            if len(model) < capacity:
                model.append(index)
            else:
                dropped += 1
        else:
            assert mailbox.poll() == ((model[0], model[0]) if model else None)
            model = model[1:]
        assert (len(mailbox), mailbox.dropped) == (len(model), dropped)
    assert bench.probe.of(MailboxDropped) == [MailboxDropped("box", count + 1) for count in range(dropped)]


def test_a_mailbox_serves_its_items_in_order_one_job_each() -> None:
    bench = Bench()
    mailbox: Mailbox[str] = bench.kernel.mailbox("box", 3)
    items = iter("abcdef")

    async def body(task: Task) -> None:
        while True:
            item = await task.release_on(mailbox)
            bench.log.append((item, task.released_ns, task.now))
            await task.work(exactly(25))

    bench.sporadic("task", 0, body)
    bench.attach(Wire.A, lambda at: mailbox.put(next(items), at))
    for at in (10, 20, 30, 40, 50, 60):
        bench.interrupt_at(at, Wire.A)
    bench.run(1_000)
    # f finds c, d and e before it: b was taken at 35, c at 60, and the interrupt at 60 came before that.
    assert bench.log == [("a", 10, 10), ("b", 20, 35), ("c", 30, 60), ("d", 40, 85), ("e", 50, 110)]
    assert mailbox.dropped == 1
    with pytest.raises(ValueError, match="mailbox none"):
        bench.kernel.mailbox("none", 0)


def test_several_tasks_may_wait_for_one_mailbox() -> None:
    bench = Bench()
    mailbox: Mailbox[int] = bench.kernel.mailbox("box", 3)

    def takes(name: str, timeout: int | None) -> Body:
        async def body(task: Task) -> None:
            bench.log.append((name, await task.release_on(mailbox, timeout)))

        return body

    bench.sporadic("first", 0, takes("first", 15))
    bench.sporadic("second", 1, takes("second", None))
    bench.sporadic("busy", 2, _busy(100))
    bench.attach(Wire.A, lambda at: mailbox.put(at, at))
    # The first has timed out by 20, though the CPU has not come round to telling it so; the item is the second's.
    bench.interrupt_at(20, Wire.A)
    bench.run(200)
    assert bench.log == [("first", None), ("second", 20)]


def _busy(cycles: int) -> Body:
    async def body(task: Task) -> None:
        await task.release_on(task.kernel.signal(), 1)
        await task.work(exactly(cycles))

    return body


SOURCES = ["signal", "any", "all", "mailbox"]


def source_of(bench: Bench, kind: str) -> tuple[Callable[[int], object], Source[int]]:
    """What raises a source, and what to wait for."""
    if kind == "signal":
        signal = bench.kernel.signal()
        return signal.raise_at, signal
    if kind == "mailbox":
        mailbox: Mailbox[int] = bench.kernel.mailbox("box", 1)
        return lambda at: mailbox.put(at, at), mailbox
    flags = bench.kernel.flags()
    return lambda at: flags.set(1, at), flags.any_of(1) if kind == "any" else flags.all_of(1)


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(("raised", "timed_out"), [(49, False), (50, False), (51, True)])
def test_every_wait_has_a_timeout(kind: str, inside: bool, raised: int, timed_out: bool) -> None:
    bench = Bench()
    handler, source = source_of(bench, kind)

    async def body(task: Task) -> None:
        await task.release_on(bench.kernel.signal(), 0)
        wait = task.wait_for if inside else task.release_on
        got = await wait(source, 50)
        bench.log.append((got, task.now))
        got = await wait(source, 50)
        bench.log.append((got, task.now))

    bench.sporadic("task", 0, body)
    bench.attach(Wire.A, handler)
    bench.interrupt_at(raised, Wire.A)
    bench.run(1_000)
    value = 1 if kind in ("any", "all") else raised
    if timed_out:
        assert bench.log == [(None, 50), (value, 51)]
    else:
        assert bench.log == [(value, raised), (None, raised + 50)]


@pytest.mark.parametrize("kind", SOURCES)
def test_a_timeout_that_passed_while_the_cpu_was_busy_comes_first(kind: str) -> None:
    bench = Bench()
    handler, source = source_of(bench, kind)

    async def body(task: Task) -> None:
        for _ in range(2):
            got = await task.release_on(source, 50)
            bench.log.append((got, task.released_ns, task.now))

    bench.sporadic("task", 0, body)
    bench.sporadic("busy", 1, _busy(100))
    bench.attach(Wire.A, handler)
    bench.interrupt_at(70, Wire.A)
    bench.run(1_000)
    value = 1 if kind in ("any", "all") else 70
    assert bench.log == [(None, 50, 101), (value, 70, 101)]


@given(st.lists(st.integers(-20, 50), min_size=1, max_size=10))
def test_sleep_wakes_at_its_instant_or_yields(delays: list[int]) -> None:
    bench = Bench()

    async def body(task: Task) -> None:
        for delay in delays:
            before = task.now
            await task.sleep_until(before + delay)
            bench.log.append(task.now - before)

    bench.sporadic("task", 0, body)
    bench.run(10_000)
    assert bench.log == [max(delay, 0) for delay in delays]


def test_a_sporadic_task_has_no_periodic_release() -> None:
    bench = Bench()

    async def body(task: Task) -> None:
        await task.release()

    bench.sporadic("task", 0, body)
    with pytest.raises(Exception, match="task task is sporadic"):
        bench.run(10)


def test_a_task_awaits_only_what_is_the_kernels() -> None:
    bench = Bench()

    class Foreign:
        def __await__(self) -> Generator[str, None, None]:
            yield "something else"

    async def body(task: Task) -> None:
        await task.release()
        await Foreign()

    bench.periodic("task", 0, 10, body=body)
    with pytest.raises(Exception, match="task task awaited 'something else'"):
        bench.run(10)
