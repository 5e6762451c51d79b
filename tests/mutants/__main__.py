"""`python -m tests.mutants` hunts them all, and prints which oracle caught which; 1 if one survives, or if an oracle
never caught any.

`python -m tests.mutants NAME run battery-failure` (or any other command of `meterbench`) has it done by the firmware
with that bug; NAME `none` is the firmware as it is.
"""

import os
import sys

from tests.mutants.catalogue import MUTANTS


def main(arguments: list[str]) -> int:
    if arguments:
        return _command(arguments[0], arguments[1:])
    from tests.mutants.report import report

    return report(MUTANTS, os.cpu_count() or 1)


def _command(name: str, arguments: list[str]) -> int:
    known = {mutant.name: mutant for mutant in MUTANTS}
    if name != "none":
        if name not in known:
            print(f"no mutant is called {name}; there are: none, {', '.join(known)}", file=sys.stderr)
            return 2
        known[name].infect()
    from sim.cli import main as meterbench

    sys.argv = ["meterbench", *arguments]
    meterbench()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
