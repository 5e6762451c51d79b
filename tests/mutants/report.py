"""Prints which oracle caught which mutant."""

from collections import Counter
from collections.abc import Sequence

from tests.mutants.hunt import Catch, Trail, hunt, look
from tests.mutants.mutant import Mutant


def report(mutants: Sequence[Mutant], jobs: int) -> int:
    """A line a mutant, then the oracles with what they caught; 1 if anything is not as it must be."""
    wrong = _sound(mutants)
    caught: Counter[str] = Counter()
    width = max(len(mutant.name) for mutant in mutants)
    for trail in hunt(mutants, jobs):
        print(f"{trail.mutant.name:{width}}  {_told(trail)}", flush=True)
        if trail.catch is None:
            wrong.append(f"{trail.mutant.name} survived: {trail.mutant.bug}")
        else:
            caught.update(trail.catch.oracles)
    print()
    for name in oracle_names():
        print(f"{name:12} caught {caught[name]}")
        if not caught[name]:
            wrong.append(f"oracle {name} caught none")
    print(f"\n{len(mutants)} mutants, {sum(line.count(' survived: ') for line in wrong)} survived")
    for line in wrong:
        print(f"WRONG: {line}")
    return int(bool(wrong))


def _told(trail: Trail) -> str:
    catch = trail.catch
    if catch is None:
        return "SURVIVED"
    return f"{_by(catch)}: {catch.message}  [{catch.ground}]"


def _by(catch: Catch) -> str:
    if catch.oracles:
        return ", ".join(catch.oracles)
    return catch.stopped or f"expectations only ({', '.join(catch.expectations)})"


def _sound(mutants: Sequence[Mutant]) -> list[str]:
    """The firmware as it is holds on every ground; otherwise a catch there says nothing."""
    grounds = dict.fromkeys(ground for mutant in mutants for ground in mutant.grounds)
    catches = ((ground, look("none", ground)) for ground in grounds)
    return [f"without a mutant, {ground} breaks {_by(catch)}" for ground, catch in catches if catch is not None]


def oracle_names() -> list[str]:
    """Of all oracles that a run has."""
    from sim.oracles.oracle import Oracle
    from sim.scenario import runner

    assert runner.Runner
    return sorted(kind.name for kind in Oracle.__subclasses__())
