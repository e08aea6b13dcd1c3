"""The pages that fuzzing found worth keeping, and that the fuzzer itself sees what is wrong."""

from __future__ import annotations

import os
import random
import signal
from dataclasses import replace

import pytest
from fuzz.minimise import minimised
from fuzz.mutations import mutated
from fuzz.noise import quieted, with_noise
from fuzz.oracles import check_noise, examine, flaws_of_reading
from fuzz.seeds import CASES, SAVED
from fuzz.trial import judged

from archive.fields import Fields
from archive.reading import LinkedFile, Nature, Reading


@pytest.mark.parametrize("case", sorted(path.stem for path in CASES.glob("*.html")))
def test_a_page_that_was_found_is_borne(case):
    examine((CASES / f"{case}.html").read_bytes())


def test_every_saved_page_is_borne_with_noise_and_mutated():
    """R6: noise is not the document."""
    pages = [path.read_bytes() for path in sorted(SAVED.glob("*.html"))]
    for number, page in enumerate(pages):
        chance = random.Random(number)
        check_noise(page)
        examine(mutated(page, pages[number - 1], chance), quickly=True)


def test_noise_is_put_into_pages():
    page = quieted((SAVED / "div-rows.html").read_bytes())
    assert page is not None
    noisy = {kind: made for n in range(40) for kind, made in [with_noise(page, random.Random(n))]}
    assert len(noisy) == 5
    assert all(made not in (None, page) for made in noisy.values())


@pytest.mark.parametrize(
    ("trial", "verdict"),
    [
        (lambda: "blue", "blue"),
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "dies of SIGSEGV"),
        (lambda: os.kill(os.getpid(), signal.SIGXCPU), "does not end"),
    ],
)
def test_a_crash_and_a_hang_are_verdicts(trial, verdict):
    assert judged(trial) == verdict


def test_a_failure_is_minimised():
    page = b"<p>a</p>" * 50 + b"<x>" + b"<b>" * 50
    assert minimised(page, lambda one: b"<x>" in one, seconds=60) == b"<x>"


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"text": "甲\n\n乙"}, "a blank line in the text"),
        ({"text": "甲 \t乙"}, "untidy text"),
        ({"text": "甲\x1b乙"}, "the text holds U+001B"),
        ({"text": ""}, "a document without text, file or number"),
        ({"reason": "a list"}, "nature and reason disagree"),
        ({"fields": Fields(index_number="a //1")}, "index_number is not normalised"),
        ({"fields": Fields(published_at="2024-01-01T00:00:00")}, "published_at has no offset"),
        ({"fields": Fields(validity_label="废止")}, "validity is not what its label says"),
        ({"attachments": (LinkedFile("甲", "ftp://a/b"),)}, "an attachment has no sound address"),
    ],
)
def test_what_is_broken_is_named(change, flaw):
    sound = Reading(reader="1", nature=Nature.DOCUMENT, text="甲")
    assert list(flaws_of_reading(sound)) == []
    assert flaw in list(flaws_of_reading(replace(sound, **change)))
