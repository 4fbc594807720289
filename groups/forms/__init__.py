"""What is asked on the pages of group work, by subject."""
