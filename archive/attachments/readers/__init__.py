"""The readers: a file's bytes in, its text out, one module a format.

Each has `read(body)`, which returns a `Found` or raises UnreadableError; whatever else it raises
means that the file is broken. They are loaded in the reading process only.
"""
