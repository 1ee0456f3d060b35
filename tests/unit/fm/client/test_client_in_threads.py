"""One client, many threads: no call sees another's figures, and no record is lost."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock

from mangaops import fm
from mangaops.fm.requests.request import Request
from mangaops.fm.transport.raw import Limits, RawAnswer
from support.fm import Scripted, ask, desk, said, throttled

CALLS = 200
CONFIG = replace(
    fm.manga_assist(),
    breaker=fm.BreakerConfig(mode=fm.BreakerMode.DISABLED),
    rate=fm.RateConfig(min_calls=10 * CALLS),
)
"""Every call is to reach the model."""


class _Echo(Scripted):
    """Throttles every third question the first time, and answers with the question's number."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: Counter[str] = Counter()
        self._lock = Lock()

    def call(self, target: fm.Target, request: Request, limits: Limits) -> RawAnswer:  # noqa: ARG002 - the shape
        number = request.messages[0]["content"]
        with self._lock:
            self._seen[number] += 1
            first = self._seen[number] == 1
        if first and int(number) % 3 == 0:
            raise throttled()
        return said(number, usage=fm.Usage(input=int(number), output=1))


def test_calls_of_many_threads_are_kept_apart() -> None:
    here = desk(_Echo(), config=CONFIG)
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(
                lambda number: here.client.complete(
                    ask("greeting", text=str(number), correlation_id=f"c{number}"), deadline=1e6
                ),
                range(CALLS),
            )
        )

    assert [answer.text for answer in answers] == [str(number) for number in range(CALLS)]
    assert [answer.spent.input for answer in answers] == list(range(CALLS))
    told = {one["correlation_id"]: one["attempts"] for one in here.of("bedrock_call")}
    assert told == {f"c{number}": answers[number].attempts for number in range(CALLS)}
    assert len(here.of("bedrock_attempt")) == sum(answer.attempts for answer in answers)
