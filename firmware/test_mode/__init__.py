"""Test mode: for a while energy counts in registers of its own, and reaches none that bills."""
