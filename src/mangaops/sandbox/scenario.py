"""Scenarios: incidents (and healthy hours) of MangaAssist that a sandbox can hold.

scenario.py             finding and reading the files; imports nothing of AWS
scenario_file.py        their format; scenario_parts.py, scenario_models.py,
                        scenario_benchmarks.py and recovery_format.py are parts of it
scenario_world.py       telemetry, resources and faults into the world
scenario_resources.py   the resources among them; stored_runs.py, benchmark runs in S3
conditions.py           whether the world is as a recovery asks
telemetry/              metrics and logs, minute by minute
scenarios/NAME.yaml     the scenarios
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any, cast

from pydantic import ValidationError

from mangaops.errors import InputError, nearest
from mangaops.runbook.strict_yaml import Document, StrictYamlError, parse, read_file
from mangaops.sandbox.scenario_file import ScenarioFile
from mangaops.sandbox.world import World

FOLDER = Path(__file__).parent / "scenarios"
_APPENDED = ("metrics", "parameters", "resources", "redis", "faults", "retired", "benchmarks")
_MERGED = ("logs", "arguments", "past", "scaling", "search", "health", "models")


def scenario_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """Every scenario of the folder, sorted."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


def load_scenario(name: str, folder: Path = FOLDER) -> ScenarioFile:
    """The scenario with everything that it extends; raises InputError."""
    merged = _merged(name, folder, ())
    return _validated(merged, folder / f"{name}.yaml")


def apply(world: World, name: str, client_factory: Callable[[str], Any]) -> None:
    """Puts a scenario into a seeded world: telemetry, resources, and then its faults."""
    from mangaops.sandbox import scenario_world  # noqa: PLC0415 - brings moto and botocore

    scenario_world.apply(world, load_scenario(name), client_factory)


def ticker(world: World, stopped: Event) -> None:
    """Writes each new minute of telemetry until `stopped` is set."""
    from mangaops.sandbox import scenario_world  # noqa: PLC0415 - as above

    scenario_world.ticker(world, stopped)


def _merged(name: str, folder: Path, seen: tuple[str, ...]) -> dict[str, Any]:
    """The document over all that it extends; each file by itself is a whole scenario."""
    path = folder / f"{name}.yaml"
    if name in seen:
        raise InputError(f"scenario {name} extends itself", where=path.name)
    document = _read(path, folder)
    scenario = _validated(document.data, path, document)
    own = cast("dict[str, Any]", document.data)
    if scenario.extends is None:
        return own
    return _over(_merged(scenario.extends, folder, (*seen, name)), own)


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The base's document under a scenario's own: lists follow it, sections merge."""
    result = {**base, **own}
    for key in _APPENDED:
        if key in base and key in own:
            result[key] = [*base[key], *own[key]]
    for key in _MERGED:
        if key in base and key in own:
            result[key] = _deep(base[key], own[key])
    return result


def _deep(base: Any, own: Any) -> Any:
    if isinstance(base, Mapping) and isinstance(own, Mapping):
        return {**base, **{key: _deep(base.get(key), value) for key, value in own.items()}}
    return own


def _read(path: Path, folder: Path) -> Document:
    if not path.is_file():
        raise InputError(
            f"no scenario is named `{path.stem}`",
            where=folder.name,
            hint=nearest(path.stem, scenario_names(folder)),
        )
    try:
        return parse(read_file(path), str(path))
    except StrictYamlError as error:
        finding = error.finding
        raise InputError(finding.message, where=str(finding.place), hint=finding.hint) from None


def _validated(data: Any, path: Path, document: Document | None = None) -> ScenarioFile:
    """Raises InputError at the place of the first thing that is wrong."""
    try:
        scenario = ScenarioFile.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        keys = first["loc"]
        where = str(document.place(keys)) if document else path.name
        name = ".".join(str(key) for key in keys)
        raise InputError(f"{name}: {first['msg']}", where=where) from None
    if scenario.name != path.stem:
        raise InputError(f"the file of scenario {scenario.name} is {path.name}", where=path.name)
    return scenario
