"""One life of the CPU, from power-up to power loss, and the handles that belong to it.

A power loss kills the handles first: later calls do nothing, and are logged. So a `finally` in a task that the loss
closes may run, and can touch nothing.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

Device = TypeVar("Device")


class _Handle:
    """A device as one life of the firmware sees it: the members of a HAL Protocol, and no others.

    While the life lasts, methods are the device's own bound methods, so that a call through a handle costs nothing
    more. Each Protocol has a class of handles of its own, with its properties, so that `isinstance` with a Protocol
    that can be checked at run time tells what the handle offers.
    """

    _methods: tuple[str, ...] = ()

    def __init__(self, name: str, device: object, unheard: Callable[[str], None]) -> None:
        self._name = name
        self._device: object | None = device
        self._unheard = unheard
        for method in self._methods:
            setattr(self, method, getattr(device, method))

    def __getattr__(self, member: str) -> object:
        raise AttributeError(f"the HAL's {self._name} has no {member}")

    def _read(self, member: str) -> object:
        """A property of the device; None once the life has ended."""
        if self._device is None:
            self._unheard(f"{self._name}.{member}")
            return None
        return getattr(self._device, member)

    def _die(self) -> None:
        for method in self._methods:
            setattr(self, method, self._dead(method))
        self._device = None

    def _dead(self, method: str) -> Callable[..., None]:
        def unheard(*_args: object, **_kwargs: object) -> None:
            self._unheard(f"{self._name}.{method}")

        return unheard


def _property(member: str) -> property:
    return property(lambda handle: handle._read(member))


@cache
def _handle_class(protocol: type) -> type[_Handle]:
    """The class of handles for a Protocol."""
    members: dict[str, object] = {}
    for base in reversed(protocol.__mro__):
        members |= {name: value for name, value in vars(base).items() if not name.startswith("_")}
    methods = sorted(name for name, value in members.items() if callable(value))
    rest = {name: _property(name) for name in members if name not in methods}
    return type(f"{protocol.__name__}Handle", (_Handle,), {"_methods": tuple(methods), **rest})


class Life:
    """The handles of one life; `unheard` collects the calls that came after its end."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.alive = True
        self.unheard: list[str] = []
        self._handles: list[_Handle] = []

    def lend(self, name: str, device: object, protocol: type[Device]) -> Device:
        """A handle to `device` with the members of a HAL Protocol, for as long as this life lasts.

        AttributeError, naming it, if the device lacks a member; RuntimeError if the life has ended.
        """
        if not self.alive:
            raise RuntimeError(f"life {self.number} has ended and lends no {name}")
        handle_class = _handle_class(cast(type, protocol))
        for member in {*handle_class._methods, *vars(handle_class)} - {"_methods"}:
            if not member.startswith("_") and not (hasattr(type(device), member) or member in vars(device)):
                raise AttributeError(f"{type(device).__name__} has no {member}, which the HAL's {name} offers")
        handle = handle_class(name, device, self.unheard.append)
        self._handles.append(handle)
        return cast(Device, cast(Any, handle))

    def end(self) -> None:
        """Kill all handles."""
        self.alive = False
        for handle in self._handles:
            handle._die()
