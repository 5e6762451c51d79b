"""The disconnect relay, the limiter that opens it, and the load-control output."""
