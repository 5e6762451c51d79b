"""The sampled chain: blocks of samples in, windows of 10 or 12 cycles out, with their energy and quantities."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from firmware.metrology import dsp
from firmware.metrology.channel_check import OFFSET_FROM, STUCK_FROM, faulty_channels
from firmware.metrology.half_cycles import HalfCycles
from firmware.metrology.increment import Increment
from firmware.metrology.quadrants import FourQuadrantEnergy
from firmware.metrology.spectrum import Spectrum, Stretch, fitted
from firmware.metrology.wavetable import sine_table
from firmware.metrology.window import Window
from hal.frontend import CHANNELS, FULL_SCALE, Excursion, ExcursionLimits, SampleBlock, SampleScale, Summation, Wiring
from hal.units import S

_LOW_PASS_HZ = 85
_TAU_MILLI = 6_283
_PRESENT_DIVISOR = 16
_LONGEST_WINDOW_MS = 220
_RATES_HZ = range(2_000, 16_001)
_FREQUENCIES_UHZ = range(45_000_000, 65_000_001)


@cache
def _wave() -> NDArray[np.int64]:
    return sine_table(dsp.WAVE_BITS, dsp.SINE_BITS)


class SampledChain:
    """Measures what a sampled front end delivers.

    Windows follow each other without a gap and hold every sample exactly once, however the samples are cut into blocks.
    The reference for zero crossings is the first element in use with at least 1/16 of the nominal voltage. 10 cycles
    (12 at a nominal 60 Hz) a window are those of IEC 61000-4-30; none is longer than 220 ms.
    """

    def __init__(
        self,
        scale: SampleScale,
        wiring: Wiring,
        nominal_frequency_uhz: int,
        nominal_voltage_uv: int,
        start_power_uw: int,
        summation: Summation = Summation.NET,
    ) -> None:
        """ValueError for a rate outside 2 to 16 kS/s, or a nominal frequency outside 45 to 65 Hz."""
        if scale.rate_hz not in _RATES_HZ:
            raise ValueError(f"rate_hz: {scale.rate_hz} is not from {_RATES_HZ[0]} to {_RATES_HZ[-1]}")
        if nominal_frequency_uhz not in _FREQUENCIES_UHZ:
            raise ValueError(f"nominal_frequency_uhz: {nominal_frequency_uhz} is not from 45 to 65 Hz")
        self._scale = scale
        self._elements = wiring.elements
        self._summation = summation
        self._energy = FourQuadrantEnergy(scale, wiring.elements, start_power_uw, summation)
        self._present_uv = nominal_voltage_uv // _PRESENT_DIVISOR
        self._config = _configuration(scale, wiring, nominal_frequency_uhz, nominal_voltage_uv)
        self._offsets = np.zeros(len(CHANNELS), np.int64)
        self._track = np.zeros(dsp.TRACKS, np.int64)
        self._sums = np.zeros(dsp.SUMS, np.int64)
        self._rows = np.zeros((dsp.ROWS, 1), np.int32)
        self._older = np.zeros((dsp.ROWS, 1), np.int32)
        """The block before, and how many samples it and the last one have that follow each other."""
        self._held = (0, 0)
        self._half_cycles: HalfCycles | None = None
        self._excursion_told = False
        self._windows = np.zeros((1, dsp.FIELDS), np.int64)
        nominal = (nominal_frequency_uhz << dsp.PHASE_BITS) // (scale.rate_hz * 10**6)
        dsp.tune(self._track, nominal, wiring.elements[0])
        self._nominal = nominal
        self._newest: Window | None = None
        self._next: int | None = None
        self._begin_ns = 0
        self._last_ns = 0
        self._before: list[int] | None = None
        self._faulty = 0
        self._whole_cycle = int(self._config[dsp.LONGEST_PERIOD]) >> dsp.FRACTION_BITS

    @property
    def faulty(self) -> int:
        """Channels that could not be right in the last block of a cycle or more, a bit each in the order of
        `CHANNELS`."""
        return self._faulty

    @property
    def longest_window_ns(self) -> int:
        """No window lasts longer: with a block's duration, the least latency of pulses."""
        return _LONGEST_WINDOW_MS * S // 1_000

    def feed(self, block: SampleBlock) -> Sequence[Window]:
        """The windows that end in this block, in order.

        After lost samples, or when the front end has been started anew, the window in progress ends with the last
        sample before the gap, and the next begins after it. ValueError if the block is not int32 of shape (7, n).
        """
        samples = block.samples
        if samples.ndim != 2 or samples.shape[0] != len(CHANNELS) or samples.dtype != np.int32:
            raise ValueError(f"samples: int32 of shape (7, n) wanted, got {samples.dtype} of shape {samples.shape}")
        count = samples.shape[1]
        if count == 0:
            return ()
        windows: list[Window] = []
        self._rows, self._older = self._older, self._rows
        self._held = (self._held[1], count)
        if block.first != self._next or block.lost:
            self._held = (0, count)
            windows.extend(self._end())
            dsp.restart(self._track, self._sums, block.first)
            self._begin_ns = block.end_ns - count * S // self._scale.rate_hz
        if count >= self._rows.shape[1]:
            self._make_room(count)
        self._rows[:, 0] = self._older[:, 0]
        if count >= self._whole_cycle:
            self._faulty = int(faulty_channels(samples, self._offsets, STUCK_FROM, OFFSET_FROM))
        self._rows[: len(CHANNELS), 1 : count + 1] = samples
        found = dsp.measure(
            count, self._config, self._offsets, self._track, self._sums, self._rows, _wave(), self._windows
        )
        self._next = block.first + count
        self._last_ns = block.end_ns
        if self._half_cycles is not None:
            self._excursion_told |= self._half_cycles.feed(self._rows, count, block.first, block.end_ns)
        if found:
            last = (self._next - 1) << dsp.FRACTION_BITS
            rate = self._scale.rate_hz << dsp.FRACTION_BITS
            for row in self._windows[:found].tolist():
                windows.append(self._window(row, block.end_ns - (last - row[dsp.END]) * S // rate))
        return windows

    def close(self, block: SampleBlock | None = None) -> Sequence[Window]:
        """The power-fail save: measure the last samples, and end the window in progress with the last of them.

        After that the chain is ready for samples of a new start. The DC of the channels stays known, and energy of less
        than a nWh stays for later windows.
        """
        windows = [] if block is None else list(self.feed(block))
        return windows + self._end()

    def watch_excursions(self, limits: ExcursionLimits) -> None:
        """Note dips and swells from now on."""
        self._half_cycles = HalfCycles(self._scale, self._elements, self._nominal, limits)

    def excursions(self) -> tuple[Excursion, ...]:
        """As `hal.frontend.MeteringFrontEnd.excursions`."""
        return () if self._half_cycles is None else self._half_cycles.read()

    def excursion_told(self) -> bool:
        """Whether one has begun or ended since the last call."""
        told, self._excursion_told = self._excursion_told, False
        return told

    def spectrum(self) -> Spectrum | None:
        """The harmonics of the newest 10 or 12 cycles, at the frequency of the last window; None without one."""
        window = self._newest
        if self._before is None or window is None or not window.row[dsp.WHOLE]:
            return None
        older, newest = self._held
        samples = np.concatenate(
            (self._older[: len(CHANNELS), 1 : older + 1], self._rows[: len(CHANNELS), 1 : newest + 1]), 1
        )
        stretch = Stretch(samples, window.turns_a_sample, int(self._config[dsp.WINDOW_CYCLES]))
        return fitted(stretch, self._scale, self._elements)

    def _end(self) -> list[Window]:
        row = dsp.partial(self._track, self._sums)
        ended = self._next is not None and row[dsp.END] > row[dsp.START]
        windows = [self._window(row, self._last_ns)] if ended else []
        self._next = None
        self._before = None
        return windows

    def _window(self, row: list[int], end_ns: int) -> Window:
        increment = Increment(self._begin_ns, end_ns, self._energy.add(row))
        window = Window(increment, row, self._before, self._scale, self._elements, self._present_uv, self._summation)
        self._begin_ns = end_ns
        self._before = row
        self._newest = window
        if self._half_cycles is not None:
            self._half_cycles.align(window)
        return window

    def _make_room(self, count: int) -> None:
        older = np.zeros((dsp.ROWS, count + 1), np.int32)
        older[:, : self._older.shape[1]] = self._older
        self._older = older
        self._rows = np.zeros((dsp.ROWS, count + 1), np.int32)
        shortest = int(self._config[dsp.SHORTEST_PERIOD]) >> dsp.FRACTION_BITS
        self._windows = np.zeros((count // shortest + 2, dsp.FIELDS), np.int64)


def _configuration(
    scale: SampleScale, wiring: Wiring, nominal_frequency_uhz: int, nominal_voltage_uv: int
) -> NDArray[np.int64]:
    config = np.zeros(dsp.CONFIGS, np.int64)
    period = scale.rate_hz * 10**6 * (1 << dsp.FRACTION_BITS) // nominal_frequency_uhz
    present = nominal_voltage_uv * FULL_SCALE // (_PRESENT_DIVISOR * scale.voltage_peak_uv)
    cycles = 10 if nominal_frequency_uhz < 55_000_000 else 12
    ratio = scale.rate_hz * 1_000 // (_TAU_MILLI * _LOW_PASS_HZ)
    config[dsp.FILTER_SHIFT] = ratio.bit_length()
    config[dsp.ARM_LEVEL] = (present << dsp.FILTER_BITS) // 2
    config[dsp.PRESENT] = present * present
    config[dsp.WINDOW_CYCLES] = cycles
    config[dsp.BLIND_SAMPLES] = (cycles * period) >> dsp.FRACTION_BITS
    config[dsp.LONGEST] = _LONGEST_WINDOW_MS * scale.rate_hz // 1_000
    config[dsp.SHORTEST_PERIOD] = period // 2
    config[dsp.LONGEST_PERIOD] = period * 8 // 5
    config[dsp.IN_USE] = sum(1 << element for element in wiring.elements)
    return config
