"""Whether a run speaks for this place and for the texts that are in its prompt table."""

from __future__ import annotations

from hashlib import sha256

import pytest

from mangaops.bench.comparing.sides import Side
from mangaops.bench.guarding.origin import Here, Table, elsewhere, sent
from mangaops.bench.runs.sample import PromptUsed
from support.bench_runs import bench_run

HERE = Here(environment="staging", region="ap-northeast-1")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({}, ()),
        ({"environment": "sandbox"}, ("measured in sandbox, and not in staging",)),
        ({"environment": ""}, ("where b-20260107-030000-7f3a was measured is not known",)),
        ({"region": "us-east-1"}, ("measured in us-east-1, and not in ap-northeast-1",)),
        ({"region": ""}, ("measured in an unknown region, and not in ap-northeast-1",)),
    ],
    ids=["here", "sandbox", "unknown", "region", "unknown-region"],
)
def test_a_run_speaks_for_the_place_where_it_was_measured(
    header: dict[str, str], told: tuple[str, ...]
) -> None:
    run = bench_run(n=1, **header)
    assert elsewhere((Side(run=run, arm=0), Side(run=run, arm=1)), HERE) == told


def test_each_of_two_runs_must_be_from_here() -> None:
    one, other = bench_run(n=1), bench_run(n=1, environment="sandbox")
    found = elsewhere((Side(run=one, arm=0), Side(run=other, arm=1)), HERE)
    assert found == ("measured in sandbox, and not in staging",)


def used(version: str, text: str) -> PromptUsed:
    return PromptUsed(version=version, digest=sha256(text.encode()).hexdigest())


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({"v1": "old", "v2": "new"}, ()),
        ({"v1": "old", "v2": "hotfix"}, ("the text of v2 in T is not the one that was measured",)),
        ({"v1": "edited", "v2": "new"}, ("the text of v1 in T is not the one that was measured",)),
        ({"v2": "new"}, ("T has no text of v1 to compare with what was measured",)),
    ],
    ids=["same", "candidate", "baseline", "absent"],
)
def test_both_texts_must_be_the_measured_ones(texts: dict[str, str], told: tuple[str, ...]) -> None:
    assert Table(name="T", texts=texts).differences((used("v1", "old"), used("v2", "new"))) == told


def test_a_text_whose_digest_is_not_known_agrees_with_nothing() -> None:
    run = bench_run(n=1)
    side = Side(run=run, arm=1)
    assert sent((side,), "recommendation") == (run.header.prompts["recommendation"][1],)
    (unknown,) = sent((side,), "faq")
    told = Table(name="T", texts={"v2.1": "new"}).differences((unknown,))
    assert told == ("which text of v2.1 was measured is not known",)
