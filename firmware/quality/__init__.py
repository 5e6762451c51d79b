"""Power quality: dips, swells and interruptions; 10-minute statistics; the weekly verdict of EN 50160."""
