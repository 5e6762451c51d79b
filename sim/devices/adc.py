"""A seven-channel 24-bit sampling converter whose DMA fills two buffers in turn.

It is lazy: samples come into being when a block ends, when somebody asks for them, or just before the mains change, all
from the mains' closed form. One event a block is all that the world sees.

Samples are taken on the monotonic clock: sample n is complete at `start + (n + 1) * 10**9 / rate`, exactly. Their true
instants lie evenly between those of the block's ends, so a block has the phase that the mains have then, whatever the
oscillator does. Before the converter stands an ideal anti-alias filter: what lies at half the rate or above is gone.

`disturb` spoils a channel, or stops all of them, until `settle`: only what is sampled from then on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import isqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hal.frontend import CHANNELS, FULL_SCALE, SampleBlock, SampleScale
from hal.units import TURN, S
from sim.devices import synthesis
from sim.devices.disturbance import ChannelFault, Disturbance, Disturbed
from sim.physics.angle import COSINE_BITS, cosine, sine
from sim.physics.mains import Mains
from sim.physics.waves import MILLION, SILENT, Segment, Wave
from sim.world import Phase, World

RATE_HZ: Final = 4_000
BLOCK_SAMPLES: Final = 800
VOLTAGE_PEAK_UV: Final = 600_000_000
"""Full scale of the voltage channels: 230 V and 30 % more, twice; 277 V and half as much again."""

_UHZ_NS: Final = 5**15
"""What is left of 10**15, the uHz by ns in a turn, when 2**48 has taken its fifteen twos."""


@dataclass(frozen=True, slots=True)
class ChannelError:
    """How a channel strays from the ideal.

    `phase` is by how much the fundamental leads, in 2**48ths of a turn; a harmonic leads by its order times that, as
    with a delay. `offset` is in counts, and the noise is white, its rms in thousandths of a count.
    """

    gain_ppm: int = 0
    phase: int = 0
    offset: int = 0
    noise_millicounts: int = 0


IDEAL: Final = (ChannelError(),) * len(CHANNELS)


class Adc:
    """A `hal.frontend.SampledFrontEnd`. `block_samples / rate_hz` is the time between two interrupts."""

    def __init__(
        self,
        world: World,
        mains: Mains,
        mono: Callable[[], int],
        true_of: Callable[[int], int],
        interrupt: Callable[[], None],
        *,
        current_peak_na: int,
        voltage_peak_uv: int = VOLTAGE_PEAK_UV,
        rate_hz: int = RATE_HZ,
        block_samples: int = BLOCK_SAMPLES,
        errors: Sequence[ChannelError] = IDEAL,
    ) -> None:
        if rate_hz < 1 or S % rate_hz:
            raise ValueError(f"a sample period must be whole nanoseconds: 10**9 is not a multiple of {rate_hz}")
        if not 1 <= block_samples <= 1 << 16:
            raise ValueError(f"a block has 1 to 65536 samples, not {block_samples}")
        if len(errors) != len(CHANNELS):
            raise ValueError(f"errors are to be given for {len(CHANNELS)} channels, not {len(errors)}")
        self._world = world
        self._mains = mains
        self._mono = mono
        self._true_of = true_of
        self._interrupt = interrupt
        self._errors = tuple(errors)
        self._strays = self._errors
        """How the channels stray now: with their faults."""
        self._scale = SampleScale(voltage_peak_uv, current_peak_na, rate_hz)
        self._period_ns = S // rate_hz
        self._size = block_samples
        shape = (len(CHANNELS), block_samples)
        self._buffers = (np.zeros(shape, dtype=np.int32), np.zeros(shape, dtype=np.int32))
        self._scratch = np.zeros((3 + len(CHANNELS), block_samples), dtype=np.int64)
        self._table = synthesis.make_table()
        self._start = np.zeros(5, dtype=np.int64)
        self._noise = _Noise(world, self._errors)
        self.disturbed = Disturbed()
        self._wanted = False
        self._life = 0
        self._running = False
        self._started_ns = 0
        self._block = 0
        self._begin_true_ns = 0
        self._end_true_ns = 0
        self._filled = 0
        self._flushed = 0
        self._ready: SampleBlock | None = None
        self._look_at_mains()
        mains.subscribe(self._mains_changed)

    @property
    def scale(self) -> SampleScale:
        """What the counts mean."""
        return self._scale

    @property
    def block_samples(self) -> int:
        """Samples a channel in a full block."""
        return self._size

    def start(self) -> None:
        """Begin to sample now; what was sampled before is gone. One that is frozen begins when it is settled."""
        self._life += 1
        self._wanted = True
        self._running = not self.disturbed.frozen
        if not self._running:
            self._ready = None
            return
        self._started_ns = self._mono()
        self._ready = None
        self._begin_block(0)

    def take(self) -> SampleBlock | None:
        """The newest full block, once. A block of which a part was flushed comes without this part."""
        block, self._ready = self._ready, None
        return block

    def flush(self) -> SampleBlock | None:
        """The samples since the last full block; None if there are none. The block under way goes on without them."""
        if not self._running:
            return None
        count = self._complete()
        if count == self._flushed:
            return None
        self._fill(count)
        first, self._flushed = self._flushed, count
        return self._cut(first, count, 0)

    def power_up(self) -> None:
        """The supply is back: idle until started."""
        self.power_down()

    def power_down(self) -> None:
        """The supply is gone, and the buffers with it."""
        self._life += 1
        self._wanted = self._running = False
        self._ready = None

    def disturb(self, channel: int, how: Disturbance, amount: int = 0) -> None:
        """From now on a channel fails, or for `FROZEN` the converter's clock stands: the block under way is never full.

        `amount` is an offset in ppm of full scale.
        """
        self._mains_about_to_change()
        if how is Disturbance.FROZEN:
            self._life += 1
            self._running = False
        self.disturbed.begin(channel, how, self._newest(channel) if how is Disturbance.STUCK else amount)
        self._look_at_channels()

    def settle(self, channel: int, how: Disturbance | None = None) -> None:
        """End the last disturbance of a channel, or the last of a kind; ValueError if there is none. A converter that
        was frozen begins anew, as if started."""
        self._mains_about_to_change()
        self.disturbed.end(channel, how)
        self._look_at_channels()
        if self._wanted and not self._running and not self.disturbed.frozen:
            self.start()

    def retime(self) -> None:
        """The oscillator runs at another frequency from now on, and what is left of the block under way with it."""
        if not self._running:
            return
        done = self._complete()
        self._fill(done)
        if done == self._size:
            return
        reached = self._begin_true_ns + (self._end_true_ns - self._begin_true_ns) * done // self._size
        self._end_true_ns = self._true_of(self._started_ns + (self._block + 1) * self._size * self._period_ns)
        # Where the block would have begun at the present pace.
        self._begin_true_ns = self._end_true_ns - (self._end_true_ns - reached) * self._size // (self._size - done)
        self._life += 1
        self._world.at(self._end_true_ns, Phase.DEVICES, partial(self._full, self._life))

    def _begin_block(self, number: int) -> None:
        ends_ns = self._started_ns + (number + 1) * self._size * self._period_ns
        self._begin_true_ns = self._end_true_ns if number else self._true_of(self._started_ns)
        self._end_true_ns = self._true_of(ends_ns)
        self._block = number
        self._filled = 0
        self._flushed = 0
        self._world.at(self._end_true_ns, Phase.DEVICES, partial(self._full, self._life))

    def _full(self, life: int) -> None:
        if life != self._life:
            return
        self._fill(self._size)
        if self._flushed < self._size:
            unread = self._ready
            lost = unread.samples.shape[1] + unread.lost if unread else 0
            self._ready = self._cut(self._flushed, self._size, lost)
            self._begin_block(self._block + 1)
            self._interrupt()
        else:
            self._begin_block(self._block + 1)

    def _cut(self, first: int, end: int, lost: int) -> SampleBlock:
        buffer = self._buffers[self._block & 1]
        # A part is copied: every block that firmware sees is contiguous, so compiled code meets one type.
        samples = buffer if end - first == self._size else buffer[:, first:end].copy()
        begin = self._block * self._size
        return SampleBlock(samples, begin + first, self._started_ns + (begin + end) * self._period_ns, lost)

    def _complete(self) -> int:
        """How many samples of the block under way are complete by now."""
        since_ns = self._mono() - self._started_ns - self._block * self._size * self._period_ns
        return max(0, min(self._size, since_ns // self._period_ns))

    def _fill(self, end: int) -> None:
        """Synthesize the block under way up to its sample `end`, from the mains as this converter last saw them."""
        first = self._filled
        if end <= first:
            return
        size = self._size
        divisor = size * _UHZ_NS
        factor = self._frequency_uhz << 33
        step = factor * (self._end_true_ns - self._begin_true_ns)
        turned = factor * (self._begin_true_ns - self._origin_ns) * size + (first + 1) * step
        phase, remainder = divmod(turned, divisor)
        self._start[:] = ((phase + self._origin_phase) % TURN, remainder, *divmod(step, divisor), divisor)
        buffer = self._buffers[self._block & 1]
        channels, orders, tones = self._tones
        synthesis.synthesize(buffer, first, end, self._start, channels, orders, tones, self._table, self._scratch)
        if self._noise.audible:
            number = self._block * size + first
            synthesis.add_noise(buffer, first, end, number, self._noise.keys, self._noise.scales)
        self._filled = end

    def _mains_changed(self, _before: Segment, _after: Segment) -> None:
        self._mains_about_to_change()
        self._look_at_mains()

    def _mains_about_to_change(self) -> None:
        """What was sampled before comes from the mains, and the channels, as they were then."""
        if self._running:
            self._fill(self._complete())

    def _look_at_mains(self) -> None:
        segment = self._mains.segment
        self._origin_ns, self._origin_phase = self._mains.phase_origin
        self._frequency_uhz = segment.frequency_uhz
        self._tones = _tones(self._audible(segment), self._scale, self._strays)

    def _audible(self, segment: Segment) -> Segment:
        """What reaches the channels of the mains."""
        if not self.disturbed.any:
            return segment
        faults = [self.disturbed.of(channel) for channel in range(len(CHANNELS))]
        u1, u2, u3, i1, i2, i3, i4 = (
            wave if fault is None or fault.how is Disturbance.OFFSET else SILENT
            for wave, fault in zip((*segment.voltages, *segment.currents), faults, strict=True)
        )
        return Segment(segment.frequency_uhz, (u1, u2, u3), (i1, i2, i3, i4))

    def _look_at_channels(self) -> None:
        faults = [self.disturbed.of(channel) for channel in range(len(CHANNELS))]
        self._strays = tuple(
            error if fault is None else _astray(error, fault) for error, fault in zip(self._errors, faults, strict=True)
        )
        self._noise.of(self._strays)
        self._look_at_mains()

    def _newest(self, channel: int) -> int:
        """The last sample of a channel, 0 before the first."""
        if not self._running:
            return 0
        if self._filled:
            return int(self._buffers[self._block & 1][channel, self._filled - 1])
        return int(self._buffers[~self._block & 1][channel, -1]) if self._block else 0


def _astray(error: ChannelError, fault: ChannelFault) -> ChannelError:
    """A channel's error under a disturbance."""
    match fault.how:
        case Disturbance.STUCK:
            return ChannelError(offset=fault.amount)
        case Disturbance.SATURATED:
            return ChannelError(offset=FULL_SCALE - 1)
        case Disturbance.OFFSET:
            return replace(error, offset=error.offset + fault.amount * FULL_SCALE // MILLION)
        case _:
            return error


Tables = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _tones(segment: Segment, scale: SampleScale, errors: Sequence[ChannelError]) -> Tables:
    """What `synthesis.synthesize` takes as channels, orders and tones."""
    channels: list[tuple[int, int, int, int]] = []
    harmonics: dict[int, list[tuple[int, int, int]]] = {}
    waves = (*segment.voltages, *segment.currents)
    for channel, (wave, error) in enumerate(zip(waves, errors, strict=True)):
        peak = scale.voltage_peak_uv if channel < len(segment.voltages) else scale.current_peak_na
        sounding = [(1, MILLION, 0), *((h.order, h.share_ppm, h.angle) for h in wave.harmonics)]
        sounding = [tone for tone in sounding if 2 * tone[0] * segment.frequency_uhz < scale.rate_hz * MILLION]
        bits = _fraction_bits(channel, wave, sounding, error, peak)
        shift = bits + synthesis.SINE_BITS
        a = b = 0
        for order, share_ppm, own in sounding:
            amplitude = _amplitude(wave.rms * share_ppm * (MILLION + error.gain_ppm), peak * MILLION * MILLION, bits)
            angle = order * (wave.angle + error.phase) + own
            parts = _rounded(amplitude * cosine(angle)), _rounded(amplitude * sine(angle))
            if order == 1:
                a, b = parts
            elif parts != (0, 0):
                harmonics.setdefault(order, []).append((channel, *parts))
        channels.append((a, b, shift, (error.offset << shift) + (1 << (shift - 1))))
    orders: list[tuple[int, int, int]] = []
    tones: list[tuple[int, int, int]] = []
    for order in sorted(harmonics):
        orders.append((order, len(tones), len(tones) + len(harmonics[order])))
        tones += harmonics[order]
    return _table(channels, 4), _table(orders, 3), _table(tones, 3)


def _table(rows: Sequence[tuple[int, ...]], columns: int) -> NDArray[np.int64]:
    return np.array(rows, dtype=np.int64).reshape(len(rows), columns)


def _rounded(product: int) -> int:
    return (product + (1 << (COSINE_BITS - 1))) >> COSINE_BITS


def _amplitude(rms: int, peak: int, bits: int) -> int:
    """The peak value of a sine in counts times 2**bits, rounded; `rms` and `peak` are in the same unit."""
    scaled = 2 * FULL_SCALE * rms << bits
    return (isqrt(2 * scaled * scaled // (peak * peak)) + 1) >> 1


def _fraction_bits(
    channel: int, wave: Wave, sounding: Sequence[tuple[int, int, int]], error: ChannelError, peak: int
) -> int:
    """As many fraction bits as the kernel has room for: 8 at full scale, 16 and more from a 256th of it down."""
    shares = sum(share_ppm for _, share_ppm, _ in sounding)
    # Three halves are more than the root of two; one count more for each tone is more than its rounding.
    counts = 3 * FULL_SCALE * wave.rms * shares * (MILLION + error.gain_ppm) // (2 * peak * MILLION * MILLION)
    bits = synthesis.AMPLITUDE_BITS - (counts + abs(error.offset) + 1 + len(sounding)).bit_length() - 1
    if bits < 1:
        raise ValueError(f"channel {CHANNELS[channel]} is driven with {wave.rms} against a full scale of {peak}")
    return bits


class _Noise:
    """Keys and scales for `synthesis.add_noise`: each channel has a random stream of its own."""

    def __init__(self, world: World, errors: Sequence[ChannelError]) -> None:
        keys = []
        for name in CHANNELS:
            stream = world.stream(f"adc.noise.{name}")
            keys.append((stream.bits(31), stream.bits(31)))
        self.keys = _table(keys, 2)
        self.of(errors)

    def of(self, errors: Sequence[ChannelError]) -> None:
        """Make the noise that the channels have now; a channel's numbers stay those of its stream."""
        scales = [(error.noise_millicounts << 32) // (1000 * synthesis.NOISE_DEVIATION) for error in errors]
        self.scales = np.array(scales, dtype=np.int64)
        self.audible = any(scales)
