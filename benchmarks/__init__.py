"""Speed, measured: ratios within one run against a peer or a bare loop. `python -m benchmarks`, or `make bench`."""
