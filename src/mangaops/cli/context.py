"""Wiring: from options and environment variables to the objects that do the work.

The one module that calls constructors of several packages. Everything is imported
where it is needed, so that a command pays for what it uses.
"""

from __future__ import annotations

import os
import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from mangaops.cli import embedded
from mangaops.cli.options import Files, Show, Where
from mangaops.cli.runs import RunStore, run_store, state_folder
from mangaops.cli.terminal import Terminal, system_terminal
from mangaops.errors import ConfigError, InputError, RunbookError

if TYPE_CHECKING:
    from mangaops.aws.session import Aws
    from mangaops.config.load import Settings
    from mangaops.model.runbook import Runbook
    from mangaops.model.settings import Environment
    from mangaops.runbook.library import Library

CONFIGURATION = "mangaops.yaml"
DRY_RUN = "MANGAOPS_DRY_RUN"


def connected(environment: Environment, app: AppContext) -> Aws:
    """The way into AWS; one that can only read when the process may change nothing."""
    from mangaops.aws.session import Aws  # noqa: PLC0415 - not for --help

    return Aws(environment, environ=app.environ, clock=app.monotonic, read_only=app.read_only)


@dataclass(frozen=True, kw_only=True)
class AppContext:
    """What every command gets: the process's surroundings, replaceable in tests.

    `fsync` makes a journal's entries durable, `connect` is the only way into AWS.
    """

    terminal: Terminal
    environ: Mapping[str, str]
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = field(default=time.sleep)  # the one real sleep
    token: Callable[[int], str] = field(default=secrets.token_hex)
    rng: random.Random = field(default_factory=random.SystemRandom)
    fsync: Callable[[int], None] = field(default=os.fsync)
    connect: Callable[[Environment, AppContext], Aws] = field(default=connected)

    @property
    def read_only(self) -> bool:
        """MANGAOPS_DRY_RUN: no command of this process can change anything."""
        return self.environ.get(DRY_RUN, "").lower() not in {"", "0", "false", "no"}

    def aws(self, environment: Environment) -> Aws:
        return self.connect(environment, self)

    @cached_property
    def runs(self) -> RunStore:
        return run_store(self.environ)

    @cached_property
    def settings(self) -> dict[Path | None, Settings]:
        """What `settings_of` has read, by file; None is no file at all."""
        return {}

    @cached_property
    def state(self) -> Path:
        return state_folder(self.environ)

    def note(self, show: Show, line: str) -> None:
        """Something worth knowing that is no part of the answer."""
        if not show.quiet:
            self.terminal.say(line)


def system_context(environ: Mapping[str, str]) -> AppContext:
    return AppContext(
        terminal=system_terminal(environ),
        environ=environ,
        clock=lambda: datetime.now(UTC),  # the one place with a real clock
    )


def of(ctx: typer.Context) -> AppContext:
    """The context that the root command made, or a test gave."""
    found = ctx.obj
    if not isinstance(found, AppContext):
        raise TypeError("no AppContext")
    return found


def configuration_file(given: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The file that --config or MANGAOPS_CONFIG names, else ./mangaops.yaml if there is one."""
    named = given or (Path(environ["MANGAOPS_CONFIG"]) if environ.get("MANGAOPS_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise ConfigError(
                "this is no file" if named.exists() else "this configuration file does not exist",
                where=str(named),
                hint="correct --config or MANGAOPS_CONFIG; without one, the defaults hold",
            )
        return named
    usual = Path(CONFIGURATION)
    return usual if usual.is_file() else None


def settings_of(where: Files, app: AppContext) -> Settings:
    """The configuration, read once for a command however often it is asked for."""
    from mangaops.config.load import load_settings  # noqa: PLC0415 - pydantic

    file = configuration_file(where.config, app.environ)
    if file not in app.settings:
        app.settings[file] = load_settings(file, lambda one: _library_of(one, where))
    return app.settings[file]


def library_of(where: Files, app: AppContext) -> Library:
    """Shipped runbooks, and those of --runbooks and the configuration, which come first."""
    from mangaops.runbook.library import Library, shipped_folder  # noqa: PLC0415 - yaml

    more: list[Path] = []
    if where.runbooks:
        if not where.runbooks.is_dir():
            raise InputError("this is not a folder", where=str(where.runbooks), hint="--runbooks")
        more.append(where.runbooks)
    if configuration_file(where.config, app.environ):
        settings = settings_of(where, app)
        name = where.env if where.env and where.env != embedded.NAME else settings.default
        for folder in map(Path, settings.environment(name).runbook_folders):
            if not folder.is_dir():
                what = f"the runbook folder of environment `{name}` does not exist"
                raise ConfigError(what, where=str(folder), hint=f"correct {settings.path}")
            more.append(folder)
    return Library([*more, shipped_folder()])


def _library_of(environment: Environment, where: Files) -> Library | None:
    """To judge what is configured for runbooks; None where a folder of them is not there."""
    from mangaops.runbook.library import Library, shipped_folder  # noqa: PLC0415 - lazy

    folders = [Path(one) for one in (where.runbooks, *environment.runbook_folders) if one]
    return Library([*folders, shipped_folder()]) if all(one.is_dir() for one in folders) else None


def loaded_runbook(name: str, where: Files, app: AppContext) -> Runbook:
    """A runbook by name, or from a file when `name` looks like one."""
    if name.endswith((".yaml", ".yml")) or "/" in name:
        from mangaops.runbook.load import load_runbook  # noqa: PLC0415 - pydantic, yaml

        path = Path(name)
        if not path.is_file():
            raise RunbookError("this file does not exist", where=name, hint="mangaops runbook list")
        return load_runbook(path)
    return library_of(where, app).load(name)


@contextmanager
def environment_of(where: Where, app: AppContext) -> Iterator[Environment]:
    """The environment to work in; a sandbox for this command alone lives as long."""
    configured = _configured(where, app)
    if configured is not None:
        yield configured
        return
    started = (
        embedded.already_running(app.state)
        if where.sandbox is None
        else embedded.one_command(where.sandbox)
    )
    with started as running:
        if where.sandbox is not None and embedded.is_capsule(where.sandbox):
            for note in embedded.notes_of(running, library_of(where, app)):
                app.terminal.say(note)
        yield embedded.environment(running, embedded.base_of(running.scenario))


def place_of(where: Where, app: AppContext) -> Environment:
    """The environment that would be worked in: no sandbox is started, none need run."""
    configured = _configured(where, app)
    if configured is not None:
        return configured
    from mangaops.model.settings import DEFAULT_REGION, Environment  # noqa: PLC0415 - as above

    if where.sandbox is not None:
        embedded.known_scenario(where.sandbox)
    return Environment(name=embedded.NAME, region=DEFAULT_REGION)


def _configured(where: Where, app: AppContext) -> Environment | None:
    """The configuration's environment; None where a sandbox is wanted."""
    if where.sandbox is not None and where.env not in {None, embedded.NAME}:
        what = "--sandbox conflicts with --env"
        raise InputError(what, where="--sandbox", hint="give one of them")
    settings = settings_of(where, app)
    if where.sandbox is not None or where.env == embedded.NAME:
        return None
    environment = settings.environment(where.env or settings.default)
    if environment.parameters:
        _refuse_strangers(environment, library_of(where, app))
    return _with_options(environment, where, app)


def _refuse_strangers(environment: Environment, library: Library) -> None:
    """Parameters configured for a runbook that nobody has, with all else that is wrong."""
    from mangaops.runbook.configured import misconfigurations, strangers  # noqa: PLC0415 - only with parameters
    from mangaops.runbook.finding import misconfigured  # noqa: PLC0415 - as above

    if any(strangers(environment, library)):
        raise misconfigured(environment, tuple(misconfigurations(environment, library)))


def _with_options(environment: Environment, where: Where, app: AppContext) -> Environment:
    if where.region is not None:
        from mangaops.cli.regions import refuse_unknown  # noqa: PLC0415 - only with --region

        refuse_unknown(where.region)
    return replace(
        environment,
        region=where.region or environment.region,
        profile=where.profile or environment.profile,
        cache_url=app.environ.get("MANGAOPS_CACHE_URL") or environment.cache_url,
        resources=_resources(environment, app),
    )


def _resources(environment: Environment, app: AppContext) -> Mapping[str, str]:
    """MANGAOPS_BENCH_STORE replaces `bench_store`, as a sandbox that has runs sets it."""
    store = app.environ.get("MANGAOPS_BENCH_STORE")
    return {**environment.resources, "bench_store": store} if store else environment.resources
