"""`python -m sim.cli` is `meterbench`."""

from sim.cli import main

main()
