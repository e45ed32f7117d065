"""Images in a terminal: rows of text for every one, and sequences for terminals that show pixels."""
