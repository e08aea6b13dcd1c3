"""In which archive something is: a document by its number or address, a run, a capture."""

from __future__ import annotations

from collections.abc import Sequence

from archive.across.catalogues import Catalogues
from archive.across.held import Held
from archive.catalogue import Catalogue
from archive.errors import AmbiguousError, NotFoundError


class Whereabouts:
    """Finds the archive that has something: the portal's key, and what it goes by there.

    A `Held` number says it itself; of others every archive is asked. Methods raise NotFoundError,
    and WhichPortalError where several archives have given a number.
    """

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues

    def document(self, index: str | int) -> tuple[str, str | int]:
        """Where a document is. Raises AmbiguousError for a number or an address of several."""
        if isinstance(index, Held):
            return index.portal, int(index)
        if isinstance(index, int):
            number = index
            what = f"document {number}"
            return self._catalogues.that_know(what, lambda one: one.find(number)), number
        found = self._catalogues.each(lambda one: _documents(one, index))
        several = [(portal, one) for portal, those in found.items() for one in those]
        if not several:
            raise NotFoundError(f"no document in the archives goes by {index}")
        portals = {portal for portal, _ in several}
        if len(several) > 1:
            named = [(url, f"{title}  ({portal})") for portal, (url, title) in several]
            raise AmbiguousError(index, named, in_several_archives=len(portals) > 1)
        return portals.pop(), index

    def run(self, run_id: int) -> tuple[str, int]:
        """Where a run is."""
        if isinstance(run_id, Held):
            return run_id.portal, int(run_id)
        return self._catalogues.that_know(f"run {run_id}", lambda one: one.run(run_id)), run_id

    def capture(self, capture_id: int) -> tuple[str, int]:
        """Where a capture is."""
        if isinstance(capture_id, Held):
            return capture_id.portal, int(capture_id)
        what = f"capture {capture_id}"
        return self._catalogues.that_know(what, lambda one: one.capture(capture_id)), capture_id


def _documents(catalogue: Catalogue, index: str) -> Sequence[tuple[str, str]]:
    """The address and the title of each document that goes by a number or an address."""
    try:
        row = catalogue.row(catalogue.find(index))
    except NotFoundError:
        return ()
    except AmbiguousError as error:
        return error.candidates
    return ((row["url"], row["title"]),)
