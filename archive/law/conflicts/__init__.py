"""What does not fit together: between portal, texts, dates and index numbers."""
