"""The budgets of a workload's prompts, checked without a call to the model.

Where the workload brings the version along in its own files, nothing is read from AWS, and
intents that do not are left out: a pull request changes some prompts. Otherwise the prompt
table is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.bench.guarding.gate import Gate
from mangaops.errors import InputError

if TYPE_CHECKING:
    from mangaops.bench.comparing.comparison import BudgetCheck
    from mangaops.bench.measuring.prompts import Prompt
    from mangaops.bench.measuring.workload import IntentLoad, Workload
    from mangaops.cli.context import AppContext
    from mangaops.model.settings import Environment


def budgeted(
    context: AppContext,
    environment: Environment,
    file: Path,
    *,
    version: str | None,
    intent: str | None,
) -> Gate:
    """A gate without a run. Raises InputError for what is not there."""
    from mangaops.bench.measuring.prompts import given  # noqa: PLC0415 - not for --help
    from mangaops.bench.measuring.workload import load_workload  # noqa: PLC0415 - pydantic, yaml

    workload = load_workload(file)
    loads = _loads(workload, intent)
    version = version or _only_version(loads, file)
    brought = {name: load for name, load in loads.items() if version in load.versions}
    found = {name: given(load, version) for name, load in brought.items()}
    if not brought:
        found = _from_table(context, environment, loads, version)
    return Gate(
        checked={name: _checked(environment, name, prompt) for name, prompt in found.items()},
        version=version,
        file=str(file),
        skipped=tuple(name for name in loads if name not in found),
    )


def _loads(workload: Workload, intent: str | None) -> Mapping[str, IntentLoad]:
    if intent is None:
        return workload.intents
    workload.refuse_unknown([intent])
    return {intent: workload.intents[intent]}


def _only_version(loads: Mapping[str, IntentLoad], file: Path) -> str:
    """The one version that the workload brings along."""
    known = list(dict.fromkeys(name for load in loads.values() for name in load.versions))
    if len(known) == 1:
        return known[0]
    what = "which version is judged is not said"
    hint = f"--candidate {known[-1]}" if known else "--candidate VERSION, of the prompt table"
    raise InputError(what, where=str(file), hint=hint)


def _from_table(
    context: AppContext, environment: Environment, loads: Mapping[str, IntentLoad], version: str
) -> dict[str, Prompt]:
    from mangaops.aws.dynamodb import DynamoGateway  # noqa: PLC0415 - botocore
    from mangaops.bench.measuring.prompts import Prompts  # noqa: PLC0415 - as above

    reader = DynamoGateway(context.aws(environment))
    prompts = Prompts(reader=reader, table=environment.resources["prompt_table"])
    return {name: prompts.of(load, [version])[0] for name, load in loads.items()}


def _checked(environment: Environment, intent: str, prompt: Prompt) -> tuple[BudgetCheck, ...]:
    from mangaops.bench.comparing.budget import checked_prompt  # noqa: PLC0415 - not for --help
    from mangaops.bench.comparing.rules import budget_of  # noqa: PLC0415 - as above

    budget = budget_of(environment.benchmarks.budgets, intent)
    return checked_prompt(
        intent, prompt.text, prompt.prompt_tokens, prompt.max_output_tokens, budget
    )
