"""Lengths that bound what is sent and what is stored.

[m] marks a figure of IEC 62056-21:2002 given from memory; whoever holds the standard corrects it here, in one place.
"""

DEVICE_ADDRESS_CHARS = 32
"""Device address in a sign-on, characters [m] (IEC 62056-21, request message)."""

IDENTIFICATION_CHARS = 16
"""Identification after the baud character, characters (IEC 62056-21, identification message)."""

DATA_ADDRESS_CHARS = 16
"""Address (identification number) of a data set, characters [m] (IEC 62056-21, data set)."""

VALUE_CHARS = 32
"""Value of a data set, characters (IEC 62056-21, data set)."""

VALUE_CHARS_MODE_C = 128
"""Value of a data set in mode C, characters (IEC 62056-21, data set)."""

UNIT_CHARS = 16
"""Unit of a data set, characters [m] (IEC 62056-21, data set)."""

LINE_MESSAGE_BYTES = 64
"""Longest `/` ... CR LF message kept while it is received. Ours: above the longest sign-on and identification."""

COMMAND_BYTES = 1024
"""Longest programming command message a tariff device keeps while it is received. Ours."""

READOUT_BYTES = 131_072
"""Longest message a reading device keeps while it is received. Ours: about 2000 lines."""

REPEATS = 3
"""How often a reading device asks for, or sends, one message again. Ours."""
