"""Scenarios: what a file says, what a run does with it, and what came out."""
