"""All intents of two sides: doubts from the headers, control, Holm, nothing left out."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mangaops.bench.comparing.comparison import (
    Cause,
    Comparison,
    Doubt,
    Reason,
    Report,
    Shift,
    Verdict,
)
from mangaops.bench.comparing.report import compared
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.comparing.sides import Side, sides
from mangaops.bench.runs.sample import CacheMode, PromptUsed, Run
from mangaops.model.settings import Benchmarks, LatencyBudget
from support.bench_runs import AFTER, BEFORE, FAQ, START, Behaviour, bench_run

RULES = Rules()
SLOW_START = replace(
    BEFORE, p50=1180 + 500, p95=2410 + 500, first_token_ms=540 + 500, prompt_tokens=520
)
"""A longer prompt that does nothing else than delay the first token."""
SLOW_FAQ = replace(FAQ, p50=FAQ.p50 * 1.4, p95=FAQ.p95 * 1.4)
STEADY = replace(FAQ, p95=900)
"""Little spread: two of them pass surely."""
KEPT, FAQ_KEPT = ("order",), ("faq",)
"""The intents whose prompt is the same in both runs."""
EVEN = {"faq": STEADY, "order": STEADY}


def one(run: Run, rules: Rules = RULES) -> Report:
    return compared(*sides(run, None, baseline=None, candidate=None), rules)


def two(first: Run, second: Run, rules: Rules = RULES) -> Report:
    return compared(*sides(first, second, baseline=None, candidate=None), rules)


def night(name: str, version: str, n: int = 1000, **more: Any) -> Run:
    """A run of one version of `intents` (two alike, if it is not said)."""
    intents: dict[str, Behaviour] = more.pop("intents", {"faq": FAQ, "order": FAQ})
    seed = more.pop("seed", sum(map(ord, name)))
    return bench_run(
        intents={intent: (how,) for intent, how in intents.items()},
        arms=(version,),
        name=name,
        n=n,
        seed=seed,
        **more,
    )


def doubts(found: Comparison) -> dict[Doubt, bool]:
    return {reason.doubt: reason.decides for reason in found.reasons}


def by_intent(report: Report) -> dict[str, Comparison]:
    return {found.intent: found for found in report.comparisons}


def test_the_seeds_incident_in_one_interleaved_run() -> None:
    run = bench_run(intents={"faq": (FAQ, FAQ), "recommendation": (BEFORE, AFTER)}, n=1000)
    report = one(run, Rules.of(Benchmarks()))
    found = by_intent(report)
    slow = found["recommendation"]
    assert (report.verdict, report.severity) == (Verdict.FAIL, "SEV-2")
    assert found["faq"].verdict is Verdict.PASS
    assert (slow.cause, slow.shift) == (Cause.LONGER_PROMPT_AND_OUTPUT, Shift.WHOLE)
    assert (slow.baseline.version, slow.candidate.version) == ("v2.0", "v2.1")
    assert (slow.baseline.prompt_tokens, slow.candidate.prompt_tokens) == (180, 520)
    assert {check.name: check.kept for check in slow.budgets} == {
        "output_tokens": False,
        "p95_ms": None,
    }
    assert slow.parts is not None
    assert slow.baseline.mean_ms is not None
    assert slow.candidate.mean_ms is not None
    assert slow.parts.total_ms == pytest.approx(slow.candidate.mean_ms - slow.baseline.mean_ms)
    assert slow.reasons == found["faq"].reasons == ()
    assert (report.baseline_run, report.candidate_run) == (run.header.run, run.header.run)


def test_an_intent_of_one_side_is_there_and_inconclusive() -> None:
    report = two(
        night("r1", "v1", intents={"faq": FAQ, "order": FAQ}),
        night("r2", "v1", intents={"search": FAQ, "faq": FAQ}),
    )
    assert [found.intent for found in report.comparisons] == ["faq", "order", "search"]
    found = by_intent(report)
    assert found["order"].reasons[0] == Reason(
        doubt=Doubt.ONE_SIDED, text="the candidate has no samples of order", decides=True
    )
    assert found["search"].reasons[0].text == "the baseline has no samples of search"
    assert report.verdict is Verdict.INCONCLUSIVE


def test_no_intent_at_all_is_inconclusive() -> None:
    run = bench_run(intents={})
    assert one(run).verdict is Verdict.INCONCLUSIVE


def test_runs_of_different_times_are_told_with_both_times() -> None:
    later = night("r2", "v2", at=START + timedelta(minutes=75), kept=KEPT, intents=EVEN)
    found = by_intent(two(night("r1", "v1", kept=KEPT, intents=EVEN), later))["faq"]
    assert found.verdict is Verdict.PASS
    assert found.reasons == (
        Reason(
            doubt=Doubt.NOT_INTERLEAVED,
            text="not interleaved: the baseline began 2026-01-07 03:00, the candidate "
            "2026-01-07 04:15 UTC, and the load may have changed between them",
        ),
    )


def test_one_arm_after_the_other_is_told() -> None:
    found = by_intent(one(bench_run(interleaved=False)))["recommendation"]
    assert found.reasons[0] == Reason(
        doubt=Doubt.NOT_INTERLEAVED,
        text="not interleaved: one version was measured after the other; "
        "there is no other intent as a control",
        decides=True,
    )
    assert found.verdict is Verdict.INCONCLUSIVE


def test_what_is_called_interleaved_and_was_not_is_told() -> None:
    run = bench_run(interleaved=False)
    claimed = replace(run, header=replace(run.header, interleaved=True))
    found = by_intent(one(claimed))["recommendation"]
    assert found.reasons[0].doubt is Doubt.NOT_INTERLEAVED


@pytest.mark.parametrize(
    ("before", "after", "decides"),
    [
        ({"region": "eu-west-1"}, {}, True),
        ({"cache": CacheMode.WARM}, {}, True),
        ({"workload": "other"}, {}, True),
        ({"unit": "s"}, {}, True),
        ({"region": ""}, {}, False),
        ({"environment": "prod"}, {}, False),
        ({"concurrency": 8}, {}, False),
        ({"rate_per_s": 2.0}, {}, False),
        ({"client": "mangaops 0.2.0"}, {}, False),
    ],
    ids=str,
)
def test_conditions_that_differ(
    before: dict[str, Any], after: dict[str, Any], decides: bool
) -> None:
    found = by_intent(
        two(
            night("r1", "v1", kept=KEPT, intents=EVEN, **before),
            night("r2", "v2", kept=KEPT, intents=EVEN, **after),
        )
    )["faq"]
    assert doubts(found) == {Doubt.NOT_INTERLEAVED: False, Doubt.DIFFERENT_CONDITIONS: decides}
    assert found.verdict is (Verdict.INCONCLUSIVE if decides else Verdict.PASS)


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ({"region": "eu-west-1"}, "different region: eu-west-1 and ap-northeast-1"),
        ({"region": ""}, "different region: unknown and ap-northeast-1"),
        ({"cache": CacheMode.WARM}, "different prompt cache: warm and off"),
        ({"rate_per_s": 2.5}, "different rate: 2.5 a second and no limit"),
    ],
    ids=str,
)
def test_different_conditions_are_named(before: dict[str, Any], text: str) -> None:
    found = by_intent(two(night("r1", "v1", n=60, **before), night("r2", "v2", n=60)))["faq"]
    assert text in [reason.text for reason in found.reasons]


def test_with_the_same_prompt_on_both_sides_nothing_was_compared() -> None:
    later = night("r2", "v1", intents={"faq": FAQ, "order": SLOW_FAQ})
    found = by_intent(two(night("r1", "v1"), later))
    assert {one.verdict for one in found.values()} == {Verdict.INCONCLUSIVE}
    assert doubts(found["faq"]) == {Doubt.NOT_INTERLEAVED: False, Doubt.SAME_PROMPT: True}


def test_who_asks_whether_it_became_slower_and_not_by_what_gets_a_verdict() -> None:
    later = night("r2", "v1", intents={"faq": SLOW_FAQ})
    before, after = sides(night("r1", "v1"), later, baseline=None, candidate=None)
    (found, _) = compared(before, after, RULES, same_prompts=True).comparisons
    assert (found.verdict, doubts(found)) == (
        Verdict.FAIL,
        {Doubt.NOT_INTERLEAVED: False, Doubt.SAME_PROMPT: False},
    )


def test_a_budget_holds_whatever_makes_a_prompt_slow() -> None:
    rules = Rules(budgets={"order": LatencyBudget(p95_ms=1500)})
    later = night("r2", "v1", intents={"faq": FAQ, "order": replace(FAQ, p50=1400, p95=2600)})
    found = by_intent(two(night("r1", "v1"), later, rules))
    assert found["faq"].verdict is Verdict.INCONCLUSIVE
    assert (found["order"].verdict, found["order"].severity) == (Verdict.FAIL, "SEV-3")
    assert [check.kept for check in found["order"].budgets] == [False]


def twins(version: str = "v1", **more: Any) -> Run:
    """One prompt in both arms, the second under `version`; slower there by chance."""
    run = bench_run(intents={"faq": (FAQ, SLOW_FAQ)}, arms=("v1", "v1"), n=1000, **more)
    (first, second) = run.header.prompts["faq"]
    header = replace(run.header, prompts={"faq": (first, replace(second, version=version))})
    return replace(run, header=header)


def test_an_a_a_run_is_judged_as_the_noise_test_that_it_is() -> None:
    found = by_intent(one(twins()))["faq"]
    assert (found.verdict, doubts(found)) == (Verdict.FAIL, {Doubt.SAME_PROMPT: False})
    renamed = by_intent(one(twins("v2")))["faq"]
    assert (renamed.verdict, doubts(renamed)) == (Verdict.INCONCLUSIVE, {Doubt.SAME_PROMPT: True})


def test_another_limit_of_the_answers_is_another_prompt() -> None:
    run = twins("v2")
    (first, second) = run.header.prompts["faq"]
    longer = {"faq": (first, replace(second, max_output_tokens=900))}
    found = by_intent(one(replace(run, header=replace(run.header, prompts=longer))))["faq"]
    assert (found.verdict, doubts(found)) == (Verdict.FAIL, {})


def test_prompts_without_a_digest_are_not_called_the_same() -> None:
    run = bench_run(n=60)
    bare = {"recommendation": (PromptUsed(version="a", digest=""),) * 2}
    found = by_intent(one(replace(run, header=replace(run.header, prompts=bare))))
    assert Doubt.SAME_PROMPT not in doubts(found["recommendation"])


def test_a_run_that_did_not_finish_is_told_once() -> None:
    found = by_intent(one(bench_run(finished=False)))["recommendation"]
    told = [reason for reason in found.reasons if reason.doubt is Doubt.UNFINISHED]
    assert told == [
        Reason(doubt=Doubt.UNFINISHED, text="the run b-20260107-030000-7f3a did not finish")
    ]


@pytest.mark.parametrize(
    ("planned", "text"),
    [(400, "200 of 400 calls of a version are there"), (0, "200 of an unknown number"), (200, "")],
)
def test_a_run_without_all_of_its_calls_decides_only_where_that_is_allowed(
    planned: int, text: str
) -> None:
    slow = replace(AFTER, p50=2400, p95=4800)
    run = bench_run(intents={"recommendation": (BEFORE, slow)}, finished=False)
    run = replace(run, header=replace(run.header, samples_per_arm=planned))
    before, after = sides(run, None, baseline=None, candidate=None)
    for whole in (False, True):
        (found,) = compared(before, after, RULES, whole=whole).comparisons
        assert doubts(found)[Doubt.UNFINISHED] is (whole and bool(text))
        assert text in found.reasons[-1].text
        assert found.verdict is (Verdict.INCONCLUSIVE if whole and text else Verdict.FAIL)


def test_drift_over_an_interleaved_run_is_told_and_makes_no_regression() -> None:
    drifting = replace(FAQ, drift=1.5)
    found = by_intent(one(bench_run(intents={"faq": (drifting, drifting)}, n=1000)))["faq"]
    assert found.verdict is Verdict.PASS
    assert doubts(found) == {Doubt.DRIFT: False}


def test_what_slows_down_every_intent_is_not_one_prompt() -> None:
    slow = replace(AFTER, p50=1180 * 1.4, p95=2410 * 1.4)
    report = two(
        night("r1", "v2.0", intents={"faq": FAQ, "recommendation": BEFORE}, kept=FAQ_KEPT),
        night("r2", "v2.1", intents={"faq": SLOW_FAQ, "recommendation": slow}, kept=FAQ_KEPT),
    )
    found = by_intent(report)
    assert {one.verdict for one in found.values()} == {Verdict.INCONCLUSIVE}
    (told,) = [one for one in found["recommendation"].reasons if one.decides]
    assert told == Reason(
        doubt=Doubt.MOVED_TOGETHER,
        text="faq (+54 %) became slower between the same runs, too: drift or infrastructure, "
        "not this prompt alone",
        decides=True,
    )


def test_one_intent_alone_that_slows_down_stays_a_regression() -> None:
    report = two(
        night("r1", "v2.0", intents={"faq": FAQ, "recommendation": BEFORE}, kept=FAQ_KEPT),
        night("r2", "v2.1", intents={"faq": FAQ, "recommendation": AFTER}, kept=FAQ_KEPT),
    )
    found = by_intent(report)
    assert found["recommendation"].verdict is Verdict.FAIL
    assert found["faq"].verdict is Verdict.PASS


def test_intents_that_slow_down_together_in_an_interleaved_run_are_regressions() -> None:
    both = {"faq": (FAQ, SLOW_FAQ), "recommendation": (BEFORE, AFTER)}
    report = one(bench_run(intents=both, n=1000))
    assert {found.verdict for found in report.comparisons} == {Verdict.FAIL}


def test_a_side_may_be_an_arm_of_a_run_of_two() -> None:
    run, other = bench_run(n=400), night("r2", "v2.1", intents={"recommendation": AFTER}, n=400)
    report = compared(Side(run=run, arm=0), Side(run=other, arm=0), RULES)
    assert (report.baseline_run, report.candidate_run) == (run.header.run, "r2")
    assert doubts(report.comparisons[0])[Doubt.NOT_INTERLEAVED] is True


def test_the_shapes_of_a_run_need_no_numpy() -> None:
    program = (
        "import sys\n"
        "import mangaops.bench.runs.sample, mangaops.bench.comparing.sides\n"
        "import mangaops.bench.comparing.comparison, mangaops.bench.comparing.verdict\n"
        "import mangaops.bench.comparing.rules, mangaops.bench.comparing.budget\n"
        "from mangaops import bench\n"
        "bench.Rules, bench.Verdict, bench.Sample\n"
        "assert 'numpy' not in sys.modules\n"
        "assert bench.compare([1.0], [1.0]).verdict is bench.Verdict.INCONCLUSIVE\n"
        "assert 'scipy' not in sys.modules\n"
        "assert not hasattr(bench, 'comparator')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_prompts_declared_tokens_tell_where_calls_report_none() -> None:
    """A longer prompt is seen by its declaration, too."""
    run = bench_run(n=1000, intents={"recommendation": (BEFORE, SLOW_START)})
    silent = tuple(replace(call, input_tokens=None) for call in run.samples)
    assert by_intent(one(replace(run, samples=silent)))["recommendation"].cause is (
        Cause.LONGER_PROMPT
    )
    used = run.header.prompts["recommendation"]
    unknown = tuple(replace(prompt, prompt_tokens=None) for prompt in used)
    header = replace(run.header, prompts={"recommendation": unknown})
    found = by_intent(one(replace(run, samples=silent, header=header)))["recommendation"]
    assert found.cause is Cause.SLOWER_FIRST_TOKEN


def test_a_candidate_that_never_answers_fails_without_a_cause_in_its_answers() -> None:
    dead = replace(FAQ, failures=1.0)
    found = by_intent(one(bench_run(intents={"faq": (FAQ, dead)}, n=100)))["faq"]
    assert (found.verdict, found.severity, found.cause) == (
        Verdict.FAIL,
        "SEV-1",
        Cause.MORE_FAILURES,
    )
    assert (found.candidate.mean_ms, found.parts) == (None, None)
    assert [figure.name for figure in found.figures] == ["p95", "p50", "ttft_p95", "failures"]
