"""Everything the pages of reporting read: rows for Today, figures for the overview. Nothing here writes."""
