"""Pages of group work, by subject."""
