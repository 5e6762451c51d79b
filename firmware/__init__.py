"""The meter's program: kernel, metrology, tariff, clock, storage, events and comms over the HAL."""
