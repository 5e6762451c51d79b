"""The load-control output: on in some rates of the tariff, or as a command says, and never switched too soon."""

import enum


class Override(enum.Enum):
    """Who says whether the load is to be on. The number is kept in flash."""

    TARIFF = 0
    ON = 1
    OFF = 2


class LoadControl:
    """One output. It is off at first, as outputs are without power; times are monotonic ns.

    Once on it stays so for `minimum_on_ns`, once off for `minimum_off_ns`, whatever is wanted meanwhile.
    """

    def __init__(self, minimum_on_ns: int, minimum_off_ns: int, now_ns: int) -> None:
        self._minimum_ns = {True: minimum_on_ns, False: minimum_off_ns}
        self._wanted = False
        self._since_ns = now_ns
        self.on = False

    @property
    def due_ns(self) -> int | None:
        """When what is wanted may be done; None if it is done."""
        return None if self._wanted == self.on else self._since_ns + self._minimum_ns[self.on]

    def feed(self, wanted: bool, now_ns: int) -> bool:
        """Tell what is wanted now; whether the output switches."""
        self._wanted = wanted
        due_ns = self.due_ns
        if due_ns is None or now_ns < due_ns:
            return False
        self.on, self._since_ns = wanted, now_ns
        return True


def wanted(override: Override, rate: int, rates: tuple[int, ...]) -> bool:
    """Whether the load is to be on in the rate in force."""
    return rate in rates if override is Override.TARIFF else override is Override.ON
