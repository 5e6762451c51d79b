"""A pseudo-terminal and a bench on it, closed at the end."""

import os
import tty
from collections.abc import Iterator
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Terminal:
    """The far end's file descriptor, and the path of the near end."""

    far: int
    path: str


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    far, near = os.openpty()
    tty.setraw(near)
    yield Terminal(far, os.ttyname(near))
    os.close(near)
    os.close(far)
