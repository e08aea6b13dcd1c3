"""Who may come in, what they may ask for, and what their browser is told to refuse."""
