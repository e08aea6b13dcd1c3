"""Receipts: what a third party needs to check one version against a seal that they know (R17).

A run says its seal when it ends. Whoever noted that hash can check with a receipt, and without the
archive, that this very version had been recorded by then: from the version's fields to its digest,
from there to its entry in the ledger, from the entry up the Merkle tree to the root that the seal
holds. `docs/receipt.md` says how.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from archive import ledger
from archive.errors import NotFoundError
from archive.merkle import inclusion_proof
from archive.seals import Seal, as_sealed, seal_of, seals
from archive.versions import Version, version_object

FORMAT = "yange-receipt/1"


def receipt(connection: sqlite3.Connection, version: Version, run_id: int | None) -> dict[str, Any]:
    """The receipt for a version, against the seal of `run_id`, by default of the run that made it.

    Raises NotFoundError where that run has no seal, or had none of that version.
    """
    entry, stored = _entry(connection, version)
    seal = _seal(connection, entry, run_id)
    leaves = list(ledger.hashes(connection, seal.ledger_length))
    url, reader, body_sha256 = connection.execute(
        """SELECT url, name, sha256 FROM readings
           JOIN readers ON readers.id = reader_id
           JOIN bodies ON bodies.id = body_id
           JOIN locations ON locations.id = ? WHERE readings.id = ?""",
        (version.location_id, version.reading_id),
    ).fetchone()
    return {
        "format": FORMAT,
        "version": version_object(
            number=version.number,
            url=url,
            at_ms=version.at_ms,
            reader=reader,
            fields=version.fields,
            content_sha256=version.content_sha256,
            body_sha256=body_sha256,
            attachments=version.attachments,
        ),
        "entry": entry.as_hashed(),
        "path": [one.hex() for one in inclusion_proof(leaves, entry.seq - 1)],
        "seal": as_sealed(connection, seal),
        "sha256": {
            "version": version.digest.hex(),
            "entry": stored.hex(),
            "seal": seal.hash.hex(),
        },
    }


def _entry(connection: sqlite3.Connection, version: Version) -> tuple[ledger.Entry, bytes]:
    """The first of the entries that a version was made by."""
    [seq] = connection.execute(
        """SELECT min(seq) FROM changes
           WHERE document_id = ? AND version = ? AND version_digest IS NOT NULL""",
        (version.document_id, version.number),
    ).fetchone()
    if seq is None:
        raise NotFoundError(
            f"the ledger says nothing of version {version.number}; `yange verify` names what is"
            " damaged"
        )
    return next(ledger.entries(connection, since=seq))


def _seal(connection: sqlite3.Connection, entry: ledger.Entry, run_id: int | None) -> Seal:
    asked = entry.run_id if run_id is None else run_id
    seal = seal_of(connection, asked)
    if seal is None and run_id is None:
        # A run of before there were seals: the first one that reaches as far.
        seal = next((one for one in seals(connection) if one.ledger_length >= entry.seq), None)
    if seal is None:
        raise NotFoundError(
            f"run {asked} has no seal yet; a run is sealed when it ends, and `yange runs` tells"
        )
    if seal.ledger_length < entry.seq:
        raise NotFoundError(
            f"when run {asked} ended, version {entry.version} was not there yet; it came with run"
            f" {entry.run_id}"
        )
    return seal
