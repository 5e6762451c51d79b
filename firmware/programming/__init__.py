"""Programming: what may be changed in the field, and how the old or the new of it is in flash, whole."""
