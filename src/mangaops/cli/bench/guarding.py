"""What a watch does to the world: reads the prompt table, measures, asks the safeguard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mangaops.bench.comparing.comparison import Report
from mangaops.bench.comparing.sides import sides
from mangaops.bench.guarding.rounds import Rounds
from mangaops.bench.guarding.safeguard import Activation, End
from mangaops.bench.guarding.watching import Measured, Round
from mangaops.bench.measuring.runner import Stopped
from mangaops.bench.measuring.workload import Workload
from mangaops.bench.runs.store import RunStore
from mangaops.cli.bench.measuring import Measured as Done
from mangaops.cli.bench.measuring import Plan, measure
from mangaops.cli.bench.rolling_back import Sides, activation, rolled_back
from mangaops.cli.changes.workshop import Workshop
from mangaops.errors import Refused
from mangaops.render.bench_watch import round_line


@dataclass(slots=True, kw_only=True)
class Guard:
    """The surroundings of a watch. `plan` is what every round measures, but for versions.

    The prompts are always those of the table: what a workload brings along is not what
    customers get. Once a cost was agreed to, it is not asked about again.
    """

    shop: Workshop
    plan: Plan
    rounds: Rounds
    store: RunStore
    auto_rollback: bool
    yes: bool
    judged: Sides | None = None
    """What the newest report compares: where and with which texts it was measured."""

    def activations(self) -> Sequence[Activation]:
        return [activation(self.shop, intent) for intent in self.plan.workload.intents]

    def measure(
        self, activation: Activation, most_usd: float | None, planned: int
    ) -> Measured | None:
        plan = replace(
            self.plan,
            workload=_of_the_table(self.plan.workload, activation.intent),
            baseline=activation.before,
            candidate=activation.version,
            max_usd=most_usd,
        )
        try:
            done = measure(
                self.shop.app,
                self.shop.show,
                self.shop.environment,
                plan,
                self.store,
                yes=self.yes,
            )
        except Refused as refusal:
            if most_usd is None or self.plan.max_usd == most_usd:
                raise  # the first round: nothing was ever affordable
            self.tell(refusal.what)
            return None
        self.yes = True
        return Measured(
            run=done.run.header.run,
            report=self._report(done, activation, planned),
            usd=done.usd,
            cut=done.ending.stopped is Stopped.OVER_COST,
        )

    def _report(self, done: Done, activation: Activation, planned: int) -> Report | None:
        if done.ending.stopped is Stopped.INTERRUPTED:
            return None
        self.judged = sides(done.run, None, baseline=None, candidate=None)
        return self.rounds.judged(activation, done.run, planned)

    def act(self, report: Report) -> Sequence[End]:
        if self.judged is None:
            raise ValueError("nothing was measured yet")
        shop, wanted = self.shop, self.auto_rollback
        where, show = shop.where, shop.show
        return rolled_back(
            shop.app, where, show, shop.environment, report, self.judged, wanted=wanted
        )

    def tell(self, text: str) -> None:
        self.shop.note(f"{self.shop.app.clock():%H:%M:%S} {text}")

    def told(self, done: Round) -> None:
        self.shop.note(round_line(done))


def _of_the_table(workload: Workload, intent: str) -> Workload:
    load = replace(workload.intents[intent], versions={})
    return replace(workload, intents={intent: load})
