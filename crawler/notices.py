"""The pages told by what they say: the names to which a portal's own phrases can be added (R10)."""

from __future__ import annotations

from enum import StrEnum


class Notice(StrEnum):
    """A page that stands where another should be and says so, by its name in the catalogue.

    Kept apart from the catalogue, so that a configuration is checked without what reads pages.
    """

    SCRIPT_CHALLENGE = "script-challenge"
    FIREWALL_REFUSAL = "firewall-refusal"
    NOT_FOUND = "not-found"
    MAINTENANCE = "maintenance"
    SERVER_ERROR = "server-error"
    LOGIN_PAGE = "login-page"
