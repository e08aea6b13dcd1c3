"""A reading room that is open: served over HTTP on a loopback port, in this process."""

import socket
import threading

import httpx
import uvicorn

from archive.room.app import room_app
from archive.room.serving import http_settings
from archive.room.settings import RoomSettings
from archive.room.sources import Sources
from support.shelf import SHANGHAI


class Quiet:
    """Works with nothing going on in them."""

    def of(self, portal):
        return self

    def portals(self):
        return [{"portal": "town", "name": "柳溪市人民政府", "columns": []}]

    def state(self):
        return {
            "daemon": {"alive": False, "pid": None, "since": None},
            "jobs": [],
            "put_off": [],
            **dict.fromkeys(("documents", "withdrawn", "versions", "bodies", "changes"), 0),
            **dict.fromkeys(("changes_last_day", "changes_last_week", "waiting"), 0),
            "archive": "/srv/archive.db",
            "ledger_head": "0" * 64,
            "last_verify": None,
            "disk_bytes": 4096,
            "disk_free": 1 << 30,
        }

    def log(self, run_id, *, level=None, limit=500):
        return [], False


def sources_of(path, readers, *, works=None, portals=(), watch=None, **settings):
    """What a room is opened on."""
    return Sources(
        archive=path,
        portals=portals,
        zone=SHANGHAI,
        readers=readers,
        works=works or Quiet(),
        settings=RoomSettings(**settings),
        watch=watch or {},
    )


class Room:
    """The reading room of an archive, and a client at its door.

    `readers` is whatever reads the archive's pages, such as a `Shelf`.
    """

    def __init__(self, path, readers, *, is_loopback=True, **given):
        sources = sources_of(path, readers, **given)
        self.server = uvicorn.Server(http_settings(room_app(sources, is_loopback=is_loopback)))

    def __enter__(self):
        # Of a socket that does not say it speaks TCP, asyncio sends small answers 40 ms late.
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self._thread = threading.Thread(target=self.server.run, args=([self._listening],))
        self._thread.start()
        while not self.server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive(), "the room did not open"
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, timeout=30)
        return self

    def __exit__(self, *_error):
        self.client.close()
        self.server.should_exit = True
        self._thread.join()
        self._listening.close()

    def get(self, path, **more):
        """The answer at a path."""
        return self.client.get(path, **more)
