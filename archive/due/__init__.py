"""Which documents are most worth rereading when there is no time for all (docs/due.md).

`force`, `rates`, `priors`, `choice` and `forecast` are pure; `assessment` looks into the archive.
"""
