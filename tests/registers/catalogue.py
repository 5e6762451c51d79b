"""Published codes, as literals.

OBIS and reduced codes: IEC 62056-6-1 as listed in the public OBIS code table of Gurux, in the tables of groups C, D and
E of the manual of MasterOPC's DLMS plug-in, and in public lists; units: the enumeration of DLMS UA 1000-1 in
Gurux' `Unit`. C12.19: bits of Table 12 in NIST's n0mcli (`c1219.h`) and C12 table readers; codes of quantities, time
bases, quadrants and segmentation in the sensor database of NGM.
"""

from firmware.registers.identity import Direction, Kind, Phase, Quantity, RegisterId
from firmware.registers.value import Unit

Q, D, K, P = Quantity, Direction, Kind, Phase

COUNTER = 7
"""The billing period counter: the last closed period is number 7."""


def total(quantity: Quantity, direction: Direction, kind: Kind, rate: int = 0, period: int = 0) -> RegisterId:
    return RegisterId(quantity, P.TOTAL, direction, kind, rate, period)


def of(phase: Phase, quantity: Quantity, direction: Direction = D.NONE, kind: Kind = K.INSTANTANEOUS) -> RegisterId:
    return RegisterId(quantity, phase, direction, kind)


CODES: dict[str, tuple[str, RegisterId]] = {
    "1.8.0": ("1-0:1.8.0.255", total(Q.ACTIVE, D.IMPORT, K.ENERGY)),
    "1.8.1": ("1-0:1.8.1.255", total(Q.ACTIVE, D.IMPORT, K.ENERGY, 1)),
    "2.8.4": ("1-0:2.8.4.255", total(Q.ACTIVE, D.EXPORT, K.ENERGY, 4)),
    "3.8.0": ("1-0:3.8.0.255", total(Q.REACTIVE, D.IMPORT, K.ENERGY)),
    "4.8.0": ("1-0:4.8.0.255", total(Q.REACTIVE, D.EXPORT, K.ENERGY)),
    "5.8.0": ("1-0:5.8.0.255", total(Q.REACTIVE, D.Q1, K.ENERGY)),
    "6.8.0": ("1-0:6.8.0.255", total(Q.REACTIVE, D.Q2, K.ENERGY)),
    "7.8.0": ("1-0:7.8.0.255", total(Q.REACTIVE, D.Q3, K.ENERGY)),
    "8.8.63": ("1-0:8.8.63.255", total(Q.REACTIVE, D.Q4, K.ENERGY, 63)),
    "9.8.0": ("1-0:9.8.0.255", total(Q.APPARENT, D.IMPORT, K.ENERGY)),
    "10.8.0": ("1-0:10.8.0.255", total(Q.APPARENT, D.EXPORT, K.ENERGY)),
    "15.8.0": ("1-0:15.8.0.255", total(Q.ACTIVE, D.ABSOLUTE, K.ENERGY)),
    "16.8.0": ("1-0:16.8.0.255", total(Q.ACTIVE, D.NET, K.ENERGY)),
    "21.8.0": ("1-0:21.8.0.255", of(P.L1, Q.ACTIVE, D.IMPORT, K.ENERGY)),
    "1.8.0*07": ("1-0:1.8.0.7", total(Q.ACTIVE, D.IMPORT, K.ENERGY, period=1)),
    "1.8.0*06": ("1-0:1.8.0.6", total(Q.ACTIVE, D.IMPORT, K.ENERGY, period=2)),
    "1.8.2*98": ("1-0:1.8.2.98", total(Q.ACTIVE, D.IMPORT, K.ENERGY, 2, 10)),
    "1.2.0": ("1-0:1.2.0.255", total(Q.ACTIVE, D.IMPORT, K.CUMULATIVE_DEMAND)),
    "1.4.0": ("1-0:1.4.0.255", total(Q.ACTIVE, D.IMPORT, K.AVERAGE_DEMAND)),
    "1.5.0": ("1-0:1.5.0.255", total(Q.ACTIVE, D.IMPORT, K.LAST_AVERAGE)),
    "1.6.1": ("1-0:1.6.1.255", total(Q.ACTIVE, D.IMPORT, K.MAXIMUM_DEMAND, 1)),
    "9.6.0": ("1-0:9.6.0.255", total(Q.APPARENT, D.IMPORT, K.MAXIMUM_DEMAND)),
    "1.7.0": ("1-0:1.7.0.255", total(Q.ACTIVE, D.IMPORT, K.INSTANTANEOUS)),
    "2.7.0": ("1-0:2.7.0.255", total(Q.ACTIVE, D.EXPORT, K.INSTANTANEOUS)),
    "3.7.0": ("1-0:3.7.0.255", total(Q.REACTIVE, D.IMPORT, K.INSTANTANEOUS)),
    "9.7.0": ("1-0:9.7.0.255", total(Q.APPARENT, D.NONE, K.INSTANTANEOUS)),
    "13.7.0": ("1-0:13.7.0.255", total(Q.POWER_FACTOR, D.NONE, K.INSTANTANEOUS)),
    "14.7.0": ("1-0:14.7.0.255", total(Q.FREQUENCY, D.NONE, K.INSTANTANEOUS)),
    "21.7.0": ("1-0:21.7.0.255", of(P.L1, Q.ACTIVE, D.IMPORT)),
    "42.7.0": ("1-0:42.7.0.255", of(P.L2, Q.ACTIVE, D.EXPORT)),
    "31.7.0": ("1-0:31.7.0.255", of(P.L1, Q.CURRENT)),
    "51.7.0": ("1-0:51.7.0.255", of(P.L2, Q.CURRENT)),
    "71.7.0": ("1-0:71.7.0.255", of(P.L3, Q.CURRENT)),
    "91.7.0": ("1-0:91.7.0.255", of(P.NEUTRAL, Q.CURRENT)),
    "32.7.0": ("1-0:32.7.0.255", of(P.L1, Q.VOLTAGE)),
    "52.7.0": ("1-0:52.7.0.255", of(P.L2, Q.VOLTAGE)),
    "72.7.0": ("1-0:72.7.0.255", of(P.L3, Q.VOLTAGE)),
    "33.7.0": ("1-0:33.7.0.255", of(P.L1, Q.POWER_FACTOR)),
    "81.7.1": ("1-0:81.7.1.255", of(P.L2, Q.VOLTAGE_ANGLE)),
    "81.7.2": ("1-0:81.7.2.255", of(P.L3, Q.VOLTAGE_ANGLE)),
    "81.7.4": ("1-0:81.7.4.255", of(P.L1, Q.CURRENT_ANGLE)),
    "81.7.15": ("1-0:81.7.15.255", of(P.L2, Q.CURRENT_ANGLE)),
    "81.7.26": ("1-0:81.7.26.255", of(P.L3, Q.CURRENT_ANGLE)),
    "32.7.124": ("1-0:32.7.124.255", of(P.L1, Q.THD_VOLTAGE)),
    "71.7.124": ("1-0:71.7.124.255", of(P.L3, Q.THD_CURRENT)),
    "52.7.5": ("1-0:52.7.5.255", of(P.L2, Q.HARMONIC_VOLTAGE)._replace(order=5)),
    "31.7.40": ("1-0:31.7.40.255", of(P.L1, Q.HARMONIC_CURRENT)._replace(order=40)),
    "32.32.0": ("1-0:32.32.0.255", of(P.L1, Q.VOLTAGE, kind=K.UNDER_COUNT)),
    "52.33.0": ("1-0:52.33.0.255", of(P.L2, Q.VOLTAGE, kind=K.UNDER_DURATION)),
    "72.36.0": ("1-0:72.36.0.255", of(P.L3, Q.VOLTAGE, kind=K.OVER_COUNT)),
    "32.38.0": ("1-0:32.38.0.255", of(P.L1, Q.VOLTAGE, kind=K.OVER_MAGNITUDE)),
    "0.1.0": ("0-0:0.1.0.255", total(Q.BILLING, D.NONE, K.COUNT)),
    "0.1.2*07": ("0-0:0.1.2.7", total(Q.BILLING, D.NONE, K.TIME, period=1)),
    "C.2.0": ("0-0:96.2.0.255", total(Q.PROGRAMMING, D.NONE, K.COUNT)),
    "C.2.1": ("0-0:96.2.1.255", total(Q.PROGRAMMING, D.NONE, K.TIME)),
    "C.6.3": ("0-0:96.6.3.255", total(Q.BATTERY, D.NONE, K.INSTANTANEOUS)),
    "C.7.0": ("0-0:96.7.0.255", total(Q.POWER_FAILURE, D.NONE, K.COUNT)),
    "C.7.3": ("0-0:96.7.3.255", of(P.L3, Q.POWER_FAILURE, kind=K.COUNT)),
    "C.7.15": ("0-0:96.7.15.255", total(Q.POWER_FAILURE, D.NONE, K.DURATION)),
    "C.8.0": ("0-0:96.8.0.255", total(Q.OPERATING_TIME, D.NONE, K.DURATION)),
    "C.8.2": ("0-0:96.8.2.255", total(Q.OPERATING_TIME, D.NONE, K.DURATION, 2)),
    "C.14.0": ("0-0:96.14.0.255", total(Q.ENERGY_RATE, D.NONE, K.STATE)),
    "F.F": ("0-0:97.97.0.255", total(Q.STATUS, D.NONE, K.STATE)),
    "F.98.0": ("0-0:97.98.0.255", total(Q.ALARM, D.NONE, K.STATE)),
}
"""By reduced code: OBIS code and register."""

NOT_OURS = (
    "0.0.0",
    "0.9.1",
    "1.8.64",
    "1.6.0*37",
    "1.4.0*07",
    "1.7.0*07",
    "1.7.1",
    "9.4.64",
    "10.7.0",
    "12.8.0",
    "14.32.64",
    "32.7.41",
    "32.7.123",
    "81.7.3",
    "81.8.1",
    "91.8.0",
    "0.1.2",
    "C.1.0",
    "C.2.0*07",
    "97.97.0",
    "F.97.0",
    "96.2.0",
    "1.8",
    "1.8.0*7",
    "01.8.0",
    "1.8.00",
    "1.8.0*007",
    " 1.8.0",
    "1.8.٣",
    "",
)
"""Codes of what is no register of ours, of a period of what has none, and texts that are no codes."""

UNITS: dict[str, tuple[int, Unit]] = {
    "Hz": (44, Unit.HERTZ),
    "V": (35, Unit.VOLT),
    "A": (33, Unit.AMPERE),
    "varh": (32, Unit.VAR_HOUR),
    "VAh": (31, Unit.VOLT_AMPERE_HOUR),
    "Wh": (30, Unit.WATT_HOUR),
    "var": (29, Unit.VAR),
    "VA": (28, Unit.VOLT_AMPERE),
    "W": (27, Unit.WATT),
    "°": (8, Unit.DEGREE),
    "°C": (9, Unit.CELSIUS),
    "%": (56, Unit.PERCENT),
    "s": (7, Unit.SECOND),
    "min": (6, Unit.MINUTE),
    "": (255, Unit.COUNT),
}

ENTRIES: dict[int, RegisterId] = {
    0x0002_4000: total(Q.ACTIVE, D.IMPORT, K.ENERGY),
    0x0001_8000: total(Q.ACTIVE, D.EXPORT, K.ENERGY),
    0x0007_C000: total(Q.ACTIVE, D.NET, K.ENERGY),
    0x0003_C000: total(Q.ACTIVE, D.ABSOLUTE, K.ENERGY),
    0x002F_C000: of(P.L1, Q.ACTIVE, D.NET, K.ENERGY),
    0x0000_C001: total(Q.REACTIVE, D.IMPORT, K.ENERGY),
    0x0003_0001: total(Q.REACTIVE, D.EXPORT, K.ENERGY),
    0x0002_0001: total(Q.REACTIVE, D.Q4, K.ENERGY),
    0x0002_4002: total(Q.APPARENT, D.IMPORT, K.ENERGY),
    0x0002_4400: total(Q.ACTIVE, D.IMPORT, K.MAXIMUM_DEMAND),
    0x0028_0208: of(P.L1, Q.VOLTAGE),
    0x0038_020C: of(P.L3, Q.CURRENT),
    0x0020_020C: of(P.NEUTRAL, Q.CURRENT),
    0x0000_0218: total(Q.POWER_FACTOR, D.NONE, K.INSTANTANEOUS),
    0x0000_0221: total(Q.FREQUENCY, D.NONE, K.INSTANTANEOUS),
    0x8000_0001: total(Q.CUSTOMER_2, D.NONE, K.ENERGY),
}
"""Entries of C12.19's Table 12, and the registers that they describe."""
