"""The handles that belong to one life of the processor: the names of a HAL Protocol, and no others.

Once the processor is off they do nothing, so a `finally` of a task that the end of a life closes can touch nothing.
"""

from typing import Any, TypeVar, cast

from rig.processor import HostProcessor

Device = TypeVar("Device")


class _Handle:
    def __init__(self, processor: HostProcessor, device: object, protocol: type) -> None:
        self._processor = processor
        self._device = device
        self._members = {name for base in protocol.__mro__ for name in vars(base) if not name.startswith("_")}

    def __getattr__(self, member: str) -> object:
        if member.startswith("_") or member not in self._members:
            raise AttributeError(f"the HAL's {type(self._device).__name__} has no {member}")
        return getattr(self._device, member) if self._processor.powered else _nothing


def _nothing(*_args: object, **_kwargs: object) -> None:
    """What every call does after the end of its life."""


def lend(processor: HostProcessor, device: Device, protocol: type) -> Device:
    """A handle to `device`, with the members of a HAL Protocol that the device implements."""
    return cast(Device, cast(Any, _Handle(processor, device, protocol)))
