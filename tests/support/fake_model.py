"""A model of tests: answers as it is told, at once."""

from __future__ import annotations

from collections.abc import Callable

from mangaops.model.asking import Reply, Request

FINE = Reply(
    first_token_ms=300, total_ms=900, input_tokens=200, output_tokens=50, stop_reason="end_turn"
)


class FakeModel:
    """`answer` gives the reply to the n-th request, from 0 on."""

    def __init__(self, answer: Callable[[int, Request], Reply] = lambda *_: FINE) -> None:
        self._answer = answer
        self.asked: list[Request] = []

    def ask(self, request: Request) -> Reply:
        self.asked.append(request)
        return self._answer(len(self.asked) - 1, request)
