"""The Merkle tree over the ledger, as RFC 9162 (Certificate Transparency 2.0) defines it.

Its root stands for a whole list of byte strings; that one of them is on the list, and where, is
shown by a handful of hashes, 17 for a ledger of a hundred thousand entries. Section 2.1.1 has the
hashes, 2.1.3 the proofs and how they are checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


class Tree:
    """A tree that grows by one leaf after another; it keeps one hash for each of its summits."""

    def __init__(self) -> None:
        self.size = 0
        # The roots of the complete subtrees from left to right, each with its number of leaves.
        self._summits: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf at the right end."""
        width, node = 1, _leaf(leaf)
        while self._summits and self._summits[-1][0] == width:
            node = _node(self._summits.pop()[1], node)
            width *= 2
        self._summits.append((width, node))
        self.size += 1

    def root(self) -> bytes:
        """The root, 32 bytes; for a tree without leaves, the SHA-256 of nothing."""
        if not self._summits:
            return sha256().digest()
        node = self._summits[-1][1]
        for _, summit in reversed(self._summits[:-1]):
            node = _node(summit, node)
        return node


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of the tree of `leaves`, lowest first."""
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        split = low + (1 << (high - low - 1).bit_length() - 1)
        if index < split:
            path.append(_root(leaves[split:high]))
            high = split
        else:
            path.append(_root(leaves[low:split]))
            low = split
    return path[::-1]


def _root(leaves: Sequence[bytes]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def _leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
