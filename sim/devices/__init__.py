"""Models of the devices on a simulated board, one file a device."""
