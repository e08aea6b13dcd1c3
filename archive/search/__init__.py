"""Finding documents by their words (docs/search.md).

`folding`, `query`, `matching` and `terms` are pure. `index` keeps the terms of each document in the
archive's file, `finding` asks it and reads what it names: only what is read there is a hit.
"""
