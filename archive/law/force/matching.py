"""Which documents of the archive a claim is about: by document number, then by title.

A number decides wherever it is known, in whatever brackets. A title decides where the number is
missing on either side, never against it: every year has its notice on fire safety. Where several
documents are left that are not one text published twice, none is chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from archive.law.claims.claim import Claim
from archive.law.force.register import Document, Edition, Register
from archive.law.words.titles import NumberKey, number_key, title_key, title_keys

# A name such as 管理办法 means nobody.
_SHORTEST_TITLE = 4


class Matcher:
    """Finds documents by what texts call them."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._by_number: defaultdict[tuple[int | None, int], set[int]] = defaultdict(set)
        self._by_title: defaultdict[str, set[int]] = defaultdict(set)
        self._by_inner: defaultdict[str, set[int]] = defaultdict(set)
        self._placeless: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
        self._numbers: defaultdict[int, set[NumberKey]] = defaultdict(set)
        for document in register.documents.values():
            known: set[tuple[str, str | None]] = set()
            for one in document.editions:
                if (one.title, one.document_number) not in known:
                    known.add((one.title, one.document_number))
                    self._enter(document.id, one.title, one.document_number)
        for document_id, title, number in register.former:
            self._enter(document_id, title, number)

    def _enter(self, document_id: int, title: str, number: str | None) -> None:
        key = number_key(number)
        if key is not None:
            self._numbers[document_id].add(key)
            self._by_number[key.year, key.serial].add(document_id)
        keys = title_keys(title)
        self._by_title[keys.whole].add(document_id)
        if keys.inner:
            self._by_inner[keys.inner].add(document_id)
        if keys.placeless:
            self._placeless[keys.placeless].add((document_id, keys.place))

    def targets(self, claim: Claim, source: Document) -> list[Document]:
        """The documents that a claim of `source` is about: itself, or those that it names.

        More than one only where one text was published more than once; none while it is unmatched.
        """
        if claim.of_itself:
            return [source]
        number = number_key(claim.number)
        if number is not None and not number.is_order:
            named = self._others(self._with_number(number), source)
            if named:
                return self._one_text(self._nearest(named, claim, source), source)
        if claim.title is None:
            return []
        for found in self._with_title(claim.title):
            fitting = [
                one
                for one in self._others(found, source)
                if one.portal == source.portal
                and self._number_fits(one, number)
                and not _is_newer(one.current, source.current)
            ]
            if fitting:
                return self._one_text(fitting, source)
        return []

    def _with_number(self, number: NumberKey) -> set[int]:
        """Documents with that number; the code in a sentence may have words before it."""
        found = set()
        for document_id in self._by_number[number.year, number.serial]:
            for one in self._numbers[document_id]:
                same = (one.year, one.serial) == (number.year, number.serial)
                if same and not one.is_order and number.code.endswith(one.code):
                    found.add(document_id)
        return found

    def _with_title(self, title: str) -> Iterable[set[int]]:
        """Documents with that title, the most exact agreement first."""
        keys = title_keys(title)
        if len(keys.whole) < _SHORTEST_TITLE:
            return
        yield self._by_title.get(keys.whole, set())
        yield self._by_inner.get(keys.whole, set())
        if keys.inner:
            yield self._by_title.get(keys.inner, set()) | self._by_inner.get(keys.inner, set())
        if keys.placeless and len(keys.placeless) >= _SHORTEST_TITLE:
            # 砚湖市犬只管理办法 is 犬只管理办法, but not that of another place.
            yield {
                document_id
                for document_id, place in self._placeless.get(keys.placeless, ())
                if not (place and keys.place) or place == keys.place
            }

    def _number_fits(self, document: Document, number: NumberKey | None) -> bool:
        """Whether nothing speaks against a document that was found by its title."""
        known = self._numbers.get(document.id)
        if number is None or not known:
            return True
        if number.is_order:
            return any(one.is_order and one.serial == number.serial for one in known) or not any(
                one.is_order for one in known
            )
        return all(one.is_order for one in known)

    def _others(self, found: set[int], source: Document) -> list[Document]:
        """Without the source and its copies: a document never repeals itself."""
        return [
            one
            for one in (self._register.documents[place] for place in sorted(found))
            if one.id != source.id and not _is_copy(one.current, source.current)
        ]

    def _nearest(
        self, named: Sequence[Document], claim: Claim, source: Document
    ) -> Sequence[Document]:
        """Of documents with one number, those of the same portal, and those with the title."""
        here = [one for one in named if one.portal == source.portal] or named
        if claim.title is None or len(here) == 1:
            return here
        titles = set[int]().union(*self._with_title(claim.title))
        return [one for one in here if one.id in titles] or here

    def _one_text(self, found: Sequence[Document], source: Document) -> list[Document]:
        """What was found if it is one text, else what is older than the source, if that is one."""
        if _is_one(found):
            return list(found)
        day = source.current.day
        older = [one for one in found if day and one.current.day and one.current.day <= day]
        return older if older and _is_one(older) else []


def _is_newer(one: Edition, other: Edition) -> bool:
    """Whether a document is of a later day than another: what was repealed may be enacted again."""
    return one.day is not None and other.day is not None and one.day > other.day


def _is_copy(one: Edition, other: Edition) -> bool:
    """Whether two documents are one text, published twice under two index numbers."""
    if title_key(one.title) != title_key(other.title):
        return False
    numbers = number_key(one.document_number), number_key(other.document_number)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return one.day == other.day


def _is_one(found: Sequence[Document]) -> bool:
    return all(_is_copy(one.current, found[0].current) for one in found)
