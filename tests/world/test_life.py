"""Handles of one life: what the HAL offers, as long as the life lasts."""

from typing import Protocol, runtime_checkable

import pytest

from sim.life import Life


class Readable(Protocol):
    @property
    def size(self) -> int: ...

    def read(self, count: int) -> bytes: ...


@runtime_checkable
class Part(Readable, Protocol):
    """A Protocol on top of another."""

    @property
    def busy(self) -> bool: ...

    def erase(self) -> None: ...


@runtime_checkable
class OtherPart(Protocol):
    def scrub(self) -> None: ...


class Device:
    def __init__(self) -> None:
        self.calls: list[str] = []
        self.size = 8
        self.secret = "physics"

    @property
    def busy(self) -> bool:
        self.calls.append("busy")
        return len(self.calls) > 1

    def read(self, count: int) -> bytes:
        self.calls.append("read")
        return bytes(count)

    def erase(self) -> None:
        self.calls.append("erase")

    def power_down(self) -> None:
        self.calls.append("power_down")

    def scrub(self) -> None:
        self.calls.append("scrub")


def test_a_handle_is_the_device_as_the_hal_offers_it() -> None:
    device = Device()
    part = Life(1).lend("part", device, Part)
    assert part.read(3) == bytes(3)
    assert part.size == 8
    device.size = 16
    assert part.size == 16
    assert part.busy
    part.erase()
    assert device.calls == ["read", "busy", "erase"]
    assert isinstance(part, Part)
    assert not isinstance(part, OtherPart)
    for beyond in ("power_down", "secret", "scrub", "calls"):
        with pytest.raises(AttributeError, match=f"the HAL's part has no {beyond}"):
            getattr(part, beyond)


def test_a_dead_handle_does_nothing_and_is_heard_of() -> None:
    device = Device()
    life = Life(1)
    part = life.lend("part", device, Part)
    kept = part.read
    life.end()
    part.erase()
    assert part.read(3) is None
    assert part.size is None
    assert device.calls == []
    assert life.unheard == ["part.erase", "part.read", "part.size"]
    assert not life.alive
    with pytest.raises(AttributeError, match="has no secret"):
        getattr(part, "secret")  # noqa: B009
    # A bound method that was taken out of the handle is the firmware's own risk, as a pointer would be.
    assert kept(2) == bytes(2)


def test_lives_are_apart() -> None:
    device = Device()
    first, second = Life(1), Life(2)
    old, new = first.lend("part", device, Part), second.lend("part", device, Part)
    first.end()
    old.erase()
    new.erase()
    assert device.calls == ["erase"]
    assert (len(first.unheard), second.unheard) == (1, [])
    with pytest.raises(RuntimeError, match="life 1 has ended and lends no part"):
        first.lend("part", device, Part)


def test_a_device_that_lacks_what_the_hal_offers_is_refused() -> None:
    class Lame:
        size = 3

        def read(self, count: int) -> bytes:
            return b""

    with pytest.raises(AttributeError, match=r"Lame has no (busy|erase), which the HAL's part offers"):
        Life(1).lend("part", Lame(), Part)  # type: ignore[arg-type]
