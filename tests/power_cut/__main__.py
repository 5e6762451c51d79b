"""`python -m tests.power_cut` shoots the whole campaign and prints its figures; 1 if anything is wrong."""

import sys

from tests.power_cut.campaign import aims, shoot
from tests.power_cut.figures import table


def main() -> int:
    shots = [shoot(aim) for aim in aims()]
    print("\n".join(table(shots)))
    return int(any(shot.wrong for shot in shots))


if __name__ == "__main__":
    sys.exit(main())
