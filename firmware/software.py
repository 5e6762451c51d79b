"""The legally relevant software: the part that measures and bills, with a version and a checksum of its own.

What is approved is told apart from the rest of the program (WELMEC 7.2, extension S, from memory), so that a new
display or a new port needs no new approval. The display shows both. `make seal` writes the checksum anew; it is the
CRC-32 over names and contents of the source files, since a simulated meter has no image in a flash of its own.
"""

from typing import Final

LEGALLY_RELEVANT: Final = (
    "firmware/boot.py",
    "firmware/clock",
    "firmware/core.py",
    "firmware/demand",
    "firmware/metrology",
    "firmware/registers",
    "firmware/save.py",
    "firmware/storage",
    "firmware/tariff",
    "hal/energy.py",
)
"""Source files, and folders of them."""

VERSION: Final = "0.4"

CHECKSUM: Final = 0x9ECF950A
