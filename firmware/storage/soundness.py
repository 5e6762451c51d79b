"""Which sectors of a ring can still be written to. It is kept in RAM: a later life finds out by itself."""

from collections.abc import Callable
from typing import Final

SOUND_LEAST: Final = 3
"""One for the newest record, one erased ahead, and one that may just be erased."""


class Soundness:
    """A sector that fails is worn, and not used any more. When hardly a sound one is left, worn ones are used again, as
    far as they hold what is written to them: one that fails once more is hopeless."""

    def __init__(self, sectors: int) -> None:
        self.retired: Callable[[int], None] = lambda _sector: None
        """Told the number of a sector that was found worn, once a life."""
        self.worn_out: Callable[[], None] = lambda: None
        """Told when hardly a sound sector is left, once a life."""
        self.worn: set[int] = set()
        self._hopeless: set[int] = set()
        self._sectors = sectors

    @property
    def exhausted(self) -> bool:
        """Whether worn sectors have to do."""
        return self._sectors - len(self.worn) < SOUND_LEAST

    def usable(self, sector: int) -> bool:
        """Whether it may be erased and written to."""
        return sector not in (self._hopeless if self.exhausted else self.worn)

    def failed(self, sector: int) -> None:
        """It did not take what was written, did not erase clean, or did not keep a record for long."""
        if sector in self.worn:
            self._hopeless.add(sector)
            return
        before = self.exhausted
        self.worn.add(sector)
        self.retired(sector)
        if self.exhausted and not before:
            self.worn_out()

    def unclean(self, sector: int) -> None:
        """It did not erase clean: that alone makes none hopeless."""
        if sector not in self.worn:
            self.failed(sector)
