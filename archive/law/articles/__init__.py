"""One text as a legal text: its headings, articles, items and annexes. Pure."""
