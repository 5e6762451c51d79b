"""Each mutant can be put into the firmware as it is now, and a hunt finds one. `make mutants` hunts them all."""

import ast

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.hunt import follow, look
from tests.mutants.mutant import ROOT, Mutant, NoSuchText


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_bug_can_be_put_in(mutant: Mutant) -> None:
    ill, sound = mutant.source(), mutant.path.read_text(encoding="utf-8")
    assert ast.dump(ast.parse(ill)) != ast.dump(ast.parse(sound))
    for ground in mutant.grounds:
        name = ground.split()[0]
        assert (ROOT / name).is_file() or (ROOT / "sim/scenarios" / f"{name}.toml").is_file()


def test_names_are_given_once() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_a_text_that_is_not_there_once_is_refused() -> None:
    with pytest.raises(NoSuchText, match="0 places"):
        Mutant("x", "", "firmware.core", "no such text", "", ()).source()


def test_a_hunt_finds_the_one_that_forgets_the_freeze() -> None:
    (mutant,) = (mutant for mutant in MUTANTS if mutant.name == "forget-the-freeze")
    trail = follow(mutant)
    assert trail.catch is not None
    assert "battery-response" in trail.catch.oracles
    assert look("none", trail.catch.ground) is None
