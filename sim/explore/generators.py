"""How each kind of fault is drawn: its parameters besides `id`, `kind` and `at`. A new kind is one entry here.

Ranges are chosen to hit what a meter does in that time: the supply's delay of 20 ms, the hold-up of a second, a demand
period, a day. What contradicts the scenario, or another parameter, is refused there and drawn anew.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hal.units import DAY, HOUR, MINUTE, MS, US, S
from sim.explore.values import Choice, Durations, Leaps, Maybe, Mostly, Numbers, Subset, Values

Parameters = Mapping[str, Values]

_OUTAGE: Final = Durations(21 * MS, 2 * DAY)
"""A shorter one nobody notices."""
_CUT: Final = Durations(MS, 2 * DAY)
_LASTING: Final = Durations(100 * MS, 6 * HOUR)
_NOTICED: Final = Durations(10 * S, 6 * HOUR)
_OPEN: Final = Durations(S, HOUR + MINUTE)
_OR_FOR_GOOD: Final = Maybe(_NOTICED)
_SHORT: Final = Durations(MS, 10 * S)
_YES: Final = Choice((True, False))
_PHASE: Final = Choice((1, 2, 3))
_PHASES: Final = Subset((1, 2, 3))
_CHANNEL: Final = Choice(("U1", "U2", "U3", "I1", "I2", "I3", "IN"))
_RING: Final = Choice(("registers", "billing", "log-standard", "log-power", "log-fraud", "profile", "configuration"))
_WHERE: Final = Mostly("newest", ("anywhere",))
"""Old records are read by nobody."""
_PROGRAM: Final = Choice(("nothing", "done", "prefix", "random-bits", "metastable"))
_ERASE: Final = Choice(("nothing", "done", "pre-programmed", "half", "pages", "metastable"))
_LEFT: Final = Choice((*_PROGRAM.values, "pre-programmed", "half", "pages"))
_SHARE: Final = Numbers(0, 100, "%")
_CHANNEL_FAULT: Final[Parameters] = {"duration": _NOTICED, "channel": _CHANNEL}
_SIGNAL_FAULT: Final[Parameters] = {"duration": _NOTICED, "channel": Choice(_CHANNEL.values[:-1])}
"""Of a channel that has a signal with any load."""
_LOOKED_AT: Final = Durations(20 * MINUTE, 6 * HOUR)
"""Long enough for something that the meter does only each quarter of an hour."""

GENERATORS: Final[Mapping[str, Parameters]] = MappingProxyType(
    {
        "battery-fail": {},
        "battery-low": {"voltage": Choice(("2 V", "1 V", "2400 mV"))},
        "battery-replace": {},
        "supply-fail": {"duration": _OUTAGE},
        "power-cut": {"duration": _CUT, "program": Maybe(_PROGRAM), "erase": Maybe(_ERASE)},
        "supply-dips": {"to": _SHARE, "width": _SHORT, "count": Numbers(1, 50), "spacing": _SHORT},
        "brown-out": {"duration": _LASTING, "voltage": Numbers(1, 200, "V")},
        "cut-burst": {"off": _SHORT, "on": _SHORT, "count": Numbers(1, 40), "hold_up": _YES},
        "rtc-stop": {"duration": _OR_FOR_GOOD, "flagged": _YES},
        "rtc-drift": {"duration": _OR_FOR_GOOD, "offset": Numbers(1, 1_000, "ppm", signed=True)},
        "rtc-jump": {"by": Leaps(100 * DAY)},
        "rtc-garbage": {"duration": _LOOKED_AT},
        "rtc-epoch": {"flagged": _YES},
        "flash-cut": {
            "duration": _CUT,
            "operation": Choice(("any", "program", "erase")),
            "nth": Numbers(1, 40),
            "share": _SHARE,
            "left": Maybe(_LEFT),
        },
        "flash-rot": {"ring": _RING, "where": _WHERE, "bits": Numbers(1, 512), "over": Maybe(_LASTING)},
        "flash-stuck": {"ring": _RING, "where": _WHERE, "bits": Numbers(1, 16), "level": Choice((0, 1))},
        "flash-metastable": {"ring": _RING, "where": _WHERE, "bits": Numbers(1, 512)},
        "flash-torn": {"nth": Numbers(1, 8), "share": _SHARE},
        "flash-wear": {"ring": _RING, "erases": Numbers(100_001, 101_000)},
        "front-end-stuck": _SIGNAL_FAULT,
        "front-end-saturated": _CHANNEL_FAULT,
        "front-end-offset": {**_CHANNEL_FAULT, "amount": _SHARE},
        "front-end-missing": _SIGNAL_FAULT,
        "front-end-frozen": {"duration": _NOTICED},
        "uart-noise": {"duration": _NOTICED, "flips": _SHARE},
        "uart-break": {"duration": _NOTICED},
        "uart-parity": {"duration": _NOTICED},
        "cpu-drift": {"duration": _OR_FOR_GOOD, "offset": Numbers(1, 10_000, "ppm", signed=True)},
        "task-overrun": {"duration": _LOOKED_AT, "stretch": Numbers(110, 2_000, "%")},
        "task-hang": {},
        "input-chatter": {
            "duration": Durations(100 * MS, 2 * S),
            "inputs": Subset(("terminal-cover", "main-cover", "magnet")),
            "period": Durations(200 * US, 900 * US),
        },
        "phase-fail": {"duration": _LASTING, "phases": _PHASES},
        "voltage-fault": {"duration": _NOTICED, "phase": _PHASE, "to": _SHARE},
        "current-reversed": {"duration": _OR_FOR_GOOD, "phases": _PHASES},
        "currents-crossed": {"duration": _OR_FOR_GOOD, "phases": Choice(([1, 2], [1, 3], [2, 3]))},
        "sequence-reversed": {"duration": _OR_FOR_GOOD},
        "neutral-lost": {"duration": _OR_FOR_GOOD},
        "frequency-wrong": {"duration": _NOTICED, "frequency": Numbers(30, 90, "Hz")},
        "terminal-cover-open": {"duration": _OPEN},
        "main-cover-open": {"duration": _OPEN},
        "magnet-held": {"duration": _OPEN},
        "reset-press": {"duration": _OPEN},
    }
)
"""The parameters of each kind that is drawn."""

AT_THE_PORT: Final = frozenset({"uart-noise", "uart-break", "uart-parity"})
"""Kinds that only a reading can feel: they strike about one, where the scenario has any."""

IN_THE_FLASH: Final = frozenset({"flash-rot", "flash-stuck", "flash-metastable"})
"""Kinds that are felt when what they hit is read: they strike before a power-up, where the schedule has any."""

ON_THE_NEUTRAL: Final = frozenset({"neutral-lost"})
"""Kinds that nobody feels while the load is the same on each phase."""

EXCLUDED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "control-energised": "no input does anything in a scenario that does not say what",
        "relay-welded": "nobody feels it but a meter with a relay, whose scenario disconnects it",
    }
)
"""Kinds that are never drawn, each with the reason."""

WITHOUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "schedule.py numbers the faults",
        "kind": "the key above",
        "at": "schedule.py draws it",
        "inert": "a fault that does nothing shows nothing",
        "address": "a ring names a place that is in use",
    }
)
"""Keys of tables that no generator draws, each with the reason."""
