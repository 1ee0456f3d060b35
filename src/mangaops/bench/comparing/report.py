"""All intents of two sides, compared and judged together."""

from __future__ import annotations

from dataclasses import replace

from mangaops.bench.comparing import doubts
from mangaops.bench.comparing.columns import of_samples
from mangaops.bench.comparing.compare import drafted
from mangaops.bench.comparing.comparison import Comparison, Report
from mangaops.bench.comparing.control import Prompts, with_control, without_change
from mangaops.bench.comparing.figures import About
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.comparing.sides import Side
from mangaops.bench.comparing.verdict import decided


def compared(
    baseline: Side,
    candidate: Side,
    rules: Rules,
    *,
    whole: bool = False,
    same_prompts: bool = False,
) -> Report:
    """One comparison an intent, the baseline's intents first.

    An intent of one side only is there as well, INCONCLUSIVE. `whole`: a run that ended
    before all of its calls decides nothing. `same_prompts`: an intent whose prompt stayed the
    same is judged as well, by whether it became slower and not by what.
    """
    intents = tuple(dict.fromkeys(baseline.intents + candidate.intents))
    drafts = tuple(_draft(intent, baseline, candidate, rules, whole=whole) for intent in intents)
    changed = {one for one in intents if not baseline.has_prompt_of(candidate, one)}
    twins = baseline.is_twin_of(candidate)
    prompts = Prompts(
        changed=changed,
        asked=intents if twins else changed,
        models={one: _models(one, baseline, candidate) for one in intents},
    )
    drafts = with_control(drafts, prompts, rules.limit)
    if not same_prompts and not twins:
        drafts = without_change(drafts, changed, rules.limit)
    return Report(
        comparisons=decided(drafts, rules),
        baseline_run=baseline.run.header.run,
        candidate_run=candidate.run.header.run,
        margin=rules.margin,
        seed=rules.seed,
    )


def _draft(
    intent: str, baseline: Side, candidate: Side, rules: Rules, *, whole: bool
) -> Comparison:
    a, b = of_samples(baseline.samples(intent)), of_samples(candidate.samples(intent))
    about = (_about(intent, baseline), _about(intent, candidate))
    draft = drafted(intent, a, b, rules, about=about)
    said = doubts.of_runs(intent, baseline, candidate, spans=(a.span, b.span), whole=whole)
    return replace(draft, reasons=(*draft.reasons, *said))


def _models(intent: str, *sides: Side) -> frozenset[str]:
    return frozenset(one.model for side in sides for one in side.samples(intent) if one.model)


def _about(intent: str, side: Side) -> About:
    prompt = side.prompt(intent)
    return About(
        version=prompt.version if prompt else side.version,
        run=side.run.header.run,
        prompt_tokens=prompt.prompt_tokens if prompt else None,
    )
