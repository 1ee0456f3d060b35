"""`mangaops bench run|compare|gate|history|aa|watch|rollout`: the group of these commands."""

from __future__ import annotations

from types import MappingProxyType

import typer

from mangaops.cli.group import Entry, LazyGroup

COMMANDS = MappingProxyType(
    {
        name: Entry(module=f"mangaops.cli.bench.{name}", summary=summary)
        for name, summary in (
            ("run", "Measure prompts: send a workload, keep every sample."),
            ("compare", "Compare two prompt versions, with limits and causes."),
            ("gate", "Let a prompt pass or not: budgets and comparison, for CI."),
            ("history", "Find when stored runs became slower or faster."),
            ("aa", "Measure the noise: which margin means something."),
            ("watch", "Guard an activation: measure, compare, roll back."),
            ("rollout", "Say whether a stage may go on: promote, hold, roll back."),
        )
    }
)
_EXAMPLES = """\
mangaops bench run workload.yaml --baseline v2.0 --candidate v2.1
mangaops bench compare last
mangaops bench gate last --output markdown"""


class Bench(LazyGroup):
    """Lists its commands without importing them."""

    entries = COMMANDS


app = typer.Typer(
    cls=Bench,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    epilog=_EXAMPLES,
)


@app.callback()
def bench() -> None:
    """Measure, compare and gate the latency of prompts."""
