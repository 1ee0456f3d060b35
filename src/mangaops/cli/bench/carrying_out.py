"""A measurement, carried out: model, pace, progress and looks are put together here."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mangaops.aws.errors import translated
from mangaops.bench.comparing.rules import Rules
from mangaops.bench.measuring.cost import Spending
from mangaops.bench.measuring.limiter import Spacing
from mangaops.bench.measuring.runner import Ending, Model, Runner, Stopped
from mangaops.cli.bench.counting import Counting
from mangaops.cli.progress import one_line
from mangaops.fm.single import SingleCall
from mangaops.fm.transport.bedrock import BedrockTransport

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.bench.measuring.measurement import Measurement
    from mangaops.bench.runs.sample import Sample
    from mangaops.bench.runs.writer import Writer
    from mangaops.cli.bench.measuring import Plan
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Show
    from mangaops.model.settings import Environment


def carried_out(
    context: AppContext,
    show: Show,
    environment: Environment,
    aws: Aws,
    plan: Plan,
    ready: Measurement,
    writer: Writer,
) -> tuple[Ending, float]:
    """Why it ended, and what all of the run has cost. A whole run is finished, too."""
    model = _model(aws, timeout_s=plan.timeout_s)
    spending = Spending(ready.loads(), limit_usd=plan.max_usd)
    samples = list(ready.before.samples if ready.before else ())
    for sample in samples:
        spending.count(sample.intent, sample.arm, sample)
    with one_line(context, show) as tell:
        counting = Counting(tell, of=ready.left(), spending=spending, clock=context.monotonic)

        def keep(sample: Sample) -> None:
            writer.append(sample)
            samples.append(sample)
            counting.count(failed=sample.failure is not None)

        runner = _runner(context, model, ready, spending, keep)
        if plan.until_decided:
            rules = Rules.of(environment.benchmarks)
            ending = _until_decided(context, show, ready, runner, samples, rules)
        else:
            ending = runner.run(ready.calls())
    if ending.stopped is Stopped.DONE:
        writer.finish(context.clock())
    return ending, spending.usd


def _model(aws: Aws, *, timeout_s: float) -> Model:
    """Its client is made here, so that no call's time holds it."""
    region = aws.region
    transport = BedrockTransport(
        lambda region: aws.client(
            "bedrock-runtime", region=region, attempts=1, read_timeout=timeout_s
        ),
        clock=time.perf_counter,
    )
    transport.prepare(region)
    return SingleCall(transport, region=region, timeout_s=timeout_s, translated=translated)


def _runner(
    context: AppContext,
    model: Model,
    ready: Measurement,
    spending: Spending,
    keep: Callable[[Sample], None],
) -> Runner:
    return Runner(
        model=model,
        request=ready.request,
        keep=keep,
        spending=spending,
        spacing=Spacing(ready.header.rate_per_s, clock=context.monotonic),
        clock=context.clock,
        sleep=context.sleep,
        concurrency=ready.header.concurrency,
    )


def _until_decided(
    context: AppContext,
    show: Show,
    ready: Measurement,
    runner: Runner,
    samples: Sequence[Sample],
    rules: Rules,
) -> Ending:
    from mangaops.bench.comparing.comparison import Verdict  # noqa: PLC0415 - only for it
    from mangaops.bench.measuring.looks import parts, verdict_of  # noqa: PLC0415 - as above

    ending = Ending(stopped=Stopped.DONE)
    for part in parts(ready.schedule, ready.calls()):
        ending = runner.run(part.calls)
        if ending.stopped is not Stopped.DONE:
            return ending
        verdict = verdict_of(ready.header, samples, part, rules, at=context.clock())
        context.note(show, f"look {part.look}, {part.samples} samples a side: {verdict.value}")
        if verdict is not Verdict.INCONCLUSIVE:
            break
    return ending
