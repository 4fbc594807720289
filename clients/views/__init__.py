"""What a browser sees of clients; each page opens a file and leaves a row in the access log."""
