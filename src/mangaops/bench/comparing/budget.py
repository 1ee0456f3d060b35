"""An intent's budget against a prompt before any call, and against what was measured.

Before any call: the prompt's tokens as its author declares them and as its text suggests,
and the limit of output tokens that goes out with every call. An estimate is an upper one:
only what is over the budget at 80 % of it is certainly over.
"""

from __future__ import annotations

from dataclasses import replace

from mangaops.bench.comparing.comparison import BudgetCheck
from mangaops.model.settings import LatencyBudget
from mangaops.model.tokens import CERTAIN, estimated_tokens

PROMPT = "prompt_tokens"
OUTPUT = "output_tokens"
P95 = "p95_ms"


def checked_prompt(
    intent: str,
    prompt_text: str | None,
    declared_prompt_tokens: int | None,
    max_output_tokens: int | None,
    budget: LatencyBudget,
) -> tuple[BudgetCheck, ...]:
    """The token limits of `budget` that a prompt keeps, without a call to the model.

    `max_output_tokens` None is none set: the model may then answer up to its own maximum.
    """
    checks = []
    if budget.prompt_tokens is not None:
        estimate = None if prompt_text is None else estimated_tokens(prompt_text)
        checks.append(_prompt(intent, declared_prompt_tokens, estimate, budget.prompt_tokens))
    if budget.output_tokens is not None:
        checks.append(_most_output(intent, max_output_tokens, budget.output_tokens))
    return tuple(checks)


def _prompt(intent: str, declared: int | None, estimate: int | None, limit: int) -> BudgetCheck:
    kept: bool | None = True
    seen = estimate if declared is None else declared
    if declared is not None and declared > limit:
        kept, detail = False, "as the prompt declares"
    elif estimate is not None and estimate * CERTAIN > limit:
        kept, seen, detail = False, estimate, "estimated from the text"
        if declared is not None:
            detail += f", which declares {declared}"
    elif estimate is not None and estimate > limit:
        detail = f"warning: the text may have {estimate} tokens; count them with the model"
    elif seen is None:
        kept, detail = None, f"the prompt of {intent} declares no tokens, and its text is unknown"
    else:
        detail = "as the prompt declares" if declared is not None else "estimated from the text"
    return _check(PROMPT, limit, seen, kept=kept, detail=detail)


def _most_output(intent: str, most: int | None, limit: int) -> BudgetCheck:
    if most is None:
        detail = f"{intent} sets no max_output_tokens: the model's own maximum holds"
        return _check(OUTPUT, limit, None, kept=False, detail=detail)
    return _check(OUTPUT, limit, most, kept=most <= limit, detail="max_output_tokens")


def _check(
    name: str, limit: float, seen: float | None, *, kept: bool | None, detail: str
) -> BudgetCheck:
    unit = "ms" if name == P95 else "tokens"
    return BudgetCheck(name=name, unit=unit, limit=limit, observed=seen, kept=kept, detail=detail)


def observed(
    name: str, limit: float, seen: float | None, *, low: float | None, high: float | None
) -> BudgetCheck:
    """A measured figure with its one-sided limits: over only where the lower one is over.

    At or below the limit it is kept, as it is for the p95, with a word where
    its upper limit is over.
    """
    what = "the p95" if name == P95 else "the mean"
    kept: bool | None
    if seen is None:
        kept, detail = None, "too few samples"
    elif seen <= limit:
        kept, detail = True, ""
        if high is None or high > limit:
            detail = f"{what} of all calls may be over it"
    elif low is not None and low > limit:
        kept, detail = False, f"the lower limit of {what} is over it"
    else:
        kept, detail = None, f"{what} of all calls may be below it"
    return _check(name, limit, seen, kept=kept, detail=detail)


def with_p(check: BudgetCheck, p_value: float | None) -> BudgetCheck:
    """The check with the p value of "within the limit", for a correction over intents."""
    return replace(check, p_value=p_value)
