"""The form of `benchmarks:` in mangaops.yaml: how prompt changes are judged, and what they cost.

What is not written keeps its default. An intent's budget or a model's price replaces the
default of that name as a whole; `*` is the budget of intents that have none for a limit.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
)

from mangaops.model.settings import Benchmarks, LatencyBudget, Price
from mangaops.runbook.format import Duration

_DEFAULT = Benchmarks()


Number: TypeAlias = StrictFloat | StrictInt
Positive: TypeAlias = Annotated[Number, Field(gt=0)]
Tokens: TypeAlias = Annotated[StrictInt, Field(ge=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BudgetPart(_Part):
    """A limit that is not written, or null, is none of this intent's own."""

    prompt_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    p95_ms: Positive | None = None


class PricePart(_Part):
    """US dollars for a million tokens."""

    input: Annotated[Number, Field(ge=0)]
    output: Annotated[Number, Field(ge=0)]


class BenchmarksPart(_Part):
    margin: Annotated[Number, Field(gt=0, le=1)] = _DEFAULT.margin
    budgets: dict[str, BudgetPart] = {}
    prices: dict[str, PricePart] = {}
    auto_rollback: StrictBool = _DEFAULT.auto_rollback
    reaction: Duration = _DEFAULT.reaction


def benchmarks(part: BenchmarksPart) -> Benchmarks:
    return Benchmarks(
        margin=float(part.margin),
        budgets={
            **_DEFAULT.budgets,
            **{intent: _budget(one) for intent, one in part.budgets.items()},
        },
        prices={
            **_DEFAULT.prices,
            **{
                model: Price(input=float(one.input), output=float(one.output))
                for model, one in part.prices.items()
            },
        },
        auto_rollback=part.auto_rollback,
        reaction=part.reaction,
    )


def _budget(part: BudgetPart) -> LatencyBudget:
    return LatencyBudget(
        prompt_tokens=part.prompt_tokens,
        output_tokens=part.output_tokens,
        p95_ms=None if part.p95_ms is None else float(part.p95_ms),
    )
