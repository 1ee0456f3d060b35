"""The functions of the condition language, by what they are applied to.

    of_series    one series and a sub-window of it
    of_members   generators and lists: all, any, share, and the aggregates
    of_tables    rows, columns, groups and look-ups
    of_scalars   times, texts and single numbers
    of_knowing   known()
    members      what a generator goes through; subjects, which member a check is about

Each takes the evaluator, the call and its surroundings; `diagnose.signatures` has
checked number and types of the arguments at load.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from mangaops.diagnose.env import Env, Evaluates
from mangaops.diagnose.functions import of_knowing, of_members, of_scalars, of_series, of_tables
from mangaops.diagnose.values import Value

Function = Callable[[Evaluates, ast.Call, Env], Value]

FUNCTIONS: Mapping[str, Function] = {
    **of_series.FUNCTIONS,
    **of_members.FUNCTIONS,
    **of_tables.FUNCTIONS,
    **of_scalars.FUNCTIONS,
    **of_knowing.FUNCTIONS,
}
