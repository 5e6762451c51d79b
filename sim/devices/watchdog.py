"""The windowed watchdog."""

from collections.abc import Callable

from sim.world import Phase, World


class WindowedWatchdog:
    """Model of `hal.watchdog.Watchdog`. One outstanding wake-up follows the deadline, however often it is moved."""

    def __init__(self, world: World, bite: Callable[[str], None]) -> None:
        """`bite(reason)` is called in the devices' phase; the board resets the processor."""
        self._world = world
        self._bite = bite
        self._earliest = 0
        self._latest = 0
        self._kicked: int | None = None
        self._armed: int | None = None

    # hal.watchdog.Watchdog

    def start(self, earliest_ns: int, latest_ns: int) -> None:
        if not 0 <= earliest_ns < latest_ns:
            raise ValueError(f"the watchdog's window from {earliest_ns} to {latest_ns} ns is empty")
        if self._kicked is not None:
            return
        self._earliest, self._latest = earliest_ns, latest_ns
        self._kicked = self._world.now
        self._arm()

    def kick(self) -> None:
        if self._kicked is None:
            return
        now = self._world.now
        if now < self._kicked + self._earliest:
            self._world.at(now, Phase.DEVICES, lambda: self._bites("kicked too early"))
        self._kicked = now

    # The world

    def power_down(self) -> None:
        """A reset stops it."""
        self._kicked = None

    def _arm(self) -> None:
        assert self._kicked is not None
        instant = self._kicked + self._latest
        if self._armed is None:
            self._armed = instant
            self._world.at(instant, Phase.DEVICES, self._look)

    def _look(self) -> None:
        self._armed = None
        if self._kicked is None:
            return
        if self._world.now >= self._kicked + self._latest:
            self._bites("not kicked in time")
        else:
            self._arm()

    def _bites(self, reason: str) -> None:
        if self._kicked is not None:
            self._kicked = None
            self._bite(reason)
