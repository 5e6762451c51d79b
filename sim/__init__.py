"""The simulated world: implements hal, composes firmware."""
