"""Telling people of changes and of runs: by messages, and by feeds kept as files."""
