"""Leaving yange: what an archive holds, in forms that other programs read (docs/export.md).

`holdings` is what there is to export; `rows`, `warc`, `wacz` and `bag` are its forms; `target` is
how a file or folder appears whole under its name or not at all.
"""
