"""Wire formats and their state machines, sans-IO: bytes in, typed events out; no clock, no port."""
