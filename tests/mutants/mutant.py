"""A mutant: the firmware with one seeded bug, put in while its module is imported.

Nothing on disk changes: a loader of its own compiles the module from a source in which one text has been replaced. So
everything else, the simulator, the oracles and the command line, is what it always is.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).resolve().parents[2]


class NoSuchText(Exception):
    """The text to be replaced does not stand in the module exactly once: the firmware has moved on."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`before` becomes `after`, once, in the source of `module`. `bug` says in words what is wrong then.

    `grounds` are the runs in which it is hunted, in this order, as arguments of `meterbench run`.
    """

    name: str
    bug: str
    module: str
    before: str
    after: str
    grounds: tuple[str, ...]

    @property
    def path(self) -> Path:
        return ROOT / (self.module.replace(".", "/") + ".py")

    def source(self) -> str:
        """The module's text with the bug in it; NoSuchText."""
        text = self.path.read_text(encoding="utf-8")
        found = text.count(self.before)
        if found != 1:
            raise NoSuchText(f"mutant {self.name}: {found} places in {self.module} read {self.before!r}, not one")
        return text.replace(self.before, self.after)

    def infect(self) -> None:
        """From now on this process imports the module with the bug; RuntimeError if it has been imported already."""
        if self.module in sys.modules:
            raise RuntimeError(f"{self.module} has been imported already: too late for mutant {self.name}")
        sys.meta_path.insert(0, _Finder(self))


class _Finder(MetaPathFinder):
    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        spec.loader = _Loader(self._mutant)
        return spec


class _Loader(SourceFileLoader):
    """Compiles anew each time: the cache of compiled modules is not for mutants."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._mutant.source(), str(self._mutant.path), "exec", dont_inherit=True)
