"""The sampling converter: instants, blocks, cuts, and that its samples are the mains."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hal.frontend import CHANNELS, FULL_SCALE, SampledFrontEnd, Wiring
from hal.units import MS, TURN, US, S
from sim.devices.adc import Adc, ChannelError
from sim.physics.energy import TrueEnergy
from sim.physics.mains import Mains
from sim.physics.power import powers
from sim.physics.service import PowerFactor, Service
from sim.physics.waves import Harmonic, Segment, Wave
from sim.world import Phase, World

FOUR = Wiring.THREE_PHASE_FOUR_WIRE
SERVICE = Service(FOUR, 230_000_000)
LOAD = SERVICE.current(5_000_000_000, PowerFactor(500_000))
PEAK_NA = 20_000_000_000


class Bench:
    """A converter with a CPU clock that runs `ppb` fast, was started with the world, and takes all blocks at once."""

    def __init__(self, segment=LOAD, *, ppb=0, taking=True, **options):
        self.world = World(1)
        self.mains = Mains(self.world)
        self.mains.demand(segment)
        self.ppb = ppb
        self.interrupts = []
        self.blocks = []
        options.setdefault("current_peak_na", PEAK_NA)
        self.adc = Adc(self.world, self.mains, self.mono, self.true_of, self.interrupt, **options)
        self.taking = taking

    def mono(self):
        return self.world.now * (S + self.ppb) // S

    def true_of(self, mono_ns):
        return -(-mono_ns * S // (S + self.ppb))

    def interrupt(self):
        self.interrupts.append(self.world.now)
        if self.taking:
            self.keep(self.adc.take())

    def keep(self, block):
        self.blocks.append((block.first, block.end_ns, block.lost, block.samples.copy()))

    def flush(self):
        block = self.adc.flush()
        if block is not None:
            self.keep(block)

    def at(self, instant_ns, action, phase=Phase.WORLD):
        self.world.at(instant_ns, phase, action)

    def stream(self):
        """All samples taken; they must follow one another, and block ends must be those of their last samples."""
        number = 0
        for first, end_ns, lost, samples in self.blocks:
            assert first == number + lost
            number = first + samples.shape[1]
            assert end_ns == self.blocks[0][1] + (number - self.blocks[0][3].shape[1]) * S // self.adc.scale.rate_hz
        return np.concatenate([samples for *_, samples in self.blocks], axis=1)


def ran(until_ns=S, **options):
    bench = Bench(**options)
    bench.adc.start()
    bench.world.run_until(until_ns)
    return bench


def test_it_is_a_sampled_front_end():
    adc = Bench().adc
    assert isinstance(adc, SampledFrontEnd)
    assert adc.block_samples == 800
    assert adc.scale.rate_hz == 4000
    assert adc.scale.current_peak_na == PEAK_NA


@pytest.mark.parametrize(("rate", "size"), [(4000, 800), (8000, 1600), (4000, 100)])
def test_blocks_end_when_their_last_sample_is_complete(rate, size):
    bench = ran(S, rate_hz=rate, block_samples=size)
    block_ns = size * S // rate
    assert bench.interrupts == [k * block_ns for k in range(1, S // block_ns + 1)]
    assert [end for _, end, _, _ in bench.blocks] == bench.interrupts
    assert bench.stream().shape == (7, rate)


@pytest.mark.parametrize("ppb", [0, 100_000, -100_000, 12_345])
def test_samples_are_the_mains_at_their_true_instants(ppb):
    segment = Segment(
        50_030_000,
        (Wave(230_000_000, 0, (Harmonic(3, 50_000, TURN // 5),)), Wave(231_000_000, TURN // 3), Wave(0)),
        (
            Wave(5_000_000_000, TURN // 7, (Harmonic(39, 100_000, 5),)),
            Wave(1_000_000, 9),
            Wave(0),
            Wave(777_777_777, 3),
        ),
    )
    bench = ran(2 * S + MS, segment=segment, ppb=ppb)
    samples = bench.stream()
    count = samples.shape[1]
    turns = [(n + 1) * 250_000 / (1 + ppb / S) / S * 50.03 for n in range(count)]
    for row, wave in zip(samples, (*segment.voltages, *segment.currents), strict=True):
        peak = 600_000_000 if wave in segment.voltages else PEAK_NA
        angle = wave.angle / TURN
        scale = math.sqrt(2) * wave.rms * FULL_SCALE / peak
        for n in range(0, count, 7):
            own = turns[n] + angle
            expected = math.sin(2 * math.pi * own) + sum(
                h.share_ppm / 1e6 * math.sin(2 * math.pi * (h.order * own + h.angle / TURN)) for h in wave.harmonics
            )
            # An instant is right to two nanoseconds, those of both ends of a block: 3 counts at 230 V.
            assert row[n] == pytest.approx(scale * expected, abs=0.6 + 2e-6 * scale)


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, S), max_size=6),
    st.lists(st.integers(1, S), max_size=4),
    st.sampled_from([0, 100_000, -99_999]),
)
def test_cuts_do_not_show(flushes, changes, ppb):
    """Flushes at any instant, and changes of the mains in another channel, leave all samples as they are."""
    whole = ran(S + 10 * MS, ppb=ppb).stream()
    bench = Bench(ppb=ppb)
    bench.adc.start()
    for at in flushes:
        bench.at(at, bench.flush, Phase.FIRMWARE)
    for k, at in enumerate(changes):
        other = Segment(LOAD.frequency_uhz, LOAD.voltages, (*LOAD.currents[:3], Wave(1_000_000 * (k + 1))))
        bench.at(at, lambda other=other: bench.mains.demand(other))
    bench.world.run_until(S + 10 * MS)
    bench.flush()
    cut = bench.stream()
    assert (cut[:6, : whole.shape[1]] == whole[:6]).all()


def test_a_flush_delivers_what_is_complete_and_no_sample_twice():
    bench = Bench()
    bench.adc.start()
    bench.at(300 * MS + 249_999, bench.flush, Phase.FIRMWARE)
    bench.at(300 * MS + 249_999, bench.flush, Phase.FIRMWARE)
    bench.at(300 * MS + 250 * US, bench.flush, Phase.FIRMWARE)
    bench.world.run_until(600 * MS)
    assert [(first, samples.shape[1]) for first, _, _, samples in bench.blocks] == [
        (0, 800),
        (800, 400),
        (1200, 1),
        (1201, 399),
        (1600, 800),
    ]
    assert all(samples.flags.c_contiguous for *_, samples in bench.blocks)
    assert (bench.stream() == ran(600 * MS).stream()).all()


def test_a_change_acts_on_the_samples_after_it():
    bench = Bench(segment=SERVICE.idle())
    bench.adc.start()
    bench.at(250 * MS, lambda: bench.mains.demand(LOAD))
    bench.at(350 * MS + 1, lambda: bench.mains.fail())
    bench.world.run_until(S)
    samples = bench.stream()
    loaded = ran(S).stream()
    assert (samples[3:, :1000] == 0).all()
    assert (samples[:, 1000:1400] == loaded[:, 1000:1400]).all()
    assert (samples[:3, :1000] == loaded[:3, :1000]).all()
    assert (samples[:, 1400:] == 0).all()


def test_the_phase_runs_on_when_the_frequency_changes():
    bench = Bench()
    bench.adc.start()
    faster = Service(FOUR, 230_000_000, 53_000_000).idle()
    bench.at(333_333_333, lambda: bench.mains.demand(faster))
    bench.world.run_until(S)
    row = bench.stream()[0].astype(float)
    scale = math.sqrt(2) * 230 / 600 * FULL_SCALE
    for n in range(4000):
        t = (n + 1) / 4000
        turns = 50 * t if t <= 0.333333333 else 50 * 0.333333333 + 53 * (t - 0.333333333)
        assert row[n] == pytest.approx(scale * math.sin(2 * math.pi * turns), abs=0.6)


def test_unread_blocks_are_counted_as_lost():
    bench = ran(S + MS, taking=False)
    block = bench.adc.take()
    assert (block.first, block.lost, block.end_ns) == (3200, 3200, S)
    assert bench.adc.take() is None
    bench.taking = True
    bench.world.run_until(1200 * MS)
    assert bench.blocks[-1][:3] == (4000, 1200 * MS, 0)


def test_a_block_stays_valid_until_the_next():
    bench = ran(200 * MS, taking=False, segment=Service(FOUR, 230_000_000, 50_300_000).current(5_000_000_000))
    block = bench.adc.take()
    kept = block.samples.copy()
    bench.world.run_until(399 * MS)
    bench.flush()
    assert (block.samples == kept).all()


def test_power_loss_stops_it_and_a_new_start_counts_anew():
    bench = Bench()
    bench.adc.start()
    bench.at(500 * MS, bench.adc.power_down)
    bench.world.run_until(900 * MS)
    assert len(bench.interrupts) == 2
    assert bench.adc.flush() is None
    assert bench.adc.take() is None
    bench.adc.power_up()
    bench.blocks.clear()
    bench.adc.start()
    bench.world.run_until(1300 * MS)
    assert [(first, end) for first, end, _, _ in bench.blocks] == [(0, 1100 * MS), (800, 1300 * MS)]


@pytest.mark.parametrize("ppm", [1_000_000, 500_000])
@pytest.mark.parametrize("current_na", [5_000_000_000, 5_000_000, 1_000_000])
def test_samples_carry_the_true_energy(ppm, current_na):
    """Ten seconds, 501 whole cycles, within 20 ppm, down to less than 1/10000 of the current channels' full scale.

    At 50 Hz all cycles would be rounded alike, and at the least current that alone is 55 ppm.
    """
    segment = Service(FOUR, 230_000_000, 50_100_000).current(current_na, PowerFactor(ppm))
    bench = Bench(segment=segment)
    energy = TrueEnergy(bench.world, bench.mains, FOUR)
    bench.adc.start()
    bench.world.run_until(10 * S)
    samples = bench.stream().astype(np.int64)
    products = int((samples[:3] * samples[3:6]).sum())
    scale = 600_000_000 * PEAK_NA / FULL_SCALE**2
    measured_fw_ns = products * scale * 250_000
    assert measured_fw_ns == pytest.approx(energy.exact(10 * S)[0], rel=20e-6)


def test_the_rms_value_of_a_block_is_the_segments():
    segment = Service(FOUR, 230_000_000, 50_000_000, (Harmonic(5, 100_000),), (Harmonic(7, 400_000),)).current(
        5_000_000_000
    )
    row = ran(segment=segment).blocks[2][3].astype(float)
    total = powers(segment, FOUR).elements[0]
    assert math.sqrt((row[0] ** 2).mean()) * 600e6 / FULL_SCALE == pytest.approx(total.voltage_uv, rel=1e-7)
    assert math.sqrt((row[3] ** 2).mean()) * PEAK_NA / FULL_SCALE == pytest.approx(total.current_na, rel=1e-7)


def test_harmonics_above_half_the_rate_are_filtered_and_peaks_are_clipped():
    loud = Wave(500_000_000, 0, (Harmonic(40, 900_000),))
    segment = Segment(50_000_000, (loud, loud, loud), LOAD.currents)
    clean = Segment(50_000_000, (Wave(500_000_000),) * 3, LOAD.currents)
    samples = ran(segment=segment).stream()
    assert (samples == ran(segment=clean).stream()).all()
    assert (samples[0].min(), samples[0].max()) == (-FULL_SCALE, FULL_SCALE - 1)
    assert ran(segment=segment, rate_hz=8000, block_samples=1600).stream()[0].std() != samples[0].std()
    with pytest.raises(ValueError, match="channel I1 is driven"):
        Bench(segment=SERVICE.current(10**15))


def test_errors_of_a_channel():
    ideal = ran().stream().astype(float)
    error = ChannelError(gain_ppm=1000, phase=TURN // 1000, offset=1234)
    bench = ran(errors=[ChannelError()] * 3 + [error] + [ChannelError()] * 3)
    row = bench.stream()[3].astype(float)
    assert row.mean() == pytest.approx(1234, abs=0.1)
    assert (row - 1234).std() == pytest.approx(ideal[3].std() * 1.001, rel=1e-6)
    shift = np.fft.rfft(row)[50] / np.fft.rfft(ideal[3])[50]
    assert np.angle(shift) == pytest.approx(2 * math.pi / 1000, abs=1e-6)
    assert (np.delete(bench.stream(), 3, 0) == np.delete(ran().stream(), 3, 0)).all()


def test_noise_is_the_same_wherever_blocks_are_cut():
    noisy = [ChannelError(noise_millicounts=2500)] * len(CHANNELS)
    plain = ran(errors=noisy)
    noise = plain.stream()[6].astype(float)
    assert noise.std() == pytest.approx(2.5, rel=0.05)
    assert (noise[:800] != noise[800:1600]).any()
    bench = Bench(errors=noisy)
    bench.adc.start()
    bench.at(123 * MS, bench.flush, Phase.FIRMWARE)
    bench.at(456 * MS, lambda: bench.mains.demand(SERVICE.idle()))
    bench.at(457 * MS, lambda: bench.mains.demand(LOAD))
    bench.world.run_until(S)
    assert (bench.stream()[6] == plain.stream()[6]).all()


def test_settings_that_can_not_be():
    with pytest.raises(ValueError, match="not a multiple of 4096"):
        Bench(rate_hz=4096)
    with pytest.raises(ValueError, match="not 0"):
        Bench(block_samples=0)
    with pytest.raises(ValueError, match="7 channels, not 1"):
        Bench(errors=[ChannelError()])
