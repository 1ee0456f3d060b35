"""`diagnose --replay FILE`: the case of a capsule, walked again offline.

Nothing of this machine goes into the answer: run, time of telling, seconds and what the
next command must repeat are the recorded run's. A replay is no new run, so it keeps none.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import replace
from pathlib import Path

import typer

from mangaops.cli.capsules import capsule_of
from mangaops.cli.case import emit_case
from mangaops.cli.context import AppContext, library_of
from mangaops.cli.options import Recording, Show, Where, is_typed
from mangaops.cli.without_secrets import told_sets
from mangaops.errors import InputError, RunbookError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.walking import rewalked
from mangaops.model.time import iso
from mangaops.render.case import Case, seen_of
from mangaops.runbook.load import load_runbook
from mangaops.runbook.strict_yaml import StrictYamlError, read_file

_IGNORED = {
    "env": "--env",
    "region": "--region",
    "profile": "--profile",
    "sandbox": "--sandbox",
    "since": "--since",
    "start": "--from",
    "end": "--to",
    "sets": "--set",
    "answers": "--answer",
    "force": "--force",
    "deadline": "--deadline",
    "max_scan_gb": "--max-scan-gb",
    "record": "--record",
    "dry_run": "--dry-run",
}


def refuse_typed(ctx: typer.Context, recording: Recording) -> None:
    """Raises InputError for options that a replay would have to ignore."""
    typed = [option for name, option in _IGNORED.items() if is_typed(ctx, name)]
    if typed:
        what = f"{', '.join(typed)}: a replay is the diagnosis as it was recorded"
        raise InputError(what, where="--replay", hint="leave it out, or diagnose anew")
    if recording.recorded_runbook and recording.current_runbook:
        what = "--recorded-runbook conflicts with --current-runbook"
        raise InputError(what, where="--replay", hint="give one of them")


def replay(
    context: AppContext, name: str | None, where: Where, recording: Recording, show: Show
) -> Case:
    """Tells the recorded case; raises InputError for a file that is not a whole capsule."""
    capsule = capsule_of(context, str(recording.replay))
    _refuse_other_runbook(capsule, name)
    if recording.recorded_runbook:
        case = recorded_case(capsule)
    elif recording.current_runbook:
        case = _current_case(capsule, name, where, context)
    else:
        _refuse_other_version(capsule, name, where, recording, context)
        case = recorded_case(capsule)
    emit_case(context, show, case, now=capsule.at)
    return case


def recorded_case(capsule: Capsule) -> Case:
    """The case as it was told."""
    again = rewalked(capsule)
    return Case(
        run=capsule.run,
        diagnosis=again.diagnosis,
        site=capsule.site,
        window=capsule.window,
        evidence=seen_of(again.runbook, again.evidence),
        cost=capsule.cost,
        seconds=capsule.seconds,
        interrupted=capsule.interrupted,
        suffix=capsule.suffix,
        sets=told_sets(capsule.sets),
    )


def _current_case(capsule: Capsule, name: str | None, where: Where, context: AppContext) -> Case:
    """The recorded evidence under the runbook as it is now, and it says so."""
    current = load_runbook(_current_file(capsule, name, where, context))
    again = rewalked(capsule, current=current)
    told = (
        f"A replay of {capsule.run} with runbook version {current.digest[:8]}; "
        f"it was diagnosed with version {capsule.digest[:8]}."
    )
    diagnosis = replace(again.diagnosis, report=(*again.diagnosis.report, told))
    return replace(
        recorded_case(capsule),
        diagnosis=diagnosis,
        evidence=seen_of(again.runbook, again.evidence),
    )


def _refuse_other_runbook(capsule: Capsule, name: str | None) -> None:
    """Raises InputError where another runbook is named than the recorded one, or its file."""
    named = name
    if name is not None and _is_file(name):
        try:
            named = load_runbook(Path(name)).name
        except RunbookError:
            return  # what is wrong with the file is told by whoever needs it
    if named not in {None, capsule.runbook}:
        what = f"this capsule is of {capsule.runbook}, not of {named}"
        hint = "leave the name out, or take a capsule of that runbook"
        raise InputError(what, where="--replay", hint=hint)


def _is_file(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or "/" in name


def _current_file(capsule: Capsule, name: str | None, where: Where, context: AppContext) -> Path:
    wanted = name or capsule.runbook
    if _is_file(wanted):
        return Path(wanted)
    return library_of(where, context).path(wanted)


def _refuse_other_version(
    capsule: Capsule, name: str | None, where: Where, recording: Recording, context: AppContext
) -> None:
    """Raises InputError unless the runbook of this name is still the recorded one."""
    try:
        file = _current_file(capsule, name, where, context)
        digest = hashlib.sha256(read_file(file).encode()).hexdigest()
    except (InputError, OSError, StrictYamlError):
        digest = ""
    if digest == capsule.digest:
        return
    recorded = (
        f"{capsule.runbook} {capsule.digest[:8]} ({iso(capsule.at)}, mangaops {capsule.tool})"
    )
    now = (
        f"here it is {digest[:8]}" if digest else f"here is no runbook `{name or capsule.runbook}`"
    )
    again = f"mangaops diagnose{f' {shlex.quote(name)}' if name else ''} --replay "
    again += shlex.quote(str(recording.replay)) + _places(where)
    hint = f"{again} --recorded-runbook"
    if digest:
        hint += f"\n{again} --current-runbook"
    raise InputError(f"recorded with runbook {recorded}; {now}", where="--replay", hint=hint)


def _places(where: Where) -> str:
    """Where runbooks are looked for, for a command to paste."""
    given = {"--runbooks": where.runbooks, "--config": where.config}
    return "".join(f" {option} {shlex.quote(str(it))}" for option, it in given.items() if it)
