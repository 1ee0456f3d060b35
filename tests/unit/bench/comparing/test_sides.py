"""Which arm of which run is the baseline, and which the candidate."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.bench.comparing.sides import sides
from mangaops.bench.runs.sample import PromptUsed, Run
from mangaops.errors import InputError
from support.bench_runs import FAQ, bench_run


def run(name: str, *arms: str) -> Run:
    return bench_run(intents={"faq": (FAQ,) * len(arms)}, arms=arms, n=1, name=name)


BOTH = run("r1", "v2.0", "v2.1")
OLD, NEW = run("r2", "v2.0"), run("r3", "v2.1")
SAME = run("r4", "v2.0", "v2.0")
NIGHT = replace(
    run("r7", "active"),
    header=replace(
        run("r7", "active").header,
        prompts={
            "faq": (PromptUsed(version="v1.4", digest="a"),),
            "recommendation": (PromptUsed(version="v2.0", digest="b"),),
        },
    ),
)
"""What was active that night: a version an intent."""
LATER = run("r5", "v2.1", "v2.2")


@pytest.mark.parametrize(
    ("first", "second", "baseline", "candidate", "chosen"),
    [
        (BOTH, None, None, None, ("r1", 0, "r1", 1)),
        (BOTH, None, "v2.0", None, ("r1", 0, "r1", 1)),
        (BOTH, None, None, "v2.0", ("r1", 1, "r1", 0)),
        (BOTH, None, "v2.1", None, ("r1", 1, "r1", 0)),
        (BOTH, None, "v2.1", "v2.0", ("r1", 1, "r1", 0)),
        (SAME, None, None, None, ("r4", 0, "r4", 1)),
        (SAME, None, "v2.0", "v2.0", ("r4", 0, "r4", 1)),
        (OLD, NEW, None, None, ("r2", 0, "r3", 0)),
        (NEW, OLD, None, None, ("r3", 0, "r2", 0)),
        (NEW, OLD, "v2.0", "v2.1", ("r2", 0, "r3", 0)),
        (NEW, OLD, "v2.0", None, ("r2", 0, "r3", 0)),
        (BOTH, NEW, "v2.0", None, ("r1", 0, "r3", 0)),
        (BOTH, LATER, "v2.0", "v2.2", ("r1", 0, "r5", 1)),
        (BOTH, LATER, "v2.1", "v2.1", ("r1", 1, "r5", 0)),
        (SAME, NEW, None, None, ("r4", 0, "r3", 0)),
        (SAME, None, None, "v2.0", ("r4", 0, "r4", 1)),
        (NIGHT, NEW, None, None, ("r7", 0, "r3", 0)),
        (NEW, NIGHT, "v2.0", None, ("r7", 0, "r3", 0)),
        (NEW, NIGHT, None, "v1.4", ("r3", 0, "r7", 0)),
    ],
)
def test_sides_of_runs(
    first: Run,
    second: Run | None,
    baseline: str | None,
    candidate: str | None,
    chosen: tuple[str, int, str, int],
) -> None:
    a, b = sides(first, second, baseline=baseline, candidate=candidate)
    assert (a.run.header.run, a.arm, b.run.header.run, b.arm) == chosen


@pytest.mark.parametrize(
    ("first", "second", "baseline", "candidate", "what", "hint"),
    [
        (
            OLD,
            None,
            None,
            None,
            'the run "r2" has only one version, v2.0',
            "name a second run to compare it with",
        ),
        (
            NIGHT,
            NEW,
            "nothing",
            None,
            'no samples of the version "nothing"',
            "versions: active, v1.4, v2.0, v2.1",
        ),
        (
            BOTH,
            None,
            "v2",
            None,
            'no samples of the version "v2"',
            'did you mean "v2.1"?',
        ),
        (
            BOTH,
            None,
            None,
            "experiment",
            'no samples of the version "experiment"',
            "versions: v2.0, v2.1",
        ),
        (
            BOTH,
            None,
            "v2.0",
            "v2.0",
            '"v2.0" cannot be both the baseline and the candidate',
            "versions: v2.0, v2.1",
        ),
        (
            OLD,
            OLD,
            None,
            None,
            'the run "r2" is compared with itself',
            "name another run, or one run alone that has two versions",
        ),
        (
            BOTH,
            NEW,
            None,
            None,
            'the run "r1" has several versions: v2.0, v2.1',
            "say which: --baseline v2.0",
        ),
        (
            OLD,
            LATER,
            None,
            None,
            'the run "r5" has several versions: v2.1, v2.2',
            "say which: --candidate v2.1",
        ),
        (
            BOTH,
            run("r6", "v3"),
            "v2.0",
            "v2.1",
            "v2.0 and v2.1 are not in one run each",
            "r1 has v2.0, v2.1; r6 has v3; or name the run alone that has both",
        ),
    ],
)
def test_what_is_ambiguous_or_unknown_is_refused(
    first: Run,
    second: Run | None,
    baseline: str | None,
    candidate: str | None,
    what: str,
    hint: str,
) -> None:
    with pytest.raises(InputError) as refused:
        sides(first, second, baseline=baseline, candidate=candidate)
    assert (refused.value.what, refused.value.hint) == (what, hint)


def test_a_side_knows_its_prompts_and_samples() -> None:
    a, b = sides(BOTH, None, baseline=None, candidate=None)
    assert (a.version, b.version, a.intents) == ("v2.0", "v2.1", ("faq",))
    assert [one.arm for one in b.samples("faq")] == [1]
    assert b.samples("other") == ()
    prompt = b.prompt("faq")
    assert prompt is not None
    assert (prompt.version, b.prompt("other")) == ("v2.1", None)
    assert a.has_run(b)
