"""Times of IEC 62056-21, in nanoseconds. The machines keep no clock: whoever owns one keeps these.

A reaction time runs from the last character received to the first one sent. Silence is the absence of characters in
both directions. [m] marks a figure given from memory of IEC 62056-21:2002, to be corrected here by its holder.
"""

_MS = 1_000_000
_S = 1_000 * _MS

REACTION_MIN_NS = 200 * _MS
"""Shortest reaction time (IEC 62056-21, identification message: third letter in upper case)."""

REACTION_MIN_SHORT_NS = 20 * _MS
"""Shortest reaction time of a device whose third manufacturer letter is lower case (IEC 62056-21, same place)."""

REACTION_MAX_NS = 1_500 * _MS
"""Longest reaction time [m]: after as much silence no answer comes any more."""

INTER_CHARACTER_MAX_NS = 1_500 * _MS
"""Longest gap between two characters of one message [m]."""

INACTIVITY_MIN_NS = 60 * _S
"""A tariff device keeps a programming session without traffic for at least this long [m]."""

INACTIVITY_MAX_NS = 120 * _S
"""A tariff device has ended a programming session without traffic after this long [m]."""

WAKE_UP_NULS_NS = 2_200 * _MS
"""Duration of the NUL characters that wake a battery-operated device (IEC 62056-21, annex on wake-up)."""

WAKE_UP_WAIT_NS = 1_500 * _MS
"""Pause between the last of those NULs and the sign-on (same place)."""
