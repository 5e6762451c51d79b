"""The command `meterbench`."""

from sim import jit_cache


def main() -> None:
    """Run the command with the process's arguments, and exit with its code."""
    jit_cache.prepare()
    from sim.cli.app import app

    app()
