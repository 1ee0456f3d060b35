"""What `bench run`, `bench aa` and `bench watch` share: a plan, carried out, is a stored run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mangaops.bench.sample import CacheMode, Run

if TYPE_CHECKING:
    from mangaops.bench.store import RunStore
    from mangaops.bench.workload import Workload
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Show
    from mangaops.model.settings import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured. Without versions: the active one of each intent.

    `aa` sends one version under both arms. `samples` are for each intent and arm; `max_usd`
    None is no limit; `timeout_s` is for one whole call; `seed` None takes a new one.
    """

    workload: Workload
    baseline: str | None = None
    candidate: str | None = None
    aa: bool = False
    samples: int = 100
    warm_up: int = 5
    rate_per_s: float | None = None
    concurrency: int = 4
    max_usd: float | None = None
    timeout_s: float = 60.0
    cache: CacheMode = CacheMode.OFF
    seed: int | None = None


def measured(
    context: AppContext,
    show: Show,
    environment: Environment,
    plan: Plan,
    store: RunStore,
    *,
    yes: bool = False,
) -> Run:
    """The run, stored and read back; it shows its cost, its progress and nothing else.

    A run that stopped at its `max_usd` is returned as far as it came. Raises Refused where
    the cost was not agreed to (`yes` agrees), Interrupted after Ctrl-C with the command that
    resumes, AwsError where nothing could be measured.
    """
    raise NotImplementedError
