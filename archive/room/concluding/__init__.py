"""What is concluded from the archive, asked in a process of its own that keeps it at hand."""
