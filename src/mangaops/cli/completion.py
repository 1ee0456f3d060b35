"""What the shell offers after TAB. Never an error: a completion that cannot say is empty.

Nothing here loads AWS, the loaders or a renderer: a person waits for it. The
configuration is looked into without being checked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer

from mangaops.errors import MangaopsError

_INTENTS = re.compile(r"\w_intents: *(?:\{ *default: *)?\[([^\]]*)\]")
"""A list of intents, as a parameter of a runbook or of the configuration."""
_LARGEST = 1_000_000
_HEAD = 4096
_NEWEST = 20
"""Stored runs whose headers are looked into."""


def runbooks(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names, of all folders that the command would look in; files once there is a slash."""
    if "/" in incomplete:
        return _files(incomplete, (".yaml", ".yml"))
    from mangaops.runbook.library import Library  # noqa: PLC0415 - lazy

    return _matching(Library(list(_folders(ctx))).names(), incomplete)


def scenarios(incomplete: str) -> list[str]:
    folder = Path(__file__).parent.parent / "sandbox" / "scenarios"
    return _matching((file.stem for file in folder.glob("*.yaml")), incomplete)


def diagnoses(incomplete: str) -> list[str]:
    from mangaops.cli.runs import run_store  # noqa: PLC0415 - lazy

    return _runs(lambda: run_store(os.environ).names(), incomplete)


def everything(incomplete: str) -> list[str]:
    """Diagnoses and changes."""
    from mangaops.cli.runs import run_store  # noqa: PLC0415 - lazy

    return _runs(lambda: run_store(os.environ).everything(), incomplete)


def changes(incomplete: str) -> list[str]:
    from mangaops.cli.runs import run_store  # noqa: PLC0415 - lazy

    return _runs(lambda: run_store(os.environ).changes(), incomplete)


def plans(incomplete: str) -> list[str]:
    """Plan files, and the ids of the plans that were kept."""
    from mangaops.cli.changes.plan_store import plan_store  # noqa: PLC0415 - lazy

    kept: list[str] = []
    with suppress(MangaopsError, OSError):
        kept = _matching(plan_store(os.environ).names(), incomplete)
    files = _files(incomplete, (".plan", ".json"))
    return [*kept, *(one for one in files if not one.endswith(".json") or _is_plan(Path(one)))]


def capsules(incomplete: str) -> list[str]:
    """Capsule files, and the runs that have one."""
    return [*diagnoses(incomplete), *capsule_files(incomplete)]


def capsule_files(incomplete: str) -> list[str]:
    return _files(incomplete, (".capsule",))


def remedies(incomplete: str) -> list[str]:
    from mangaops.model.request import REMEDIES  # noqa: PLC0415 - lazy

    return _matching(REMEDIES, incomplete)


def models(incomplete: str) -> list[str]:
    return _matching(["sonnet", "haiku"], incomplete)


def intents(ctx: typer.Context, incomplete: str) -> list[str]:
    """Those that the runbooks and the configuration name; the table itself is in AWS."""
    files = [file for folder in _folders(ctx) for file in sorted(folder.glob("*.yaml"))]
    if (configuration := _configuration_file(ctx)) is not None:
        files.append(configuration)
    lists = (found for file in files for found in _INTENTS.findall(_text(file)))
    names = {name.strip(" \"'\n") for found in lists for name in found.split(",")}
    return _matching(names - {""}, incomplete)


def called_intents(ctx: typer.Context, incomplete: str) -> list[str]:
    """Of the model client: its own, and those of the configuration, right or wrong."""
    from mangaops.fm.defaults import TEMPLATES  # noqa: PLC0415 - lazy

    parts = (one.get("fm") for one in _environments(ctx).values() if isinstance(one, Mapping))
    written = (one.get("intents") for one in parts if isinstance(one, Mapping))
    names = {str(name) for one in written if isinstance(one, Mapping) for name in one}
    return _matching({*TEMPLATES, *names} - {"*"}, incomplete)


def chaos(incomplete: str) -> list[str]:
    """Faults of the models, and the list of them."""
    from mangaops.sandbox.model_chaos import CHAOS  # noqa: PLC0415 - lazy

    return _matching(["list", *CHAOS], incomplete)


def bench_runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Stored benchmark runs, the newest by `last`, and run files."""
    names = (file.stem for file in _bench_files(ctx))
    return [*_matching(["last", *names], incomplete), *_files(incomplete, (".jsonl",))]


def workloads(incomplete: str) -> list[str]:
    return _files(incomplete, (".yaml", ".yml"))


def workload_intents(ctx: typer.Context, incomplete: str) -> list[str]:
    """Of the workload that has been typed, right or wrong."""
    return _matching(_workload(ctx), incomplete)


def workload_versions(ctx: typer.Context, incomplete: str) -> list[str]:
    """Those that come with the workload, and those of the newest stored runs."""
    parts = (one for one in _workload(ctx).values() if isinstance(one, Mapping))
    given = {
        str(v) for one in parts if isinstance(one.get("versions"), Mapping) for v in one["versions"]
    }
    return _matching({*given, *bench_versions(ctx, incomplete)}, incomplete)


def _workload(ctx: typer.Context) -> Mapping[str, Any]:
    """Its intents, not checked; nothing where the file cannot be read.

    While an option's value is completed, Click has not given arguments their names yet.
    """
    from mangaops.runbook.strict_yaml import StrictYamlError, parse, read_file  # noqa: PLC0415 - yaml

    typed = ctx.params.get("workload") or next(iter(ctx.args), None)
    try:
        data = parse(read_file(Path(str(typed))), "").data
    except StrictYamlError:
        return {}
    found = data.get("intents") if isinstance(data, Mapping) else None
    return {str(key): value for key, value in found.items()} if isinstance(found, Mapping) else {}


def bench_versions(ctx: typer.Context, incomplete: str) -> list[str]:
    """Of the newest stored runs."""
    found = (header.get("arms") for header in _bench_headers(ctx))
    names = {str(one) for arms in found if isinstance(arms, list) for one in arms}
    return _matching(names, incomplete)


def bench_intents(ctx: typer.Context, incomplete: str) -> list[str]:
    """Of the newest stored runs."""
    found = (header.get("prompts") for header in _bench_headers(ctx))
    names = {str(one) for prompts in found if isinstance(prompts, dict) for one in prompts}
    return _matching(names, incomplete)


def _bench_files(ctx: typer.Context) -> list[Path]:
    """Run files of a store that is a folder: S3 is too far away for a TAB. Oldest first."""
    from mangaops.cli.runs import state_folder  # noqa: PLC0415 - lazy

    try:
        given = ctx.params.get("store")
        folder = Path(given).expanduser() if given else state_folder(os.environ) / "bench"
        return sorted(folder.glob("*.jsonl"))
    except (MangaopsError, OSError, RuntimeError):
        return []


def _bench_headers(ctx: typer.Context) -> Iterator[Mapping[str, Any]]:
    import json  # noqa: PLC0415 - lazy

    for file in _bench_files(ctx)[-_NEWEST:]:
        with suppress(ValueError):
            header = json.loads(_text(file, _LARGEST).partition("\n")[0])
            if isinstance(header, dict):
                yield header


def environments(ctx: typer.Context, incomplete: str) -> list[str]:
    return _matching([*_environments(ctx), "sandbox"], incomplete)


def _folders(ctx: typer.Context) -> Iterator[Path]:
    """Where the command looks for runbooks, in its order."""
    from mangaops.runbook.library import shipped_folder  # noqa: PLC0415 - lazy

    if given := ctx.params.get("runbooks"):
        yield Path(given)
    file = _configuration_file(ctx)
    for environment in _environments(ctx).values() if file else ():
        found = environment.get("runbooks") if isinstance(environment, Mapping) else None
        for folder in found if isinstance(found, list) else ():
            if file is not None and isinstance(folder, str):
                yield file.parent / folder
    yield shipped_folder()


def _configuration_file(ctx: typer.Context) -> Path | None:
    from mangaops.cli.context import configuration_file  # noqa: PLC0415 - it imports this module

    given = ctx.params.get("config")
    try:
        return configuration_file(Path(given) if given else None, os.environ)
    except (MangaopsError, OSError):
        return None


def _environments(ctx: typer.Context) -> Mapping[str, Any]:
    """As they are written, right or wrong; nothing where the file cannot be read."""
    file = _configuration_file(ctx)
    if file is None:
        return {}
    from mangaops.runbook.strict_yaml import StrictYamlError, parse, read_file  # noqa: PLC0415 - yaml

    try:
        data = parse(read_file(file), str(file)).data
    except StrictYamlError:
        return {}
    found = data.get("environments") if isinstance(data, Mapping) else None
    return {str(key): value for key, value in found.items()} if isinstance(found, Mapping) else {}


def _runs(names: Any, incomplete: str) -> list[str]:
    try:
        return _matching(["last", *names()], incomplete)
    except (MangaopsError, OSError):
        return _matching(["last"], incomplete)


def _files(incomplete: str, ends: tuple[str, ...]) -> list[str]:
    """Files that end so, and folders, below what has been typed."""
    typed, _, start = incomplete.rpartition("/")
    before = incomplete[: len(incomplete) - len(start)]
    folder = Path(typed or ("/" if before else "."))
    try:
        found = sorted(folder.expanduser().iterdir())
    except (OSError, RuntimeError):
        return []
    names = (f"{one.name}/" if one.is_dir() else one.name for one in found)
    hidden = start.startswith(".")
    return [
        before + name
        for name in names
        if name.startswith(start) and name.endswith(("/", *ends)) and (hidden or name[0] != ".")
    ]


def _is_plan(file: Path) -> bool:
    """A folder holds many a JSON document: a plan says what it is at its beginning."""
    try:
        return '"mangaops.plan/' in _text(file.expanduser(), _HEAD)
    except RuntimeError:
        return False


def _text(file: Path, most: int = _LARGEST) -> str:
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(most)
    except OSError:
        return ""


def _matching(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
