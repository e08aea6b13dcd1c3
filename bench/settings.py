"""What every contestant is told alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.portal import list_path
from bench.server import ADDRESS

CONCURRENCY = 16
CONTACT = "archive@example.org"


def portal_settings(port: int) -> dict[str, Any]:
    """The portal's section of the configuration."""
    return {
        "name": "砚湖市人民政府",
        "hosts": [f"{ADDRESS}:{port}"],
        "columns": [f"http://{ADDRESS}:{port}{list_path(1)}"],
        "politeness": {"delay": 0, "concurrency": CONCURRENCY, "robots": True},
    }


def configuration(port: int, archive: Path) -> dict[str, Any]:
    """A whole configuration that watches the portal into `archive`."""
    return {
        "timezone": "Asia/Shanghai",
        "contact": CONTACT,
        "archive": {"path": str(archive)},
        "log": {"level": "info", "file": str(archive.with_suffix(".jsonl"))},
        "portals": {"bench": portal_settings(port)},
    }
