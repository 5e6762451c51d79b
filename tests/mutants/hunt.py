"""Hunts mutants: runs each through its grounds, in processes of their own, and says which oracle caught it."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.mutants.mutant import ROOT, Mutant


@dataclass(frozen=True, slots=True)
class Catch:
    """What a ground showed: the oracles (and expectations) that broke, or why there was no result."""

    ground: str
    oracles: tuple[str, ...]
    expectations: tuple[str, ...]
    stopped: str
    """The firmware failed, or the run was invalid: in words; empty if neither."""
    message: str
    """Of the first that broke."""


@dataclass(frozen=True, slots=True)
class Trail:
    """A mutant, and the first of its grounds on which it was caught; None if it survived them all."""

    mutant: Mutant
    catch: Catch | None


def hunt(mutants: Iterable[Mutant], jobs: int) -> Iterator[Trail]:
    """Each mutant's trail, in their order."""
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(follow, mutants)


def follow(mutant: Mutant) -> Trail:
    """Through its grounds until it is caught."""
    for ground in mutant.grounds:
        catch = look(mutant.name, ground)
        if catch is not None:
            return Trail(mutant, catch)
    return Trail(mutant, None)


def look(name: str, ground: str) -> Catch | None:
    """What one ground shows of one mutant (or of the firmware as it is, by the name `none`)."""
    command = [sys.executable, "-m", "tests.mutants", name, "run", *shlex.split(ground), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    if done.returncode != 1 or not done.stdout.strip():
        raise RuntimeError(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return _catch(ground, json.loads(done.stdout))


def _catch(ground: str, result: dict[str, Any]) -> Catch:
    if "failure" in result:
        last = result["failure"].strip().splitlines()[-1]
        return Catch(ground, (), (), "the firmware failed", last)
    broken = [check for check in result["oracles"] if not check["held"]]
    missed = [check for check in result["expectations"] if not check["held"]]
    inert = [check for check in result["faults"] if not check["held"]]
    first = min(broken, key=lambda check: check["at_ns"] or 0) if broken else (missed or inert)[0]
    return Catch(
        ground,
        tuple(check["name"] for check in broken),
        tuple(check["name"] for check in missed),
        "a fault had no effect" if inert else "",
        first["message"],
    )
