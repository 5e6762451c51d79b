"""The host's entropy."""

import os


class HostEntropy:
    """Implements `hal.entropy.Entropy`."""

    def read(self, length: int) -> bytes:
        return os.urandom(length)
