"""Orders: a crawl written down as a file, and carried out from it without an archive."""
