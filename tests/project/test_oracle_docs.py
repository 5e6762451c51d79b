"""The page on oracles says what each oracle's own file says."""

import importlib
import pkgutil
from pathlib import Path

import sim.oracles
from sim.oracles.oracle import Oracle

PAGE = Path(__file__).resolve().parents[2] / "docs" / "oracles.md"


def test_each_oracle_stands_on_the_page_in_its_own_words() -> None:
    rows = {}
    for found in pkgutil.iter_modules(sim.oracles.__path__):
        module = importlib.import_module(f"sim.oracles.{found.name}")
        own = [member for member in vars(module).values() if getattr(member, "__module__", "") == module.__name__]
        for kind in own:
            if isinstance(kind, type) and issubclass(kind, Oracle) and kind is not Oracle:
                assert module.__doc__ is not None
                rows[kind.name] = module.__doc__.split("\n\n")[0].replace("\n", " ")
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    written = [line for line in lines if line.startswith("| `")]
    assert sorted(written) == sorted(f"| `{name}` | {text} |" for name, text in rows.items())
