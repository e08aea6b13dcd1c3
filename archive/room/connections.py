"""Connections that keep nobody waiting: a client that is slow is left alone, and one that stops is
dropped.

A slow client costs no thread, since answers are made before they are sent. It would still hold a
connection for ever, and of those the system has only so many.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
"""For the head of a request to arrive whole."""
SENDING_SECONDS = 30.0
"""For a client to take more of an answer than fills the system's buffers."""
MOST_CONNECTIONS = 1000
"""Of all clients together; of one, a fifth."""
_MOST_OF_ONE = MOST_CONNECTIONS // 5


class PatientConnection(H11Protocol):
    """A connection with a clock for whatever the other side has to do."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 uvicorn's own
        super().__init__(*arguments, **named)
        self._clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected, and has to say what it wants."""
        super().connection_made(transport)
        if self._is_one_too_many():
            transport.abort()
            return
        self._expect(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Part of a request, or the whole of it."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_clock()
        elif self._clock is None:
            # Half a head: whoever sends the rest byte by byte does not begin anew.
            self._expect(HEAD_SECONDS)

    def pause_writing(self) -> None:
        """The client takes nothing more for now."""
        super().pause_writing()
        self._expect(SENDING_SECONDS)

    def resume_writing(self) -> None:
        """It has taken something."""
        super().resume_writing()
        self._stop_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stop_clock()
        super().connection_lost(exc)

    def _expect(self, seconds: float) -> None:
        self._stop_clock()
        self._clock = self.loop.call_later(seconds, self._drop)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _drop(self) -> None:
        self._clock = None
        self.transport.abort()

    def _is_one_too_many(self) -> bool:
        if len(self.connections) > MOST_CONNECTIONS:
            return True
        mine = self.client[0] if self.client else None
        of_one = sum(
            1
            for one in self.connections
            if isinstance(one, PatientConnection) and one.client and one.client[0] == mine
        )
        return of_one > _MOST_OF_ONE
