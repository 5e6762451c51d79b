"""How long a save may be. Apart from `firmware.save`, so that the configuration can be held against it."""

from typing import Final

SAVE_MOST_BYTES: Final = 3_800
"""What 15 pages hold, and the hold-up is computed for."""

HEAD_MOST_BYTES: Final = 256
"""All that is neither the tariff's nor the load profile's, with room to grow."""
