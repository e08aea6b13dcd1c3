"""The same documents in archives of their own and in one: what all of them say together."""

from archive.across.library import Library
from support.shelf import SHANGHAI, Shelf


class Shelves:
    """Shelves by portal in `folder`, and beside them one with all that is put into any of them."""

    def __init__(self, folder, *portals):
        self.path = folder / "{portal}.db"
        self.portals = portals
        self.each = {portal: Shelf(folder / f"{portal}.db") for portal in portals}
        self.shared = Shelf(folder / "shared.db")

    def put(self, pages, portal):
        """A run of a portal that meets these pages."""
        self.each[portal].put(pages, portal)
        self.shared.put(pages, portal)
        for shelf in self.each.values():
            shelf.now = self.shared.now

    def library(self):
        """All of the archives, opened for reading as one."""
        return Library.open({key: one.path for key, one in self.each.items()}, SHANGHAI)
