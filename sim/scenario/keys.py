"""A path in the firmware's settings, as the keys of a scenario's file say it."""

import re
from typing import Final

_WHOLE: Final = {
    "nominal_voltage_uv": "meter.nominal",
    "rated_current_na": "meter.rated_current",
    "maximum_current_na": "meter.maximum_current",
    "frequency_uhz": "meter.frequency",
    "impulses_per_kwh": "meter.impulses_per_kwh",
    "s0_impulses_per_kwh": "meter.s0_impulses_per_kwh",
    "ct_ratio": "meter.ct",
    "vt_ratio": "meter.vt",
    "demand_input": "demand.input",
    "test_mode_s": "meter.test_mode",
    "billing.dates.day": "billing.day",
    "billing.dates.minute": "billing.time",
    "optical.identification": "optical",
    "optical.adjust_password": "optical.passwords.adjust",
    "optical.command_password": "optical.passwords.command",
}
"""Paths that have another name altogether."""

_PARTS: Final = (
    (r"^calendar\b", "tariff"),
    (r"^tariff\.sums\b", "meter.sums"),
    (r"^clock\.zone\b", "clock.timezone"),
    (r"^demand\.coincidents\b", "demand.coincident"),
    (r"^demand\.excesses\b", "demand.thresholds"),
    (r"^(demand\.thresholds\[\d+\])\.threshold_mw$", r"\1.over"),
    (r"^(demand\.\w+\[\d+\])\.quantity$", r"\1.energy"),
    (r"_(s|ns|mv|ppb|ppm|permille|nwh)$", ""),
)
"""What stands for what in the others, one after the other."""


def in_keys(error: str) -> str:
    """`path: rule` with the keys of the file; as it is without a path."""
    path, colon, rule = error.partition(": ")
    if not colon or " " in path:
        return error
    if path in _WHOLE:
        return f"{_WHOLE[path]}: {rule}"
    for what, instead in _PARTS:
        path = re.sub(what, instead, path)
    return f"{path}: {rule}"
