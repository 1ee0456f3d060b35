"""The action that sends a batch of searches at a rate, and measures them.

A batch is one write to the journal, not one for each search: it changes nothing, so what
counts is how it went. Searches go one after another, so that a slow index is never asked
twice at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import cycle, islice
from typing import Protocol

from mangaops.errors import (
    AwsCredentials,
    AwsDenied,
    AwsError,
    AwsNotFound,
    AwsRejected,
    Stopped,
)
from mangaops.model.evidence import JSON
from mangaops.model.plan import State, Step
from mangaops.model.resources import Collection, VectorField
from mangaops.remedy.action import Pen, Progress, Settled, Touches
from mangaops.remedy.actions.search.latencies import PARTS, Measured, measured
from mangaops.remedy.actions.search.queries import made_up
from mangaops.remedy.actions.step_fields import number, two_names, wrong

PREWARM = "search.prewarm"
ACCESS = "aoss:APIAccessAll"
IN_A_ROW = 5
"""After so many failures, one after another, no more searches are sent."""


class Collections(Protocol):
    def collection(self, name: str) -> Collection: ...


class Index(Protocol):
    """An index at its collection's endpoint. `search` gives the number of hits."""

    def vector_fields(self, endpoint: str, index: str) -> tuple[VectorField, ...]: ...
    def search(self, endpoint: str, index: str, body: Mapping[str, JSON]) -> int: ...


class PrewarmAction:
    """Remembers what it measured, for `settled`: the world does not."""

    def __init__(self, *, search: Collections, data: Index, monotonic: Callable[[], float]) -> None:
        self._search = search
        self._data = data
        self._monotonic = monotonic
        self._measured: dict[str, Measured] = {}

    def read(self, step: Step) -> State:
        del step  # searches leave nothing behind that could be read
        return {}

    def write(self, step: Step, pen: Pen) -> None:
        """Raises AwsDenied and AwsNotFound at the first search, and Stopped after telling
        what was measured so far.
        """
        queries = _queries(step)
        collection, index = two_names(step)
        endpoint = endpoint_of(self._search.collection(collection))
        batch = _Batch(
            send=lambda body: self._data.search(endpoint, index, body),
            monotonic=self._monotonic,
            pen=pen,
            count=int(_positive(step, "count")),
            rate=_positive(step, "rate"),
        )
        table = pen.call(
            ACCESS,
            lambda: batch.sent(queries),
            about={"index": step.target, "count": batch.count, "rate": batch.rate},
            landed=batch.table,
            told=Measured.document,
        )
        self._measured[step.target] = table
        if batch.stopped is not None:
            raise batch.stopped

    def settled(self, step: Step) -> Settled:
        """Reached unless the last fifth was clearly slower than the first, or searches were
        not answered: an index that was warm already does not get faster.
        """
        table = self._measured.get(step.target)
        if table is None:
            return Settled(progress=Progress.FAILED, detail="no search was sent")
        summary = table.summary()
        if not table.answering:
            return Settled(progress=Progress.FAILED, detail=summary)
        if not table.answered:
            what = f"too many searches were not answered: {summary}"
            return Settled(progress=Progress.FAILED, detail=what)
        if table.slower:
            what = f"searches became slower while they ran: {summary}"
            return Settled(progress=Progress.FAILED, detail=what)
        return Settled(progress=Progress.REACHED, detail=summary)

    def touches(self, step: Step) -> Touches:
        del step  # nothing that a guardrail is about
        return Touches()


class _Batch:
    """Sends the queries, each when it is due, and keeps how long they took."""

    def __init__(
        self,
        *,
        send: Callable[[Mapping[str, JSON]], object],
        monotonic: Callable[[], float],
        pen: Pen,
        count: int,
        rate: float,
    ) -> None:
        self.count, self.rate = count, rate
        self.stopped: Stopped | None = None
        self._send, self._monotonic, self._pen = send, monotonic, pen
        self._latencies: list[float | None] = []
        self._trouble = ""

    def sent(self, queries: Iterator[Mapping[str, JSON]]) -> Measured:
        start = self._monotonic()
        for done, body in enumerate(islice(queries, self.count)):
            if self._hopeless or not self._waited(start + done / self.rate):
                break
            self._one(body)
            self._tell()
        table = self.table()
        for fifth in table.fifths:
            self._pen.tell(fifth.row())
        return table

    def table(self) -> Measured:
        return measured(self._latencies, asked=self.count, trouble=self._trouble)

    @property
    def _hopeless(self) -> bool:
        last = self._latencies[-IN_A_ROW:]
        return len(last) == IN_A_ROW and all(each is None for each in last)

    def _waited(self, due: float) -> bool:
        """False when someone pressed Ctrl-C: what was measured is journaled all the same."""
        try:
            self._pen.pause(max(0.0, due - self._monotonic()))
        except Stopped as stopped:
            self.stopped = stopped
        return self.stopped is None

    def _one(self, body: Mapping[str, JSON]) -> None:
        begun = self._monotonic()
        try:
            self._send(body)
        except (AwsDenied, AwsNotFound, AwsCredentials):
            raise  # the next search would be told the same
        except AwsError as error:
            self._trouble = self._trouble or error.what
            self._latencies.append(None)
        else:
            self._latencies.append((self._monotonic() - begun) * 1000)

    def _tell(self) -> None:
        done = len(self._latencies)
        if done % max(1, self.count // PARTS) == 0:
            self._pen.tell(f"{done} of {self.count} queries")


def endpoint_of(collection: Collection) -> str:
    """Raises AwsRejected while the collection has none."""
    if not collection.endpoint:
        raise AwsRejected(
            f"collection {collection.name} is {collection.status or 'not ready'} and has no "
            "endpoint",
            operation="aoss:BatchGetCollection",
        )
    return collection.endpoint


def _queries(step: Step) -> Iterator[Mapping[str, JSON]]:
    """Those of the plan over and over again, or made up from the plan's fields."""
    queries, fields = step.arguments.get("queries", []), step.arguments.get("fields", {})
    bodies = (
        [body for body in queries if isinstance(body, Mapping)]
        if isinstance(queries, list | tuple)
        else []
    )
    if bodies:
        return cycle(bodies)
    pairs = fields.items() if isinstance(fields, Mapping) else ()
    dimensions = {name: value for name, value in pairs if isinstance(value, int) and value > 0}
    if dimensions:
        return made_up(dimensions, str(step.arguments.get("seed", "")))
    raise wrong(step, "there are neither queries nor vector fields")


def _positive(step: Step, name: str) -> float:
    value = number(step, "arguments", name)
    if not value > 0:
        raise wrong(step, f"arguments: `{name}` must be above 0")
    return value
