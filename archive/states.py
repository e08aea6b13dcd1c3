"""The states of a document that are held against each other when a page of it is recorded."""

from __future__ import annotations

from archive.capture import Capture, KeptFile
from archive.comparison import Attachment, State, with_known_bytes
from archive.context import RunContext
from archive.identity import Decision, FurtherLocation
from archive.places import Place, shown_at, state_at, state_of
from archive.standing import version_state
from archive.versions import current_version


def state_before(
    run: RunContext, place: Place, decision: Decision, moved_from: Place | None
) -> State | None:
    """What to compare a page with: the location's own last state (R7).

    A redirect hands on what it led away from: a document that was moved and amended on one day is
    not new at its new address.
    """
    if place.document_id is not None and place.state_id is not None:
        return state_at(run, place)
    if (
        isinstance(decision, FurtherLocation)
        and moved_from is not None
        and moved_from.document_id == decision.document
        and moved_from.state_id is not None
    ):
        return state_at(run, moved_from)
    return None


def body_before(run: RunContext, place: Place, moved_from: Place | None) -> int | None:
    """What stood at a place before, or at the one that led there: the new page is like it."""
    former = place if place.state_id is not None else moved_from
    if former is None or former.state_id is None:
        return None
    return shown_at(run.connection, former.state_id).body_id


def state_now(capture: Capture, before: State | None) -> State:
    """What a capture shows of its document, with what is known of attachments it did not bring."""
    assert capture.reading is not None
    state = with_files(capture, state_of(capture.reading, ()))
    if before is None:
        return state
    known = with_known_bytes(state.attachments, before.attachments)
    return State(state.fields, state.text, known)


def with_files(capture: Capture, state: State) -> State:
    """A state with the attachments' bytes as this capture found them."""
    files: dict[str, KeptFile] = {one.url: one for one in capture.attachments}
    attachments = []
    for one in state.attachments:
        kept = files.get(one.url)
        if kept is not None and kept.sha256 is not None:
            attachments.append(
                Attachment(one.name, one.url, kept.sha256.hex(), kept.size, kept.media_type)
            )
        else:
            attachments.append(one)
    return State(state.fields, state.text, tuple(attachments))


def current_state(run: RunContext, document_id: int) -> State:
    """What a document's newest version says."""
    return version_state(run, current_version(run.connection, document_id))
