"""A reading room that is open: served over HTTP on a loopback port, in this process."""

import threading

import httpx
import uvicorn

from archive.room.app import room_app
from archive.room.settings import RoomSettings
from archive.room.sources import Sources
from support.shelf import SHANGHAI


class Quiet:
    """Works with nothing going on in them."""

    def portals(self):
        return [{"portal": "town", "name": "柳溪市人民政府", "columns": []}]

    def state(self):
        return {"daemon": {"alive": False, "pid": None, "since": None}, "jobs": []}

    def log(self, run_id, *, level=None, limit=500):
        return [], False


class Room:
    """The reading room of an archive, and a client at its door.

    `readers` is whatever reads the archive's pages, such as a `Shelf`.
    """

    def __init__(self, path, readers, *, works=None, **settings):
        sources = Sources(
            archive=path,
            zone=SHANGHAI,
            readers=readers,
            works=works or Quiet(),
            settings=RoomSettings(**settings),
        )
        config = uvicorn.Config(
            room_app(sources), port=0, log_config=None, access_log=False, ws="none"
        )
        self.server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.server.run)

    def __enter__(self):
        self._thread.start()
        while not self.server.started:
            self._thread.join(0.01)
            assert self._thread.is_alive(), "the room did not open"
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, timeout=30)
        return self

    def __exit__(self, *_error):
        self.client.close()
        self.server.should_exit = True
        self._thread.join()

    def get(self, path, **more):
        """The answer at a path."""
        return self.client.get(path, **more)
