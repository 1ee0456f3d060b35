"""Addresses at which nobody answers, for clients that must not wait for them.

Both hold their port for as long as they are open, so that nobody else can take it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from mangaops.sandbox.listen import HOST


@contextmanager
def refusing() -> Iterator[str]:
    """A URL whose port is taken, but nobody listens at it: connecting is refused at once."""
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        yield f"http://{HOST}:{bound.getsockname()[1]}"


@contextmanager
def unanswering() -> Iterator[str]:
    """A URL whose queue of connections is full: connecting never ends (on Linux)."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server((HOST, 0), backlog=0))
        address = listening.getsockname()
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield f"http://{HOST}:{address[1]}"
