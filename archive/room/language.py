"""Which language a visitor reads: the one they chose, else one that their browser asks for."""

from __future__ import annotations

from starlette.requests import Request

from archive.room.words import LANGUAGES

PARAMETER = "lang"
COOKIE = "yange_lang"


def language_of(request: Request) -> str:
    """The language of a request: by its address, else its cookie, else its Accept-Language."""
    for chosen in (request.query_params.get(PARAMETER), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> str:
    """The first language in the header that is one of ours; weights are rarely out of order."""
    for piece in header[:200].split(","):
        primary = piece.partition(";")[0].strip().partition("-")[0].lower()
        for language in LANGUAGES:
            if primary and primary == language.partition("-")[0]:
                return language
    return LANGUAGES[0]
