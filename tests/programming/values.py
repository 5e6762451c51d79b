"""Settings drawn by their types: every field of every dataclass varies, as far as the rules let it."""

import enum
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from firmware.config import ClockConfig, OpticalConfig, Settings
from firmware.demand.config import Coincident, DemandConfig, ExcessThreshold, MaximumDemand, Method
from firmware.display.config import DisplayConfig
from firmware.load_switch.config import (
    LimiterConfig,
    LoadControlConfig,
    LoadSwitchConfig,
    Monitored,
    OnOver,
    RelayConfig,
)
from firmware.profile.config import ProfileConfig
from firmware.quality.config import QualityConfig
from firmware.registers.energy import CustomerSum
from firmware.tariff.billing import BillingConfig, BillingSource
from firmware.tariff.calendar import Calendar, DayProfile, Season, SpecialDay, Switch, Week
from firmware.tariff.config import TariffConfig
from hal.inputs import Input
from sim.scenario.meter_tables import central_european

CALENDAR = Calendar(
    2,
    (
        DayProfile("work", (Switch(0, 2), Switch(360, 1)), (Switch(0, 1), Switch(600, 3))),
        DayProfile("rest", (Switch(0, 2),)),
    ),
    (Week("w", *["work"] * 6, "rest"), Week("v", *["work"] * 5, "rest", "rest")),
    (Season("winter", 10, 1, "w"), Season("summer", 4, 1, "v")),
    (SpecialDay(12, 25, "rest"), SpecialDay(4, 3, "rest", 2026)),
    3,
)

RICH = Settings(
    clock=ClockConfig(central_european().zone()),
    calendar=CALENDAR,
    demand=DemandConfig(
        900,
        Method.SLIDING,
        3,
        maxima=(MaximumDemand(0), MaximumDemand(0, 1), MaximumDemand(8, 3)),
        coincidents=(Coincident(0, 2),),
        excesses=(ExcessThreshold(0, 50_000_000),),
        averages=(0, 6),
    ),
    profile=ProfileConfig(900),
    profile_2=ProfileConfig(300, (0, 2)),
    tariff=TariffConfig((0, 2, 8), (CustomerSum(((1, 0), (-1, 1))),)),
    billing=BillingConfig(
        sources=(BillingSource.DATE, BillingSource.SEASON, BillingSource.INPUT), input=Input.CONTROL_1
    ),
    demand_input=Input.CONTROL_2,
    optical=OpticalConfig(adjust_password="11111111", command_password="22222222"),
    load_switch=LoadSwitchConfig(
        RelayConfig(),
        LimiterConfig(Monitored.CURRENT, 60_000, 10_000, on_over=OnOver.DISCONNECT, heeded=(1, 2)),
        LoadControlConfig((2,)),
    ),
    display=DisplayConfig(manual=("1.8.0", "0.9.1")),
    quality=QualityConfig(),
)
"""Settings in which nothing is left out."""


def like(value: Any, hint: Any) -> st.SearchStrategy[Any]:
    """Values of a type, this one among them. Those that break a rule alone are not drawn."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (UnionType, Union):
        (there,) = (argument for argument in arguments if argument is not NoneType)
        return st.none() if value is None else st.none() | like(value, there)
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.sampled_from([value, value, value + 1, max(value - 1, 0), 2 * value, value // 2]) | st.integers(0, 60)
    if hint is str:
        return st.just(value) | st.text("0123456789ABC", min_size=1, max_size=8)
    if hint is Fraction:
        return st.builds(Fraction, st.integers(1, 100), st.integers(1, 100))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return st.sampled_from(hint)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        drawn = [like(part, arguments[0]) for part in value]
        return st.tuples(*drawn) | st.integers(0, len(value)).map(lambda count: value[:count]) | st.just(value)
    if origin is tuple:
        return st.tuples(*map(like, value, arguments))
    if is_dataclass(value):
        return dataclass_like(value)
    return st.just(value)


@st.composite
def dataclass_like(draw: st.DrawFn, value: Any) -> Any:
    """The same with some fields otherwise, each as far as the rules of the whole let it be."""
    hints = get_type_hints(type(value))
    for field in fields(value):
        if not field.init or not draw(st.booleans()):
            continue
        other = draw(like(getattr(value, field.name), hints[field.name]))
        try:
            value = replace(value, **{field.name: other})
        except ValueError:
            continue
    return value


all_settings = dataclass_like(RICH)
