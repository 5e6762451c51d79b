"""Profiles of hypothesis for every test: `ci` repeats to the example, `soak` looks for new ones.

Choose with the environment variable HYPOTHESIS_PROFILE; `make soak` sets it.
"""

import os

from hypothesis import HealthCheck, settings

# Speed is never asserted, so neither a deadline nor a slow generator fails a test.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "soak",
    derandomize=False,
    max_examples=2_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
