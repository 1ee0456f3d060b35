"""CloudWatch and Logs Insights in memory, behind the Protocols of the readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from mangaops.model.telemetry import (
    MetricAnswer,
    MetricRequest,
    MetricState,
    QueryAnswer,
)


class FakeCloudWatch:
    """`data` maps (metric name, dimensions, stat) to points by start of their minute.

    Buckets are counted from the start of the call, as CloudWatch does; a bucket of
    several minutes answers the sum of them.
    """

    def __init__(
        self,
        data: Mapping[tuple[str, tuple[tuple[str, str], ...], str], Mapping[int, float]]
        | None = None,
        *,
        listed: Mapping[str, Sequence[Mapping[str, str]]] | None = None,
        states: Mapping[str, MetricState] | None = None,
        broken: Callable[[int, int], Exception | None] = lambda _start, _end: None,
    ) -> None:
        self.data = data or {}
        self.listed = listed or {}
        self.states = states or {}
        self.broken = broken
        self.calls: list[tuple[tuple[MetricRequest, ...], int, int]] = []
        self.listings: list[str] = []
        self.recently: list[bool] = []

    def prepare(self) -> None: ...

    def metric_data(
        self, requests: Sequence[MetricRequest], start: int, end: int
    ) -> tuple[MetricAnswer, ...]:
        self.calls.append((tuple(requests), start, end))
        error = self.broken(start, end)
        if error:
            raise error
        return tuple(self._answer(request, start, end) for request in requests)

    def metrics(
        self, namespace: str, name: str, *, recently: bool = False
    ) -> tuple[Mapping[str, str], ...]:
        self.listings.append(f"{namespace} {name}")
        self.recently.append(recently)
        return tuple(self.listed.get(name, ()))

    def _answer(self, request: MetricRequest, start: int, end: int) -> MetricAnswer:
        points = self.data.get((request.name, request.dimensions, request.stat), {})
        buckets: dict[float, float] = {}
        for at, value in sorted(points.items()):
            if start <= at < end:
                bucket = at - (at - start) % request.period
                buckets[bucket] = buckets.get(bucket, 0) + value
        state = self.states.get(request.name, MetricState.COMPLETE)
        messages = () if state is MetricState.COMPLETE else ("told: why",)
        return MetricAnswer(state=state, points=tuple(buckets.items()), messages=messages)


class FakeLogs:
    """Answers the script, one item a look; an exception in it is raised."""

    def __init__(
        self,
        script: Sequence[QueryAnswer | Exception] = (),
        *,
        starts: Sequence[Exception] = (),
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.script = list(script)
        self.starts = list(starts)
        self.clock = clock
        self.started: list[tuple[tuple[str, ...], str, int, int, int]] = []
        self.looks: list[float] = []
        self.stopped: list[str] = []

    def prepare(self) -> None: ...

    def start(self, groups: Sequence[str], query: str, start: int, end: int, limit: int) -> str:
        if self.starts:
            raise self.starts.pop(0)
        self.started.append((tuple(groups), query, start, end, limit))
        return f"query-{len(self.started)}"

    def results(self, query_id: str) -> QueryAnswer:
        assert query_id == f"query-{len(self.started)}"
        self.looks.append(self.clock())
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(self, query_id: str) -> None:
        self.stopped.append(query_id)
