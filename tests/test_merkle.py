"""R17: the Merkle tree over the ledger is the one of RFC 9162."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from support.receipts import root_of_proof
from support.verifier import root

from archive.merkle import Tree, inclusion_proof

# The entries and roots that implementations of Certificate Transparency are commonly tested with.
ENTRIES = [
    bytes.fromhex(entry)
    for entry in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def test_roots_are_those_of_other_implementations():
    for size, expected in ROOTS.items():
        tree = Tree()
        for entry in ENTRIES[:size]:
            tree.append(entry)
        assert tree.root().hex() == expected


@given(st.integers(0, 300), st.randoms(use_true_random=False))
def test_a_tree_that_grows_has_the_root_of_its_definition(size, random):
    leaves = [random.randbytes(32) for _ in range(size)]
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    assert (tree.size, tree.root()) == (size, root(leaves))


@given(st.integers(1, 200), st.data())
def test_each_leaf_has_a_short_proof_and_no_other_leaf_passes(size, data):
    leaves = [sha256(str(number).encode()).digest() for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_proof(leaves, index)
    assert len(path) <= (size - 1).bit_length()
    assert root_of_proof(leaves[index], index, size, path) == root(leaves)
    elsewhere = data.draw(st.integers(0, size - 1))
    if elsewhere != index:
        assert root_of_proof(leaves[index], elsewhere, size, path) != root(leaves)
        assert root_of_proof(leaves[elsewhere], index, size, path) != root(leaves)
