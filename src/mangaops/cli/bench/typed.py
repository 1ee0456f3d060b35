"""Numbers as they were typed: refused before anything is read or sent."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mangaops.bench.runs.sample import MOST
from mangaops.errors import InputError

if TYPE_CHECKING:
    from mangaops.bench.comparing.rules import Rules
    from mangaops.model.settings import Benchmarks

MOST_SAMPLES = 100_000
MOST_AT_ONCE = 16
"""As many connections as a session keeps."""


def refuse_counts(given: Iterable[tuple[str, int, int, int]]) -> None:
    """Raises InputError for the first that is out of range: option, number, least and most."""
    for option, value, least, most in given:
        if not least <= value <= most:
            what = f"{value} is too {'few' if value < least else 'many'}"
            raise InputError(what, where=option, hint=f"a number from {least} to {most:,}")


def refuse_seed(seed: int | None) -> None:
    """Raises InputError for what a run file cannot hold."""
    if seed is not None and not 0 <= seed <= MOST:
        hint = f"a whole number from 0 to {MOST:,}"
        raise InputError(f"{seed} is no seed", where="--seed", hint=hint)


def refuse_limits(*, rate: float | None, max_usd: float | None) -> None:
    """Raises InputError where --rate or --max-usd limits nothing."""
    for option, number in (("--rate", rate), ("--max-usd", max_usd)):
        if number is not None and not 0 < number < math.inf:
            raise InputError(f"{number} is no limit", where=option, hint="a number above 0")


def refuse_margin(margin: float | None) -> None:
    """Before anything is read; `rules_of` says the same of it later."""
    from mangaops.model.settings import Benchmarks  # noqa: PLC0415 - not for --help

    rules_of(Benchmarks(), margin=margin)


def rules_of(benchmarks: Benchmarks, *, margin: float | None, seed: int | None = None) -> Rules:
    """The rules of an environment, and what was typed. InputError names the option."""
    from mangaops.bench.comparing.rules import Rules  # noqa: PLC0415 - not for --help

    try:
        return Rules.of(benchmarks, margin=margin, seed=seed)
    except InputError as error:
        where = "--seed" if "seed" in error.what else "--margin"
        hint = error.hint or "for example --seed 1"
        raise InputError(error.what, where=where, hint=hint) from None
