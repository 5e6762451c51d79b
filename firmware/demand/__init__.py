"""Demand: power averaged over an integration period, its maxima, and what is counted above a threshold."""
