"""Verifies an archive, written from docs/schema.md alone: the standard library, nothing of yange.

    python -I verifier.py ARCHIVE

prints `{"ledger_head": …, "seal": …, "problems": […]}`. What needs more than the standard library
is left to `yange verify`: decompressing bodies and readings, and reading pages again.
"""

import hashlib
import json
import sqlite3
import sys

FIELDS = (
    *("title", "index_number", "document_number", "issuing_agency", "category", "summary"),
    *("written_on", "published_at", "repealed_on", "validity_label", "validity"),
)
ENTRY = (
    *("seq", "at_ms", "run_id", "document_id", "portal", "index_number", "title", "url"),
    *("version", "kind", "field", "before", "after"),
)
RUN = (
    *("id", "portal", "mode", "job", "slot", "started_ms", "finished_ms", "outcome", "stopped"),
    *("requests", "bytes", "figures", "problems"),
)
NOTHING = "00" * 32

# The rows that seals cover, with references resolved as documented.
ROWS = {
    "bodies": "SELECT id, sha256, bytes FROM bodies",
    "dictionaries": "SELECT id, portal, host, pages, sha256, bytes FROM dictionaries",
    "captures": """SELECT c.id, c.run_id AS run, l.url, c.at_ms, c.status, c.outcome, c.reason,
        b.sha256 AS body_sha256, c.headers FROM captures c
        JOIN locations l ON l.id = c.location_id LEFT JOIN bodies b ON b.id = c.body_id""",
    "acceptances": """SELECT capture_id AS id, accepted_capture_id AS accepts, run_id AS run,
        at_ms FROM acceptances""",
    "readers": "SELECT id, name, settings FROM readers",
    "states": """SELECT s.id, l.url, s.capture_id AS capture, s.content_type, s.attachments,
        b.sha256 AS body_sha256 FROM states s
        JOIN locations l ON l.id = s.location_id JOIN bodies b ON b.id = s.body_id""",
    "versions": """SELECT id, document_id AS document, number AS version, run_id AS run,
        capture_id AS capture, reading_id AS reading, attachments, digest FROM versions""",
    "completions": """SELECT c.id, v.document_id AS document, v.number AS version, c.url,
        c.media_type, c.run_id AS run, c.at_ms, b.sha256 AS body_sha256 FROM completions c
        JOIN versions v ON v.id = c.version_id JOIN bodies b ON b.id = c.body_id""",
}


def canonical(value):
    """The canonical JSON of a value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")


def digest(value):
    """The SHA-256 of the canonical JSON of a value, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def root(leaves):
    """The root of the Merkle tree of RFC 9162, 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()


def as_json(row):
    """A row as JSON has it: blobs in hexadecimal."""
    return {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in zip(row.keys(), row, strict=True)
    }


def versions(archive):
    """The digest of every version as its row has it, and as it is recomputed."""
    for row in archive.execute("""
            SELECT v.*, l.url, rs.name AS reader, b.sha256 AS body FROM versions v
            JOIN locations l ON l.id = v.location_id JOIN readings r ON r.id = v.reading_id
            JOIN readers rs ON rs.id = r.reader_id JOIN bodies b ON b.id = r.body_id"""):
        own = {
            "version": row["number"],
            "url": row["url"],
            "at_ms": row["at_ms"],
            "reader": row["reader"],
            "fields": {name: row[name] for name in FIELDS},
            "content_sha256": row["content_sha256"].hex(),
            "body_sha256": row["body"].hex(),
            "attachments": [
                {name: one[name] for name in ("name", "url", "sha256")}
                for one in json.loads(row["attachments"])
            ],
        }
        yield (row["document_id"], row["number"]), row["digest"].hex(), digest(own)


def verify(path):
    """What holds of the archive at this path: head, seal, and what does not hold."""
    archive = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    archive.row_factory = sqlite3.Row
    problems, known = [], {}
    for version, stored, own in versions(archive):
        known[version] = own
        if stored != own:
            problems.append(f"version {version}")
    head, hashes = NOTHING, []
    for row in archive.execute("SELECT * FROM changes ORDER BY seq"):
        entry = {name: row[name] for name in ENTRY}
        entry["baseline"] = row["baseline"] == 1
        entry["version_digest"] = row["version_digest"] and row["version_digest"].hex()
        entry["previous"] = head
        head = digest(entry)
        hashes.append(row["hash"])
        committed = entry["version_digest"]
        version = (row["document_id"], row["version"])
        if row["hash"].hex() != head or row["seq"] != len(hashes):
            problems.append(f"entry {row['seq']}")
        if committed not in (None, known.get(version)):
            problems.append(f"entry {row['seq']} and its version")
    seal, last = NOTHING, {}
    for row in archive.execute("SELECT * FROM seals ORDER BY id"):
        records = json.loads(row["records"])
        run = archive.execute("SELECT * FROM runs WHERE id = ?", (row["run_id"],)).fetchone()
        seal = digest(
            {
                "seal": row["id"],
                "run": {name: run[name] for name in RUN},
                "ledger_length": row["ledger_length"],
                "ledger_head": row["ledger_head"].hex(),
                "ledger_root": row["ledger_root"].hex(),
                "records": records,
                "previous": seal,
            }
        )
        length = row["ledger_length"]
        then = hashes[length - 1] if length else bytes.fromhex(NOTHING)
        if (row["ledger_head"], row["ledger_root"]) != (then, root(hashes[:length])):
            problems.append(f"the ledger at seal {row['id']}")
        if row["hash"].hex() != seal:
            problems.append(f"seal {row['id']}")
        for table, query in ROWS.items():
            up_to, told = records[table]
            rows = archive.execute(
                f"SELECT * FROM ({query}) WHERE id > ? AND id <= ? ORDER BY id",
                (last.get(table, 0), up_to),
            ).fetchall()
            lines = b"".join(canonical(as_json(one)) + b"\n" for one in rows)
            if told != (hashlib.sha256(lines).hexdigest() if rows else None):
                problems.append(f"{table} at seal {row['id']}")
            last[table] = up_to
    return {"ledger_head": head, "seal": seal, "problems": problems}


if __name__ == "__main__":
    print(json.dumps(verify(sys.argv[1])))
