"""Event codes, their log, and what detects them."""
