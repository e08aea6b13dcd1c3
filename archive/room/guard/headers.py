"""What every answer tells a browser to refuse."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing but this room's own files; no script or style in a page."""
BARE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""For data and downloads, in case a browser shows them."""

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # Without any, a browser would not say either that a form comes from this room.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}


def protect(headers: MutableHeaders, *, may_be_kept: bool) -> None:
    """Add what is missing. A policy that the answer brought with it stays.

    What only some may see is kept nowhere on the way; else it is asked for again each time.
    """
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    html = headers.get("content-type", "").startswith("text/html")
    headers.setdefault("Content-Security-Policy", PAGE_POLICY if html else BARE_POLICY)
    framed = "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    headers.setdefault("X-Frame-Options", "SAMEORIGIN" if framed else "DENY")
    if may_be_kept:
        headers.setdefault("Cache-Control", "private, no-cache")
    else:
        headers["Cache-Control"] = "no-store"
    if html:
        headers.add_vary_header("Cookie")
        headers.add_vary_header("Accept-Language")
