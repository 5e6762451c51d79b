"""For every kind of fault: a short run in which it must take effect, and one in which it can't."""

from dataclasses import dataclass

START = "2026-06-01T00:00:00+02:00"

DARK = '\n[[fault]]\nid = "dark"\nkind = "supply-fail"\nat = "10min"\nduration = "3h"\n'
"""An outage from before the fault until after it."""

RELAY = "\n[load_switch.relay]\ncontrol_mode = 4\n"
DISCONNECT = '\n[[reading]]\nid = "off"\nat = "70min"\nkind = "disconnect"\n'
READ = '\n[[reading]]\nid = "read"\nat = "1h"\n'


@dataclass(frozen=True)
class Case:
    """`fault` is what stands in the table beside id, kind and at; `effect` a part of the effect's words.

    `idle` is the same fault where it can't act: other parameters (`idle_fault`), another load or world.
    """

    effect: str
    fault: str = ""
    around: str = ""
    load: str = 'power = "3.6 kW"'
    board: str = "afe"
    idle_fault: str | None = None
    idle_around: str | None = None
    idle_load: str | None = None
    duration: str = "3h"
    at: str = "1h"


LASTS = 'duration = "20min"'
DEAD_CELL = '\n[[fault]]\nid = "dead"\nkind = "battery-fail"\nat = "5min"\n'
LOW_CELL = '\n[[fault]]\nid = "low"\nkind = "battery-low"\nat = "5min"\nvoltage = "{} V"\n'
CUT = '\n[[fault]]\nid = "cut"\nkind = "power-cut"\nat = "62min"\nduration = "5min"\n'
DARK_CUT = DARK.replace("supply-fail", "power-cut")
NEWEST = 'ring = "registers"\nwhere = "newest"\nbits = 20'
ELSEWHERE = "address = 8380000"
"""In the spare sectors, which nobody reads."""

CASES: dict[str, Case] = {
    "battery-fail": Case("died", idle_around=LOW_CELL.format("1.0")),
    "battery-low": Case("sagged", 'voltage = "2.2 V"', idle_fault='voltage = "2.9 V"'),
    "battery-replace": Case("took the place", around=DEAD_CELL, idle_around=LOW_CELL.format("2.9")),
    "supply-fail": Case("went down", LASTS, idle_around=DARK_CUT),
    "power-cut": Case("went down", LASTS, idle_around=DARK),
    "supply-dips": Case("fell 3 times", 'to = "60 %"\nwidth = "200ms"\ncount = 3', idle_around=DARK),
    "brown-out": Case("fell", 'voltage = "100 V"\nduration = "2s"', idle_fault='voltage = "240 V"\nduration = "2s"'),
    "cut-burst": Case("was told 5 times", 'off = "300ms"\non = "400ms"\ncount = 5', idle_around=DARK),
    "rtc-stop": Case("stood still", LASTS, idle_around=DARK + DEAD_CELL),
    "rtc-drift": Case("ran off", 'offset = "200 ppm"', idle_fault='offset = "0 ppm"'),
    "rtc-jump": Case("leapt", 'by = "-10min"', idle_around=DARK + DEAD_CELL),
    "rtc-garbage": Case("garbage", 'duration = "40min"', idle_around=DARK),
    "rtc-epoch": Case("epoch", idle_around=DARK + DEAD_CELL),
    "flash-cut": Case("was cut", 'duration = "5min"\noperation = "program"\nnth = 3', idle_around=DARK),
    "flash-torn": Case("was met", idle_around=DARK),
    "flash-stuck": Case("was met", NEWEST, around=CUT, at="61min", idle_fault=ELSEWHERE),
    "flash-rot": Case("was met", NEWEST, around=CUT, at="61min", idle_fault=ELSEWHERE),
    "flash-metastable": Case("was met", NEWEST, around=CUT, at="61min", idle_fault=ELSEWHERE),
    "flash-wear": Case(
        "was met",
        'ring = "registers"\nerases = 100100',
        idle_fault='ring = "registers"\nerases = 99000',
        duration="61min",
    ),
    "front-end-stuck": Case("was stuck", f'channel = "I1"\n{LASTS}', idle_load=""),
    "front-end-saturated": Case("was saturated", f'channel = "I1"\n{LASTS}', idle_around=DARK),
    "front-end-offset": Case(
        "had an offset",
        'channel = "I1"\namount = "1 %"\nduration = "10s"',
        board="soc",
        at="10s",
        duration="30s",
        idle_around=DARK.replace("10min", "5s"),
    ),
    "front-end-missing": Case(
        "was missing", f'channel = "U2"\n{LASTS}', idle_fault=f'channel = "IN"\n{LASTS}'
    ),
    "front-end-frozen": Case("nothing new", LASTS, idle_around=DARK),
    "uart-noise": Case("came in otherwise", LASTS, around=READ, idle_around=""),
    "uart-break": Case("came in otherwise", LASTS, around=READ, idle_around=""),
    "uart-parity": Case("came in otherwise", LASTS, around=READ, idle_around=""),
    "cpu-drift": Case("another frequency", f'offset = "500 ppm"\n{LASTS}', idle_fault=f'offset = "0 ppm"\n{LASTS}'),
    "task-overrun": Case("longer than", f'stretch = "300 %"\n{LASTS}', idle_around=DARK),
    "task-hang": Case("the watchdog bit", idle_around=DARK),
    "input-chatter": Case("waited for the line", 'duration = "2s"', idle_fault='period = "500ms"\nduration = "2s"'),
    "phase-fail": Case("is gone", f"phases = [2]\n{LASTS}", idle_around=DARK),
    "voltage-fault": Case(
        "told wrong", f'phase = 2\nto = "60 %"\n{LASTS}', idle_fault=f'phase = 2\nto = "100 %"\n{LASTS}'
    ),
    "current-reversed": Case("wrong way", f"phases = [1]\n{LASTS}", idle_load=""),
    "currents-crossed": Case("exchanged", f"phases = [1, 3]\n{LASTS}", idle_load=""),
    "sequence-reversed": Case("other way", LASTS, idle_around=DARK),
    "neutral-lost": Case("floated", LASTS, load='power = "3.6 kW"\nphase = 1', idle_load='power = "3.6 kW"'),
    "frequency-wrong": Case(
        "another frequency", f'frequency = "46.5 Hz"\n{LASTS}', idle_fault=f'frequency = "50 Hz"\n{LASTS}'
    ),
    "terminal-cover-open": Case("became true", LASTS, idle_around=DARK),
    "main-cover-open": Case("became true", LASTS, idle_around=DARK),
    "magnet-held": Case("became true", LASTS, idle_around=DARK),
    "reset-press": Case("became true", 'duration = "1s"', idle_around=DARK),
    "control-energised": Case("was energised", f'input = "control-1"\n{LASTS}', idle_around=DARK),
    "relay-welded": Case("told to open", around=RELAY + DISCONNECT, idle_around=RELAY),
}


POWER = {"power-down", "power-up"}

OWED: dict[str, set[str]] = {
    "battery-fail": {"battery-failed"},
    "battery-low": {"battery-failed"},
    "battery-replace": {"battery-restored"},
    "supply-fail": POWER,
    "power-cut": POWER,
    "rtc-stop": {"rtc-failed"},
    "rtc-jump": {"rtc-failed"},
    "rtc-garbage": {"rtc-failed"},
    "rtc-epoch": {"rtc-failed"},
    "flash-cut": POWER,
    "flash-stuck": {"flash-corrupt"},
    "flash-rot": {"flash-corrupt"},
    "flash-metastable": {"flash-corrupt"},
    "front-end-stuck": {"front-end-failed"},
    "front-end-saturated": {"front-end-failed"},
    "front-end-frozen": {"front-end-failed"},
    "task-hang": {"watchdog-reset"},
    "input-chatter": {"terminal-cover-opened"},
    "phase-fail": {"phase-failed"},
    "voltage-fault": {"voltage-low"},
    "current-reversed": {"reverse-run"},
    "currents-crossed": {"currents-crossed"},
    "sequence-reversed": {"sequence-reversed"},
    "neutral-lost": {"neutral-lost"},
    "frequency-wrong": {"frequency-out-of-range"},
    "terminal-cover-open": {"terminal-cover-opened", "terminal-cover-closed"},
    "main-cover-open": {"main-cover-opened", "main-cover-closed"},
    "magnet-held": {"magnet-detected", "magnet-gone"},
    "reset-press": {"end-of-billing"},
    "relay-welded": {"unexpected-consumption"},
}
"""By kind, the events that it owes in the first run; the others owe none there."""


def text(kind: str, case: Case, more: str = "") -> str:
    """The scenario in which it must act."""
    return _text(kind, case.fault + more, case.around, case.load, case)


def idle(kind: str, case: Case) -> str:
    """The scenario in which it can't."""
    fault = case.fault if case.idle_fault is None else case.idle_fault
    around = case.around if case.idle_around is None else case.idle_around
    load = case.load if case.idle_load is None else case.idle_load
    return _text(kind, fault, around, load, case)


def _text(kind: str, fault: str, around: str, load: str, case: Case) -> str:
    head = f'schema = 1\ntitle = "fault"\nstart = {START}\nduration = "{case.duration}"\nboard = "{case.board}"\n'
    return f'{head}\n[load]\n{load}\n{around}\n[[fault]]\nid = "it"\nkind = "{kind}"\nat = "{case.at}"\n{fault}\n'
