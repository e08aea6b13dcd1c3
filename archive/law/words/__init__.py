"""Words that all legal texts use: numerals, days, titles and document numbers. Pure."""
