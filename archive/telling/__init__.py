"""Changes told to people who are not at the terminal: in feeds and in messages."""
