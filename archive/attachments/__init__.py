"""What attachments say: their texts, read in a process of its own and kept beside the archive.

`readers` turn bytes into text, one module a format, and run nowhere but in that process. `texts` is
where everybody else asks; `store` remembers what was read.
"""
