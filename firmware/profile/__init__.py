"""The load profile: what flowed in each interval, kept interval by interval."""
