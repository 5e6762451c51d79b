"""Which sectors of a ring can still be written to. A sector that fails is told once, and then marked in flash."""

from collections.abc import Iterable
from typing import Final

_BESIDE: Final = 2
"""One for the newest record, and one that may just be erased."""

_AHEAD_MOST: Final = 6
"""Of those that a ring wants erased ahead, so many must be sound: enough for a life that is too short to erase any, and
for the saves that are re-read."""


class Soundness:
    """A sector that fails is worn, and not used any more. When hardly a sound one is left, worn ones are used again, as
    far as they hold what is written to them: one that fails once more is hopeless.

    Who tells of the sectors in `untold` takes them out, and says with `told` that this can't be lost
    any more. Then they are to be marked.
    """

    def __init__(self, sectors: int, ahead: int) -> None:
        """Of so many sectors, of which so many are wanted erased ahead."""
        self.worn: set[int] = set()
        self.untold: list[int] = []
        """Sectors that were found worn, and nobody was told of yet."""
        self.unmarked: list[int] = []
        """Those that were told of, and whose mark is not in flash yet."""
        self.known: set[int] = set()
        """Those that were told of, in this life or an earlier one."""
        self._hopeless: set[int] = set()
        self._worn_most = sectors - _BESIDE - min(ahead, _AHEAD_MOST)
        self._exhausted_told = False

    def recovered(self, worn: Iterable[int]) -> None:
        """These were marked by an earlier life, which has told of them."""
        self.worn, self.known = set(worn), set(worn)
        self.untold, self.unmarked = [], []
        self._hopeless.clear()
        self._exhausted_told = self.exhausted

    @property
    def exhausted(self) -> bool:
        """Whether worn sectors have to do."""
        return len(self.worn) > self._worn_most

    def told(self, sector: int) -> None:
        """A worn sector was told of for good."""
        self.known.add(sector)
        self.unmarked.append(sector)

    @property
    def exhausted_untold(self) -> bool:
        """Whether it is to be told that hardly a sound sector is left: once, after the last of those that failed."""
        return self.exhausted and not self._exhausted_told and not self.untold

    def exhausted_told(self) -> None:
        """Somebody was told."""
        self._exhausted_told = True

    def usable(self, sector: int) -> bool:
        """Whether it may be erased and written to."""
        return sector not in (self._hopeless if self.exhausted else self.worn)

    def failed(self, sector: int) -> None:
        """It did not take what was written, did not erase clean, or did not keep a record for long."""
        if sector in self.worn:
            self._hopeless.add(sector)
            return
        self.worn.add(sector)
        self.untold.append(sector)

    def unclean(self, sector: int) -> None:
        """It did not erase clean: that alone makes none hopeless."""
        if sector not in self.worn:
            self.failed(sector)
