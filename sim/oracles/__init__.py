"""What must always hold, beside every scenario; one file an oracle."""
