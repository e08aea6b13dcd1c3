"""What a document's legal force makes of a day by which a change to it is known later. Pure."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

from archive.fields import Fields, Validity


class Force(StrEnum):
    """Classes of documents, by what hangs on them."""

    NORM = "norm"
    """People are bound by it: 法规, 规章, 规范性文件."""
    OFFICIAL = "official"
    """An act of the administration: it has a 发文字号, or states its validity."""
    OTHER = "other"
    """News, notices, statistics; and norms that have lost their force."""


WEIGHTS = {Force.NORM: 10.0, Force.OFFICIAL: 4.0, Force.OTHER: 1.0}
"""How many late changes to a page of news weigh as much as one that is as late to such a document.

Documents are reread in proportion to the square root of it: norms about three times as often as
news that changes as much.
"""

_NORM_CATEGORY = re.compile(r"法规|规章|规范性")
_OFFICIAL_CATEGORY = re.compile(r"政府文件|公文|政策文件|政发|政办|决定|命令|批复")
# In a title these words name norms, but also news about norms: they count where the page has the
# formal marks of a document besides.
_NORM_TITLE = re.compile(r"条例|规定|办法|细则|规则|决定")
_WITHOUT_FORCE = (Validity.INVALID, Validity.REPEALED)


def force_of(fields: Fields, today: date) -> Force:
    """The class, on a day, of a document with these fields."""
    is_repealed = fields.repealed_on is not None and fields.repealed_on <= today.isoformat()
    if is_repealed or fields.validity in _WITHOUT_FORCE:
        return Force.OTHER
    category = fields.category or ""
    is_formal = fields.document_number is not None or fields.validity is not Validity.UNKNOWN
    if _NORM_CATEGORY.search(category) or (is_formal and _NORM_TITLE.search(fields.title)):
        return Force.NORM
    if is_formal or _OFFICIAL_CATEGORY.search(category):
        return Force.OFFICIAL
    return Force.OTHER
