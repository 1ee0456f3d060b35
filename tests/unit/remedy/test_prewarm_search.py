"""`prewarm-search` against an index that answers as it is told to, on a clock of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from mangaops.errors import (
    AwsDenied,
    AwsFault,
    AwsNotFound,
    AwsRejected,
    AwsThrottled,
    InputError,
    Stopped,
)
from mangaops.model.plan import Draft, Risk, Standing, Step, UndoKind, compare
from mangaops.model.request import PrewarmSearch
from mangaops.model.resources import Collection, VectorField
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress, Settled, Touches
from mangaops.remedy.actions.search.latencies import Fifth, measured
from mangaops.remedy.actions.search.prewarm_search import PrewarmSearchRemedy
from mangaops.remedy.actions.search.queries import from_lines, made_up
from support.plain_pen import PlainPen

ENDPOINT = "https://abc.aoss"
EMBEDDING = VectorField(name="embedding", dimension=4, kind="float")
REACH = (
    "searches of users share the index with 5 more a second for 10 s; never two of ours at a time"
)
SETTLE = timedelta(minutes=1)
LINE = '{"query": {"match_all": {}}}'


class FakeIndex:
    """Takes `took(n)` seconds for search n (from 0), or raises what it gives instead."""

    def __init__(
        self,
        pen: PlainPen,
        took: Callable[[int], float | Exception] = lambda _: 0.04,
        *,
        fields: tuple[VectorField, ...] = (EMBEDDING,),
        endpoint: str | None = ENDPOINT,
    ) -> None:
        self.bodies: list[Mapping[str, Any]] = []
        self.starts: list[float] = []
        self._pen, self._took, self._fields, self._endpoint = pen, took, fields, endpoint

    def collection(self, name: str) -> Collection:
        return Collection(id="abc", name=name, status="ACTIVE", endpoint=self._endpoint, group=None)

    def vector_fields(self, endpoint: str, index: str) -> tuple[VectorField, ...]:
        assert (endpoint, index) == (ENDPOINT, "manga-products")
        return self._fields

    def search(self, endpoint: str, index: str, body: Mapping[str, Any]) -> int:
        assert (endpoint, index) == (ENDPOINT, "manga-products")
        took = self._took(len(self.bodies))
        self.bodies.append(body)
        self.starts.append(self._pen.now)
        if isinstance(took, Exception):
            raise took
        self._pen.now += took
        return 10


def remedy(index: FakeIndex, pen: PlainPen) -> PrewarmSearchRemedy:
    return PrewarmSearchRemedy(
        search=index, data=index, environment=Environment(), monotonic=pen.clock
    )


def run(
    took: Callable[[int], float | Exception], *, count: int = 50, rate: float = 10.0
) -> tuple[Settled, PlainPen, FakeIndex]:
    pen = PlainPen()
    index = FakeIndex(pen, took)
    made = remedy(index, pen)
    (step,) = made.draft(PrewarmSearch(count=count, rate=rate)).steps
    action = made.actions[step.action]
    action.write(step, pen)
    return action.settled(step), pen, index


def test_the_draft_says_what_is_sent_and_that_nothing_is_changed() -> None:
    pen = PlainPen()
    assert remedy(FakeIndex(pen), pen).draft(PrewarmSearch()) == Draft(
        title="Warm up index manga-products of collection manga-products",
        confirm="manga-products",
        risk=Risk.MILD,
        steps=(
            Step(
                number=1,
                action="search.prewarm",
                target="manga-products/manga-products",
                before={},
                after={},
                undo=UndoKind.NONE,
                summary="50 searches, at most 5 a second",
                arguments={
                    "rate": 5.0,
                    "count": 50,
                    "fields": {"embedding": 4},
                    "seed": "manga-products",
                },
                not_previewed="latencies show only while the queries run",
            ),
        ),
        reach=(REACH,),
        permissions=("aoss:APIAccessAll",),
        notes=(
            "nothing is changed, so there is nothing to undo",
            "the queries are made up, of random directions: --queries FILE sends those of users",
        ),
        settle=SETTLE,
    )


def test_a_draft_sends_no_search() -> None:
    pen = PlainPen()
    index = FakeIndex(pen)
    remedy(index, pen).draft(PrewarmSearch())
    assert index.bodies == []


@pytest.mark.parametrize("rate", [0.0, -1.0, 101.0, math.inf, math.nan])
def test_a_rate_is_above_zero_and_bounded(rate: float) -> None:
    pen = PlainPen()
    with pytest.raises(InputError, match="no rate"):
        remedy(FakeIndex(pen), pen).draft(PrewarmSearch(rate=rate))


@pytest.mark.parametrize("count", [0, -1, 10_001])
def test_a_count_is_above_zero_and_bounded(count: int) -> None:
    pen = PlainPen()
    with pytest.raises(InputError, match="no number of queries"):
        remedy(FakeIndex(pen), pen).draft(PrewarmSearch(count=count))


def test_an_index_without_a_field_of_floats_asks_for_queries() -> None:
    pen = PlainPen()
    index = FakeIndex(pen, fields=(VectorField(name="bits", dimension=64, kind="binary"),))
    with pytest.raises(InputError, match=r"it has: bits \(binary\)") as refused:
        remedy(index, pen).draft(PrewarmSearch())
    assert refused.value.hint == (
        "send queries of your own: mangaops prewarm-search --queries FILE"
    )


def test_a_collection_that_is_not_ready_is_told() -> None:
    pen = PlainPen()
    with pytest.raises(AwsRejected, match="has no endpoint"):
        remedy(FakeIndex(pen, endpoint=None), pen).draft(PrewarmSearch())


def test_made_up_queries_are_unit_vectors_and_the_same_for_the_same_seed() -> None:
    first, second = islice(made_up({"a": 8, "b": 4}, "seed"), 2)
    (vector,) = [first["query"]["knn"]["a"]["vector"]]
    assert math.hypot(*vector) == pytest.approx(1, abs=1e-5)
    assert (len(vector), first["size"], first["_source"]) == (8, 10, False)
    assert list(second["query"]["knn"]) == ["b"]
    assert list(islice(made_up({"a": 8, "b": 4}, "seed"), 2)) == [first, second]


def test_a_file_s_queries_are_in_the_plan_and_repeated() -> None:
    pen = PlainPen()
    index = FakeIndex(pen)
    made = remedy(index, pen)
    text = f'{LINE}\n\n{{"size": 3, "knn": {{"embedding": {{"vector": [1], "k": 3}}}}}}\n'
    (step,) = made.draft(PrewarmSearch(queries=text, count=3)).steps
    bodies = [
        {"query": {"match_all": {}}},
        {"size": 3, "query": {"knn": {"embedding": {"vector": [1], "k": 3}}}},
    ]
    assert step.arguments == {"rate": 5.0, "count": 3, "queries": bodies}
    made.actions[step.action].write(step, pen)
    assert index.bodies == [*bodies, bodies[0]]


def test_of_a_longer_file_only_the_count_is_planned() -> None:
    pen = PlainPen()
    draft = remedy(FakeIndex(pen), pen).draft(PrewarmSearch(queries=f"{LINE}\n" * 5, count=2))
    assert draft.steps[0].arguments["queries"] == [json.loads(LINE)] * 2
    assert draft.notes[1] == "of the 5 queries of the file 2 are sent: --count 5"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        (" \n\n", "--queries", "the file has no query"),
        (f"{LINE}\nquery", "--queries, line 2", "this is no JSON: "),
        ("[1]", "--queries, line 1", "a query is an object with either `query` or `knn`"),
        ("\n{}", "--queries, line 2", "a query is an object with either `query` or `knn`"),
        (
            '{"query": {"a": 1}, "knn": {"b": 1}}',
            "--queries, line 1",
            "a query is an object with either `query` or `knn`",
        ),
        ('{"query": {}}', "--queries, line 1", "`query` is an object that is not empty"),
        ('{"knn": 5}', "--queries, line 1", "`knn` is an object that is not empty"),
        ('{"query": {"a": NaN}}', "--queries, line 1", "this is no JSON: NaN"),
        ("[" * 100_000, "--queries, line 1", "this is no JSON: "),
        ("x" * (4 * 1024 * 1024 + 1), "--queries", "the file has 4,194,305 characters"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(text: str, where: str, what: str) -> None:
    with pytest.raises(InputError) as refused:
        from_lines(text)
    assert refused.value.where == where
    assert refused.value.what.startswith(what)


def test_searches_go_out_at_the_rate_and_never_two_at_a_time() -> None:
    _, _, index = run(lambda _: 0.04, count=5, rate=10.0)
    assert index.starts == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    _, _, index = run(lambda _: 0.25, count=5, rate=10.0)
    assert index.starts == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_an_index_that_warms_up_is_shown_by_fifths() -> None:
    settled, pen, _ = run(lambda n: 2.0 if n < 10 else 0.04)
    assert settled == Settled(
        progress=Progress.REACHED,
        detail="50 of 50 queries sent, 0 failed; p95 2,000 ms in the first fifth, 40 ms in the "
        "last",
    )
    assert [intent for intent, _ in pen.intents] == ["aoss:APIAccessAll"]
    assert [dict(about) for _, about in pen.intents] == [
        {"index": "manga-products/manga-products", "count": 50, "rate": 10.0}
    ]
    (result,) = pen.results
    warm = {"failed": 0, "p50_ms": 40.0, "p95_ms": 40.0, "max_ms": 40.0}
    cold = {"failed": 0, "p50_ms": 2000.0, "p95_ms": 2000.0, "max_ms": 2000.0}
    assert result == {
        "asked": 50,
        "sent": 50,
        "failed": 0,
        "trouble": "",
        "fifths": [
            {"queries": "1-10", **cold},
            *({"queries": f"{n}-{n + 9}", **warm} for n in (11, 21, 31, 41)),
        ],
    }
    assert pen.lines[:2] == ["10 of 50 queries", "20 of 50 queries"]
    assert pen.lines[-1] == (
        "queries   41-50    p50     40 ms   p95     40 ms   max     40 ms   0 failed"
    )


@pytest.mark.parametrize(
    ("last", "progress"),
    [(0.04, Progress.REACHED), (0.049, Progress.REACHED), (0.06, Progress.FAILED)],
)
def test_a_clearly_slower_end_is_a_failure(last: float, progress: Progress) -> None:
    settled, _, _ = run(lambda n: last if n >= 40 else 0.04)
    assert settled.progress is progress


def test_a_single_slow_search_at_the_end_is_no_failure() -> None:
    settled, _, _ = run(lambda n: 3.0 if n == 49 else 0.04)
    assert settled.progress is Progress.REACHED


@pytest.mark.parametrize(
    ("failing", "progress"),
    [
        (range(1, 50, 10), Progress.REACHED),
        (range(0, 50, 8), Progress.FAILED),
        (range(42, 47), Progress.FAILED),
    ],
    ids=["one in ten", "one in eight", "given up"],
)
def test_searches_that_fail_are_no_warm_index(failing: range, progress: Progress) -> None:
    settled, _, _ = run(lambda n: AwsThrottled("busy") if n in failing else 0.04)
    assert settled.progress is progress


def test_failed_searches_are_counted_and_the_first_is_quoted() -> None:
    settled, _, _ = run(lambda n: AwsThrottled(f"busy {n}") if n == 1 else 0.04, count=10)
    assert settled == Settled(
        progress=Progress.REACHED,
        detail="10 of 10 queries sent, 1 failed; p95 40 ms in the first fifth, 40 ms in the "
        "last; busy 1",
    )


def test_five_failures_in_a_row_end_the_batch() -> None:
    settled, pen, index = run(lambda _: AwsFault("out of order"))
    assert len(index.bodies) == 5
    assert settled == Settled(
        progress=Progress.FAILED, detail="5 of 50 queries sent, 5 failed; out of order"
    )
    assert pen.results[0]["failed"] == 5


@pytest.mark.parametrize("error", [AwsDenied("policy"), AwsNotFound("no index")])
def test_what_every_search_would_be_told_ends_the_batch_at_once(error: Exception) -> None:
    with pytest.raises(type(error)):
        run(lambda _: error)


def test_ctrl_c_journals_what_was_measured() -> None:
    pen = PlainPen(stop_after=1.0)
    index = FakeIndex(pen)
    made = remedy(index, pen)
    (step,) = made.draft(PrewarmSearch(rate=5.0)).steps
    with pytest.raises(Stopped):
        made.actions[step.action].write(step, pen)
    assert (pen.results[0]["asked"], pen.results[0]["sent"]) == (50, len(index.bodies))
    assert 0 < len(index.bodies) < 10


def test_a_batch_always_stands_before_and_touches_nothing() -> None:
    pen = PlainPen()
    made = remedy(FakeIndex(pen), pen)
    (step,) = made.draft(PrewarmSearch()).steps
    action = made.actions[step.action]
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    assert action.touches(step) == Touches()
    assert action.settled(step) == Settled(progress=Progress.FAILED, detail="no search was sent")


@pytest.mark.parametrize(
    "arguments",
    [
        {"rate": 0, "count": 5, "fields": {"embedding": 4}},
        {"rate": 5, "count": True, "fields": {"embedding": 4}},
        {"rate": 5, "count": 5},
        {"rate": 5, "count": 5, "queries": []},
        {"rate": 5, "count": 5, "queries": [3]},
        {"rate": 5, "count": 5, "fields": {"embedding": "4"}},
    ],
)
def test_a_plan_that_no_draft_made_is_wrong_input(arguments: Mapping[str, Any]) -> None:
    pen = PlainPen()
    made = remedy(FakeIndex(pen), pen)
    step = Step(
        number=1,
        action="search.prewarm",
        target="manga-products/manga-products",
        before={},
        after={},
        undo=UndoKind.NONE,
        summary="",
        arguments=arguments,
    )
    with pytest.raises(InputError):
        made.actions[step.action].write(step, pen)


def test_few_searches_have_fewer_parts() -> None:
    table = measured([10.0, None, 30.0], asked=3, trouble="x")
    assert table.fifths == (
        Fifth(first=1, last=1, failed=0, p50=10.0, p95=10.0, most=10.0),
        Fifth(first=2, last=2, failed=1),
        Fifth(first=3, last=3, failed=0, p50=30.0, p95=30.0, most=30.0),
    )
    assert measured([], asked=3, trouble="").summary() == "0 of 3 queries sent, 0 failed"
