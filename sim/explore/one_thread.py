"""Keeps the libraries from starting threads, which a fork would leave behind. To be called before any is imported."""

import os
from typing import Final

_VARIABLES: Final = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def prepare() -> None:
    """One thread for each library, whatever the environment says."""
    for variable in _VARIABLES:
        os.environ[variable] = "1"
