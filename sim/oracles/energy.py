"""Energy is conserved: what a save holds is what truly flowed while the meter could measure, within the accuracy of
the front end and the time that a window of samples spans.

A meter measures from its boot to its power-down. After a power-down without a whole save it goes on from an earlier
save; what may be lost then is the business of `durability`, and this oracle counts anew from what was recovered.

A meter that is programmed with another transformer ratio expresses its registers anew, by the rule that was agreed;
so is what is expected of them, and how far it may be off.

Below its start power a meter counts nothing, and tells no sign: what flows then may or may not be there. Apparent
energy is held to a start power of its own: both directions together hold what flowed, whatever sign active power has.
"""

from collections import deque
from collections.abc import Sequence

from firmware.tariff.config import TOU_MOST
from hal.energy import ENERGY_KINDS
from hal.probe import Booted, Programmed, RegistersSaved, TestModeChanged
from hal.units import MINUTE, MS
from sim.bench import Bench
from sim.board import FrontEndKind
from sim.oracles.oracle import Oracle
from sim.oracles.ratio import expressed, factor
from sim.physics.energy import NONE, Eight, EnergyIntegral
from sim.physics.power import FW_PER_UW, ElementPower

ACCURACY_PPM = 60
"""Of an ideal front end and the chain behind it: some 10 ppm were seen, and a quartz adds 25 ppm over its range."""

SPAN_NS = 450 * MS
"""A window and a block: how far a change of the load may be smeared, or a start be late."""

RMS_WINDOW_NS = 220 * MS
"""The longest window over which samples make rms values."""

_KEPT_NS = 20 * MINUTE
"""A save may hold what was counted up to some time ago: a metering IC is asked at boundaries what it has counted."""
_APPARENT = (6, 7)

_Three = tuple[Eight, Eight, Eight]
"""True energy; what of it flowed at powers that a meter need not count, or whose sign it need not tell; and what of the
apparent energy it need not count, in the place of that of import."""


class EnergyConserved(Oracle):
    name = "energy"

    def __init__(self, accuracy_ppm: int = ACCURACY_PPM) -> None:
        super().__init__()
        self._accuracy_ppm = accuracy_ppm
        self._base: Eight | None = None
        self._at_power_fail: Eight | None = None
        self._power_fail_save = 0
        self._begun: _Three = NONE, NONE, NONE
        self._past: deque[tuple[int, _Three]] = deque()
        """Instants at which the mains changed, with the energies."""
        self._slack = 0
        self._doubtful = EnergyIntegral(0)
        self._uncounted = EnergyIntegral(0)
        self._booted = False
        self._test: tuple[int, _Three] | None = None
        """Since when the meter is in test mode, with the energies of then."""
        self._at_boot: _Three = NONE, NONE, NONE
        self._ratio: tuple[int, int] | None = None
        self._carried = NONE
        """How far the registers might have been off when they were last expressed anew."""
        self._rms_window_ns = 0
        self._apparent_fva = 0
        self._bent = 0
        """How much the product of rms values may exceed the apparent energy, for changes within a window: rms is above
        the mean by at most a quarter of the range."""
        self._last_ns = 0
        """Up to when the last save holds what was counted."""
        self._worst = 0
        self._saves = 0

    def watch(self, bench: Bench) -> None:
        self._bench = bench
        self._start_fw = bench.setting.config.nameplate.start_power_uw * FW_PER_UW * 102 // 100
        if bench.setting.parts.front_end is FrontEndKind.SAMPLED:
            self._rms_window_ns = RMS_WINDOW_NS
        bench.mains.subscribe(lambda _before, _after: self._remember())
        bench.probe.subscribe(Booted, self._boot)
        bench.probe.subscribe(Programmed, self._programmed)
        bench.probe.subscribe(RegistersSaved, self._saved)
        bench.probe.subscribe(TestModeChanged, self._tested)
        self._remember()

    def _remember(self) -> None:
        """True energy is linear between changes of the mains; keep those of the last seconds."""
        now = self._bench.world.now
        self._past.append((now, self._now()))
        while len(self._past) > 2 and self._past[1][0] < now - _KEPT_NS:
            self._past.popleft()
        total = self._bench.truth.total
        self._doubtful.change(now, _doubtful(total, self._start_fw))
        self._uncounted.change(now, _uncounted(total, self._start_fw))
        change_fva = abs(total.apparent_fva - self._apparent_fva)
        self._bent += change_fva * self._rms_window_ns // (4 * 3_600_000_000_000_000_000)
        self._apparent_fva = total.apparent_fva
        # nWh that may be smeared at this power: fVA x ns / 3.6e18
        self._slack = max(self._slack, total.apparent_fva * SPAN_NS // 3_600_000_000_000_000_000)

    def _now(self) -> _Three:
        now = self._bench.world.now
        return self._bench.truth.at(now), self._doubtful.at(now), self._uncounted.at(now)

    def true_at(self, instant_ns: int) -> Eight:
        """True energy at an instant of the last minutes."""
        return self._at(instant_ns)[0]

    def _at(self, instant_ns: int) -> _Three:
        """The energies at an instant of the last minutes."""
        end, high = self._bench.world.now, self._now()
        for begin, low in reversed(self._past):
            if begin <= instant_ns:
                share, flowed = max(end - begin, 1), min(instant_ns, end) - begin
                first, second, third = (_between(a, b, flowed, share) for a, b in zip(low, high, strict=True))
                return first, second, third
            end, high = begin, low
        return high

    def _boot(self, at_ns: int, booted: Booted) -> None:
        # Only a boot begins anew: a dip that the hold-up spans is saved at power fail too, in the same life.
        self._booted = True
        self._at_boot = self._now()
        # Test mode ends with the power.
        self._test = None
        # A save that was cut in its last moment may be whole, and nobody was told what it holds.
        self._base = self._at_power_fail if booted.clean and booted.save == self._power_fail_save else None

    def _programmed(self, at_ns: int, told: Programmed) -> None:
        before, self._ratio = self._ratio, told.ratio
        if before is None or before == told.ratio:
            return
        by = factor(before, told.ratio)
        if self._at_power_fail is not None:
            self._at_power_fail = _eight(expressed(self._at_power_fail, by))
        if self._base is None:
            return
        if not self._booted:
            instant = self._bench.board.cpu.oscillator.true_of(told.at_ns)
            energies = self._at(instant)
            truths = zip(self._base, energies[0], self._begun[0], strict=True)
            flowed = [base + now - then for base, now, then in truths]
            allowed = self._allowed(energies[0])
            self._base, self._begun = _eight(flowed), energies
            self._carried, self._bent = _eight(allowed), 0
        rates = TOU_MOST
        self._base = _eight(expressed(self._base, by))
        self._carried = _eight([off + 1 + rates for off in expressed(self._carried, by)])

    def _tested(self, _at_ns: int, told: TestModeChanged) -> None:
        """What flows in test mode is in no register: it is as if it had not flowed."""
        instant = self._bench.board.cpu.oscillator.true_of(told.at_ns)
        energies = self._at(instant)
        if told.on:
            self._test = instant, energies
        elif self._test is not None:
            _, then = self._test
            self._test = None
            self._begun = _later(self._begun, energies, then)
            self._at_boot = _later(self._at_boot, energies, then)

    def _counted(self, instant_ns: int) -> _Three:
        """The energies at an instant of the last minutes, without what has flowed in a test mode that goes on."""
        if self._test is not None and instant_ns > self._test[0]:
            return self._test[1]
        return self._at(instant_ns)

    def _allowed(self, truth: Eight) -> list[int]:
        """How far each register may be off when this has truly flowed."""
        doubtful = self._doubtful.at(self._bench.world.now)
        allowed = []
        for kind, flowed in enumerate(truth):
            share = (flowed - self._begun[0][kind]) * self._accuracy_ppm // 1_000_000
            bent = self._bent if kind in _APPARENT else 0
            unsure = doubtful[kind] - self._begun[1][kind]
            allowed.append(share + self._slack + 2 + unsure + bent + self._carried[kind])
        return allowed

    def _saved(self, at_ns: int, saved: RegistersSaved) -> None:
        instant = self._bench.board.cpu.oscillator.true_of(saved.at_ns)
        energies = self._counted(instant)
        truth = energies[0]
        meter = saved.totals
        if saved.reason == "power_fail":
            self._power_fail_save = saved.sequence
            self._at_power_fail = (meter[0], meter[1], meter[2], meter[3], meter[4], meter[5], meter[6], meter[7])
        if self.suspended(at_ns, since_ns=self._last_ns):
            # What was counted meanwhile is nobody's: the first save afterwards is where it counts anew.
            self._booted, self._base = True, None
        self._last_ns = min(instant, at_ns)
        if self._booted:
            self._booted, self._bent = False, 0
            if self._base is None:
                # Then the first save says where the registers stand.
                self._base, self._carried = _eight(meter), NONE
                self._begun = energies
                return
            self._begun = self._at_boot
        assert self._base is not None
        self._saves += 1
        limits = self._allowed(truth)
        errors = [
            counted - base - now + then
            for counted, base, now, then in zip(meter, self._base, truth, self._begun[0], strict=True)
        ]
        for kind, name in enumerate(ENERGY_KINDS):
            self._judge(at_ns, saved.sequence, f"{name} is {meter[kind]} nWh", errors[kind], limits[kind])
        # What is doubtful of one direction only is not doubtful of both together.
        doubtful, uncounted = (
            [now - then for now, then in zip(integral.at(self._bench.world.now), begun, strict=True)]
            for integral, begun in zip((self._doubtful, self._uncounted), self._begun[1:], strict=True)
        )
        both = [sum(values[kind] for kind in _APPARENT) for values in (meter, errors, limits, doubtful, uncounted)]
        allowed = both[2] - both[3] + both[4]
        self._judge(at_ns, saved.sequence, f"apparent energy is {both[0]} nVAh", both[1], allowed)

    def _judge(self, at_ns: int, save: int, what: str, error: int, allowed: int) -> None:
        self._worst = max(self._worst, abs(error))
        if abs(error) > allowed:
            self.breaks(at_ns, f"{what} in save {save}, {error} nWh off (allowed {allowed})")

    @property
    def message(self) -> str:
        return f"{self._saves} saves hold what truly flowed, at worst {self._worst / 1e6:.3f} mWh off"


def _eight(values: Sequence[int]) -> Eight:
    return (values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7])


def _later(begun: _Three, end: _Three, begin: _Three) -> _Three:
    """As if the energies between `begin` and `end` had flowed before."""
    first, second, third = (
        _eight([a + now - then for a, now, then in zip(*each, strict=True)])
        for each in zip(begun, end, begin, strict=True)
    )
    return first, second, third


def _between(low: Eight, high: Eight, flowed: int, share: int) -> Eight:
    return _eight([a + (b - a) * flowed // share for a, b in zip(low, high, strict=True)])


def _uncounted(total: ElementPower, start_fw: int) -> Eight:
    return (0, 0, 0, 0, 0, 0, total.apparent_fva if total.apparent_fva < start_fw else 0, 0)


def _doubtful(total: ElementPower, start_fw: int) -> Eight:
    """By kind, how far a meter may be off that counts nothing below its start power, and knows no sign there."""
    active, reactive, apparent = abs(total.active_fw), abs(total.reactive_fvar), total.apparent_fva
    if active < start_fw:
        return (active, active, reactive, reactive, reactive, reactive, apparent, apparent)
    if reactive < start_fw:
        return (0, 0, reactive, reactive, reactive, reactive, 0, 0)
    return NONE
