"""The explorer: draws fault schedules or cuts the power everywhere, judges each run by its oracles, and shrinks what
broke. `docs/explore.md` says how to use it."""
