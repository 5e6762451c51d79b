"""Civil time: zones, daylight-saving rules, and trust in the clock."""
