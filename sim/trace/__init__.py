"""The canonical log of a run."""
