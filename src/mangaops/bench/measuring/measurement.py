"""One run as it will be carried out: prompts, models, calls and cost, all of it settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from mangaops.bench.measuring.cost import AROUND, Estimate, Load, estimate, price_of
from mangaops.bench.measuring.prompts import ACTIVE, Prompt
from mangaops.bench.measuring.schedule import Call, Schedule
from mangaops.bench.measuring.workload import SHORT_NAMES, IntentLoad, Workload
from mangaops.bench.runs.sample import CacheMode, Run, RunHeader
from mangaops.errors import InputError
from mangaops.model.asking import Request
from mangaops.model.settings import Price
from mangaops.model.tokens import estimated_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """`models` are ids by intent. `before` is what a run that is resumed has already."""

    header: RunHeader
    workload: Workload
    prompts: Mapping[str, tuple[Prompt, ...]]
    models: Mapping[str, str]
    prices: Mapping[str, Price]
    before: Run | None = None

    @property
    def schedule(self) -> Schedule:
        header = self.header
        return Schedule(
            messages={name: len(self.workload.intents[name].messages) for name in self.prompts},
            arms=len(header.arms),
            samples=header.samples_per_arm,
            warm_up=header.warm_up,
            seed=header.seed,
        )

    def calls(self) -> Iterator[Call]:
        """What is left to do, warm-up first."""
        schedule = self.schedule
        if self.before is None:
            return schedule.calls()
        done = {one.number for one in self.before.samples}
        first = max([len(schedule) - 1, *done]) + 1
        left = (one for one in schedule.calls() if not one.warm_up and one.number not in done)
        return chain(schedule.warming(first), left)

    def left(self) -> int:
        return sum(1 for _ in self.calls())

    def request(self, call: Call) -> Request:
        prompt = self.prompts[call.intent][call.arm]
        return Request(
            model=self.models[call.intent],
            system=prompt.text,
            message=self.workload.intents[call.intent].messages[call.message],
            max_output_tokens=prompt.max_output_tokens,
            cached=self.header.cache is CacheMode.WARM,
            metadata={"prompt_version": prompt.version, "intent": call.intent},
        )

    def loads(self) -> tuple[Load, ...]:
        """The calls that are left, by intent and arm."""
        counts: dict[tuple[str, int], int] = {}
        for call in self.calls():
            counts[call.intent, call.arm] = counts.get((call.intent, call.arm), 0) + 1
        return tuple(
            Load(
                intent=intent,
                arm=arm,
                model=self.models[intent],
                calls=counts.get((intent, arm), 0),
                input_tokens=prompt.tokens + self._message_tokens(intent) + AROUND,
                output_tokens=prompt.max_output_tokens,
                price=price_of(self.models[intent], self.prices),
            )
            for intent, prompts in self.prompts.items()
            for arm, prompt in enumerate(prompts)
        )

    def estimate(self) -> Estimate:
        return estimate(self.loads())

    def _message_tokens(self, intent: str) -> int:
        """Of the longest message."""
        return max(map(estimated_tokens, self.workload.intents[intent].messages))


def labels(prompts: Mapping[str, tuple[Prompt, ...]]) -> tuple[str, ...]:
    """An arm's label: its version, or `active` where that differs from intent to intent."""
    arms = zip(*prompts.values(), strict=True)
    versions = [{prompt.version for prompt in arm} for arm in arms]
    return tuple(each.pop() if len(each) == 1 else ACTIVE for each in versions)


def refuse_changed(run: Run, measurement: Measurement) -> None:
    """Raises InputError where a run would go on with other prompts, messages or models."""
    header, now = run.header, measurement
    for intent, used in header.prompts.items():
        for before, prompt in zip(used, now.prompts[intent], strict=True):
            if before.digest != prompt.used.digest:
                raise _changed(run, f"the text of {intent} {before.version} has changed")
    if header.workload != now.workload.name:
        raise _changed(run, f"the workload has changed: {header.workload}")
    for sample in run.samples:
        if sample.model != now.models[sample.intent]:
            raise _changed(run, f"{sample.intent} was measured with {sample.model}")


def _changed(run: Run, what: str) -> InputError:
    hint = "a run is measured under the same conditions from start to end: start a new one"
    return InputError(f"{what} since", where=f"--resume {run.header.run}", hint=hint)


def resolved_models(
    loads: Iterable[IntentLoad], parameter: Callable[[str], str]
) -> Mapping[str, str]:
    """Ids by intent; `parameter` gives that of a short name."""
    each = tuple(loads)
    ids = {
        name: parameter(name) if name in SHORT_NAMES else name
        for name in dict.fromkeys(one.model for one in each)
    }
    return {one.intent: ids[one.model] for one in each}
