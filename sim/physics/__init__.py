"""What the meter stands in: mains, loads, temperature, cells and capacitors."""
