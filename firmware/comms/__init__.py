"""Communications: one session per port, on top of protocols."""
