"""Keeping: documents, versions, changes, and the bytes they were read from.

`archive.archive.Archive` is the one entrance for writing, `archive.catalogue.Catalogue` the
read-only side. This package fetches nothing and knows no timetable; the reader of pages is handed
to it. Nothing is imported here: every command passes this file on its way to a small part.
"""
