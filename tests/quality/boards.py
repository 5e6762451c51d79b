"""The same mains before both front ends: the converter with the firmware's chain behind it, and the metering IC."""

from firmware.metrology.chain import SampledChain
from hal.frontend import Excursion, ExcursionLimits, Wiring
from hal.units import S
from sim.devices.adc import Adc
from sim.devices.metering_ic import MeteringIc
from sim.physics.mains import Mains
from sim.physics.waves import Segment
from sim.world import Phase, World

NOMINAL_UV = 230_000_000
FOUR = Wiring.THREE_PHASE_FOUR_WIRE
LIMITS = ExcursionLimits(
    dip_uv=NOMINAL_UV * 9 // 10, swell_uv=NOMINAL_UV * 11 // 10, hysteresis_uv=NOMINAL_UV * 2 // 100
)


class Boards:
    """Both of them. Clocks run true; the chain is fed as each block is full."""

    def __init__(self, wiring: Wiring = FOUR, rate_hz: int = 4_000, nominal_hz: int = 50) -> None:
        self.world = World(1)
        self.mains = Mains(self.world, wiring)
        self.adc = Adc(
            self.world,
            self.mains,
            lambda: self.world.now,
            lambda instant: instant,
            self._block,
            current_peak_na=20_000_000_000,
            rate_hz=rate_hz,
            block_samples=rate_hz // 5,
        )
        self.chain = SampledChain(self.adc.scale, wiring, nominal_hz * 1_000_000, NOMINAL_UV, 1_000_000)
        self.ic = MeteringIc(self.world, self.mains)
        self.ic.configure(wiring, 1_000_000, 10**9)

    def begin(self, limits: ExcursionLimits | None = LIMITS) -> None:
        """Start both; with None nothing is watched."""
        if limits is not None:
            self.chain.watch_excursions(limits)
            self.ic.watch_excursions(limits)
        self.adc.start()

    def demand(self, at_ns: int, segment: Segment) -> None:
        self.world.at(at_ns, Phase.WORLD, lambda: self.mains.demand(segment))

    def run_until(self, instant_ns: int) -> None:
        self.world.run_until(instant_ns)

    def excursions(self) -> tuple[list[Excursion], list[Excursion]]:
        """Those of the chain, and those of the IC, by element and begin."""
        by_begin = [
            sorted(found, key=lambda one: (one.element, one.begin_ns))
            for found in (self.chain.excursions(), self.ic.excursions())
        ]
        return by_begin[0], by_begin[1]

    def _block(self) -> None:
        block = self.adc.take()
        if block is not None:
            self.chain.feed(block)


def seconds(amount: float) -> int:
    return round(amount * S)
