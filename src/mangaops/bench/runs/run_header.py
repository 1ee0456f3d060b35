"""The first line of a run file: the conditions of the run, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime

from mangaops.bench.runs.run_lines import ANOTHER, Fields
from mangaops.bench.runs.sample import SCHEMA, UNIT, CacheMode, PromptUsed, RunHeader
from mangaops.errors import nearest

_KEYS = ("schema", "prompt_version", "intent", *(one.name for one in fields(RunHeader)))
_PROMPT_KEYS = tuple(one.name for one in fields(PromptUsed))


def header_line(header: RunHeader) -> str:
    """The header as the first line, with its end.

    `prompt_version` and `intent` stand there too, where there is only one of each.
    """
    versions = {one.version for used in header.prompts.values() for one in used}
    document: dict[str, object] = {
        "schema": SCHEMA,
        "run": header.run,
        "started_at": written(header.started_at),
    }
    if len(header.arms) == 1 and len(versions) == 1:
        document["prompt_version"] = next(iter(versions))
    if len(header.prompts) == 1:
        document["intent"] = next(iter(header.prompts))
    document |= {
        "arms": list(header.arms),
        "prompts": {
            intent: [asdict(one) for one in used] for intent, used in header.prompts.items()
        },
        "environment": header.environment,
        "region": header.region,
        "workload": header.workload,
        "seed": header.seed,
        "samples_per_arm": header.samples_per_arm,
        "warm_up": header.warm_up,
        "concurrency": header.concurrency,
        "rate_per_s": header.rate_per_s,
        "cache": header.cache.value,
        "interleaved": header.interleaved,
        "client": header.client,
        "unit": header.unit,
    }
    return json.dumps(document, allow_nan=False) + "\n"


def written(instant: datetime) -> str:
    """A time as run files have it: UTC, to the microsecond."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def header_of(found: Mapping[str, object], place: str, number: int = 1) -> RunHeader:
    """The header that the first line's object is. Raises InputError."""
    line = Fields(found, place, number)
    _refuse_other_schemas(line)
    line.only(_KEYS)
    if (unit := line.text("unit", UNIT)) != UNIT:
        raise line.wrong(f"the unit is {unit}, not {UNIT}", "times of a run are in milliseconds")
    arms = line.texts("arms")
    if len(arms) not in {1, 2}:
        raise line.wrong(f"a run has one arm or two, not {len(arms)}")
    prompts = _prompts(line, len(arms))
    _refuse_contradictions(line, prompts)
    return RunHeader(
        run=_name(line),
        started_at=line.instant("started_at"),
        arms=arms,
        prompts=prompts,
        environment=line.text("environment", ""),
        region=line.text("region", ""),
        workload=line.text("workload", ""),
        seed=line.count("seed", 0),
        samples_per_arm=line.count("samples_per_arm", 0),
        warm_up=line.count("warm_up", 0),
        concurrency=line.count("concurrency", 1),
        rate_per_s=line.optional_rate("rate_per_s"),
        cache=_cache(line),
        interleaved=line.flag("interleaved", default=True),
        client=line.text("client", ""),
        unit=unit,
    )


def _refuse_contradictions(line: Fields, prompts: Mapping[str, tuple[PromptUsed, ...]]) -> None:
    """What is said for readers of one version or intent must be what `prompts` says."""
    versions = {one.version for used in prompts.values() for one in used}
    for key, known in (("intent", set(prompts)), ("prompt_version", versions)):
        if line.found.get(key) is not None and {line.text(key)} != known:
            named = ", ".join(sorted(known))
            raise line.wrong(f"{key} is {line.text(key)}, and the prompts are of {named}")
    arms = line.texts("arms")
    for label, versions in zip(arms, _by_arm(prompts), strict=True):
        if len(set(arms)) < len(arms) and len(versions) == 1 and label not in versions:
            named = next(iter(versions))
            raise line.wrong(f"both arms are {label}, and one has the prompt {named}")
    if line.count("concurrency", 1) == 0:
        raise line.wrong("concurrency is 0, not a whole number from 1 on")


def _by_arm(prompts: Mapping[str, tuple[PromptUsed, ...]]) -> list[set[str]]:
    """The versions of each arm's prompts."""
    return [{one.version for one in arm} for arm in zip(*prompts.values(), strict=True)]


def _refuse_other_schemas(line: Fields) -> None:
    schema = line.found.get("schema")
    if schema == SCHEMA:
        return
    name, _, version = schema.partition("/") if isinstance(schema, str) else ("", "", "")
    if name == SCHEMA.partition("/")[0] and version.isdecimal():
        what = f"this run file is of version {version[:20]}; this mangaops reads version 1"
        raise line.wrong(what, "read it with the mangaops that wrote it")
    hint = f'a run file begins with {{"schema": "{SCHEMA}", ...}}; mangaops bench run writes one'
    raise line.wrong("there is no header of a benchmark run", hint)


def _name(line: Fields) -> str:
    name = line.text("run")
    if not name or any(one in name for one in "/\\\n\x00"):
        raise line.wrong("run is no name of a run")
    return name


def _cache(line: Fields) -> CacheMode:
    given = line.text("cache", CacheMode.OFF.value)
    modes = [one.value for one in CacheMode]
    if given not in modes:
        hint = nearest(given, modes) or ANOTHER
        raise line.wrong(f"cache is {json.dumps(given)}, not {' or '.join(modes)}", hint)
    return CacheMode(given)


def _prompts(line: Fields, arms: int) -> dict[str, tuple[PromptUsed, ...]]:
    found = line.found.get("prompts")
    if not isinstance(found, dict) or not found:
        raise line.type_error("prompts", "an object of intents")
    return {intent: _prompts_of(line, intent, given, arms) for intent, given in found.items()}


def _prompts_of(line: Fields, intent: str, given: object, arms: int) -> tuple[PromptUsed, ...]:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise line.wrong(f"the prompts of {intent} are no list of objects")
    if len(given) != arms:
        raise line.wrong(f"{intent} has {len(given)} prompts, and the run {arms} arms")
    return tuple(_prompt(Fields(one, line.place, line.number)) for one in given)


def _prompt(line: Fields) -> PromptUsed:
    line.only(_PROMPT_KEYS)
    return PromptUsed(
        version=line.text("version"),
        digest=line.text("digest"),
        prompt_tokens=line.optional_count("prompt_tokens"),
        max_output_tokens=line.optional_count("max_output_tokens"),
    )
