"""What a run tells of itself in sentences, and when it has met a wall (R11)."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any, Protocol

from archive.capture import Capture, Outcome
from archive.recording import Recorded
from archive.runs import Stop

# A run in which every page fails says so once, not ten thousand times.
_MOST_PROBLEMS = 100
# R11: more than three quarters of the last so many documents' pages.
_WINDOW = 20
_MOST_ODD = 15
_ODD = frozenset({Outcome.BLOCKED, Outcome.SUSPECT, Outcome.FAILED})


class Listener(Protocol):
    """Whoever has to hear of problems and of the stop as they are noted."""

    def note_problem(self, sentence: str) -> None:
        """A problem was noted."""

    def note_stop(self, stop: Stop) -> None:
        """The run is to stop for that reason."""


class Account:
    """What one run has met so far."""

    def __init__(self, listener: Listener | None = None) -> None:
        self.stop: Stop | None = None
        """Why the run is stopped before its work is done; the first reason counts."""
        self.pages = 0
        self.new = 0
        self.changed = 0
        self._left_out = 0
        self.cut_off: set[str] = set()
        """The SHA-256 of attachments that are no whole ones, which only recording them showed."""
        self._listener = listener
        self._last: deque[bool] = deque(maxlen=_WINDOW)
        self._odd: Counter[tuple[str, str]] = Counter()
        self._first: dict[tuple[str, str], tuple[str, int | None]] = {}
        self._problems: dict[str, None] = {}

    def note_problem(self, sentence: str) -> None:
        """Something that whoever reads the run's figures should know."""
        if len(self._problems) < _MOST_PROBLEMS and sentence not in self._problems:
            self._problems[sentence] = None
            if self._listener is not None:
                self._listener.note_problem(sentence)

    def end(self, stop: Stop) -> bool:
        """The run is to stop; whether that is new."""
        if self.stop is not None:
            return False
        self.stop = stop
        if self._listener is not None:
            self._listener.note_stop(stop)
        return True

    def take(self, capture: Capture, recorded: Recorded) -> bool:
        """Enter a capture and what became of it; whether it shows that the run stands at a wall.

        It is then to stop, and a sentence says so.
        """
        self.pages += 1
        if recorded.version == 1:
            self.new += 1
        elif recorded.version is not None:
            self.changed += 1
        for problem in recorded.problems:
            self.note_problem(f"{capture.url}: {problem}")
        odd = is_odd(recorded)
        if odd:
            kind = recorded.outcome.value, recorded.reason
            self._odd[kind] += 1
            self._first.setdefault(kind, (capture.url, recorded.evidence))
        self._last.append(odd)
        if self.stop is not None or len(self._last) < _WINDOW or sum(self._last) <= _MOST_ODD:
            return False
        self.note_problem(
            f"stopped early: {sum(self._last)} of the last {_WINDOW} pages were blocked,"
            " suspect or failed; what is left is for the next run"
        )
        return True

    def note_cut_off(self, sha256: str) -> None:
        """Enter that an attachment with these bytes is no whole one."""
        self.cut_off.add(sha256)

    def leave_out(self) -> None:
        """Enter that a page was not recorded, since another run's answer has overtaken it."""
        self._left_out += 1

    @property
    def failed(self) -> int:
        """Pages that failed, were blocked or are suspect so far."""
        return sum(self._odd.values())

    def problems(self, run_id: int) -> list[str]:
        """Everything noted, in sentences; like ones together with the first of them."""
        told = list(self._problems)
        for (outcome, reason), count in self._odd.most_common(_MOST_PROBLEMS):
            first, evidence = self._first[outcome, reason]
            pages = f"{first}" if count == 1 else f"{count} pages, the first of them {first}"
            look = "" if evidence is None else _how_to_look(outcome, evidence)
            if evidence is not None and count > 1:
                run = f"--run {run_id} --outcome {outcome}"
                look += f"; `yange captures {run}` lists all"
            told.append(f"{outcome}: {reason or 'no reason given'}: {pages}{look}")
        if self._left_out:
            told.append(
                f"pages left out, since another run has asked for them meanwhile: {self._left_out}"
            )
        return told

    # --- to go on with it in another process --------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """All that `from_json` needs to go on where this account has come to."""
        return {
            "stop": self.stop,
            "figures": [self.pages, self.new, self.changed, self._left_out],
            "last": "".join("x" if odd else "." for odd in self._last),
            "odd": [[*kind, count, *self._first[kind]] for kind, count in self._odd.items()],
            "problems": list(self._problems),
            "cut_off": sorted(self.cut_off),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Account:
        """The account that `as_json` told of."""
        account = cls()
        account.stop = Stop(value["stop"]) if value["stop"] else None
        account.pages, account.new, account.changed, account._left_out = value["figures"]
        account._last.extend(one == "x" for one in value["last"])
        for outcome, reason, count, url, evidence in value["odd"]:
            account._odd[outcome, reason] = count
            account._first[outcome, reason] = url, evidence
        account.cut_off = set(value["cut_off"])
        account._problems = dict.fromkeys(value["problems"])
        return account


def is_odd(recorded: Recorded) -> bool:
    """Whether a page failed, was blocked or is suspect."""
    return recorded.outcome in _ODD


def _how_to_look(outcome: str, capture: int) -> str:
    """What a person can do about a page whose bytes were kept."""
    look = f"; `yange captures --text {capture}` shows what stands there"
    if outcome == Outcome.SUSPECT:
        look += f", and if it is the document, `yange accept {capture}` says so"
    return look
