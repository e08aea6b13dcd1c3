"""Checks a receipt, written from docs/receipt.md alone: the standard library, nothing of yange.

    python -I receipts.py RECEIPT SEAL

`SEAL` is the hash that a run said when it ended. Exits with 0, or with 1 and what does not hold.
"""

import hashlib
import json
import sys
from pathlib import Path


def digest(value):
    """SHA-256 of the canonical JSON of a value."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).digest()


def root_of_proof(leaf, index, size, path):
    """The root that an inclusion proof leads to, or None (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    here, last = index, size - 1
    node = hashlib.sha256(b"\x00" + leaf).digest()
    for other in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            node = hashlib.sha256(b"\x01" + other + node).digest()
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            node = hashlib.sha256(b"\x01" + node + other).digest()
        here, last = here >> 1, last >> 1
    return node if last == 0 else None


def fault(receipt, seal):
    """Why a receipt does not prove its version against the seal that was noted; None if it does."""
    version, entry, sealed = receipt["version"], receipt["entry"], receipt["seal"]
    if receipt["format"] != "yange-receipt/1":
        return "an unknown format"
    if digest(version).hex() != entry["version_digest"]:
        return "the entry commits to another version"
    if (version["version"], version["url"]) != (entry["version"], entry["url"]):
        return "the entry is of another version"
    path = [bytes.fromhex(one) for one in receipt["path"]]
    root = root_of_proof(digest(entry), entry["seq"] - 1, sealed["ledger_length"], path)
    if root is None or root.hex() != sealed["ledger_root"]:
        return "the entry is not in the ledger that was sealed"
    if digest(sealed).hex() != seal:
        return "this is not the seal that was noted"
    own = {"version": digest(version), "entry": digest(entry), "seal": digest(sealed)}
    if receipt["sha256"] != {name: one.hex() for name, one in own.items()}:
        return "the hashes that it states are not its own"
    return None


if __name__ == "__main__":
    sys.exit(fault(json.loads(Path(sys.argv[1]).read_bytes()), sys.argv[2]))
