"""Pages: Today and the figures in overview, the words of messages in messages."""
