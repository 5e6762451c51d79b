"""The real world: boards of real parts that implement hal and compose firmware, as sim does.

`bench` puts the board together: a processor on the monotonic clock, a serial port of the host, flash in a file, an RTC
on the system clock. It has no front end yet; metering comes with one.
"""
