"""What the portal's words for a document's validity amount to."""

from __future__ import annotations

import re
import unicodedata

from archive.fields import Validity

_WORDS: dict[Validity, str] = {
    Validity.VALID: "有效 现行有效 继续有效 全文有效 现行 有效期内 在有效期内 仍然有效 长期有效",
    Validity.PARTLY_VALID: (
        "部分有效 部分失效 部分废止 部分无效 条款失效 条款废止 部分条款有效 部分条款失效"
        " 部分条款废止 部分条款无效 部分内容失效 部分内容废止 部分已失效 部分已废止"
    ),
    Validity.AMENDED: (
        "已修改 已修订 已被修改 已被修订 修改 修订 已修正 部分修改 部分修订 部分条款修改"
    ),
    Validity.NOT_YET_VALID: "尚未生效 未生效 待生效 尚未施行 尚未实施 未施行",
    Validity.INVALID: (
        "失效 已失效 无效 已无效 全文失效 自动失效 自然失效 宣布失效 已宣布失效 期满失效"
        " 已过期 过期 过期失效 停止执行 已停止执行"
    ),
    Validity.REPEALED: (
        "废止 已废止 全文废止 已全文废止 宣布废止 已被废止 被废止 明令废止 已宣布废止"
    ),
}
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}
_BRACKETS = re.compile(r"^[【\[(〔「《]+|[】\])〕」》]+$|[。.;]+$")


def validity_of(label: str | None) -> Validity:
    """The meaning of the word on the page; a word that is not certain means `UNKNOWN`.

    The longer words contain the shorter ones (部分失效, 失效), so only a whole word counts.
    """
    if label is None:
        return Validity.UNKNOWN
    word = "".join(unicodedata.normalize("NFKC", label).split())
    return _MEANING.get(_BRACKETS.sub("", word), Validity.UNKNOWN)
