"""The daemon holds no more after hundreds of crawls than after the first; `make soak` goes on."""

from soak.daemon import grown, soaking


def test_the_daemon_does_not_grow(tmp_path):
    with soaking(tmp_path) as soak:
        soak.go_on_to(100)
        before = soak.held()
        soak.go_on_to(400)
        after = soak.held()
    assert before.memory > 10_000_000
    assert grown(before, after) == []
