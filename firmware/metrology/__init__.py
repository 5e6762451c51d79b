"""Metrology: samples, or the registers of a metering IC, in; quantities, energy and pulses out. Pure computation."""
