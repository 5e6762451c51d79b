"""Every kind of the catalogue can be drawn, with all its parameters, or is excluded with a reason."""

import pytest

from sim.explore.generators import AT_THE_PORT, EXCLUDED, GENERATORS, WITHOUT
from sim.explore.schedule import draw_schedule
from sim.faults import CATALOGUE
from sim.world import Stream
from tests.explore.scene import of_kinds, space

SPACE = space()
TABLES = {table.kind_of(): table for table in CATALOGUE}


def test_every_kind_has_a_generator_or_a_reason() -> None:
    assert set(GENERATORS) | set(EXCLUDED) == set(TABLES)
    assert not set(GENERATORS) & set(EXCLUDED)
    assert all(EXCLUDED.values())
    assert set(GENERATORS) >= AT_THE_PORT


@pytest.mark.parametrize("kind", sorted(GENERATORS))
def test_every_parameter_is_drawn(kind: str) -> None:
    keys = {field.alias or name for name, field in TABLES[kind].model_fields.items()}
    assert set(GENERATORS[kind]) <= keys
    assert keys - set(GENERATORS[kind]) <= set(WITHOUT)


@pytest.mark.parametrize("kind", sorted(GENERATORS))
def test_what_is_drawn_makes_a_scenario(kind: str) -> None:
    """A generator out of step with its table is refused each time, and would go unnoticed."""
    if TABLES[kind].boards == frozenset({"soc"}):
        pytest.skip("the scene has a metering IC")
    chance = Stream(1, kind)
    # A cell is replaced only after another fault of its own.
    kinds = (kind, "battery-fail") if kind == "battery-replace" else (kind,)
    assert any(kind in of_kinds(draw_schedule(SPACE, chance, kinds))[1:] for _ in range(8))
