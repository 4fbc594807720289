"""Pages about places, by subject."""
