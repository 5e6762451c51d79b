"""The registers of the meter: one model of everything that can be read, whatever protocol asks."""
