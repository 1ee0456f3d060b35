"""The answer of `mangaops plan`: plans made, written to their files, and shown."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mangaops.cli.changes.applying import nothing
from mangaops.cli.changes.plan_store import plan_store
from mangaops.cli.changes.planning import Wanted, every, planned, wanted
from mangaops.cli.changes.telling import emit_change, emit_planned, emit_plans_document
from mangaops.cli.changes.workshop import Workshop, workshop
from mangaops.cli.context import AppContext
from mangaops.cli.options import Because, Output, Show, Where
from mangaops.cli.remedies.words import Asked
from mangaops.errors import InputError, MangaopsError
from mangaops.model.plan import NothingToDo, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What `mangaops plan` was asked. `file` is where the plan goes; `every` remedy, or one."""

    asked: Asked | None
    because: Because
    file: Path | None
    every: bool


def answer(app: AppContext, ask: Ask, where: Where, show: Show) -> None:
    """Makes the plans, keeps them, tells them and what to type next."""
    _refuse_conflicts(ask)
    with workshop(app, where, show) as shop:
        if ask.every:
            _tell_all(shop, ask)
        else:
            _tell_one(shop, wanted(shop, ask.asked, ask.because), ask.file)


def _refuse_conflicts(ask: Ask) -> None:
    if not ask.every:
        return
    if ask.file is not None:
        raise InputError("-o names one file, and --all makes several plans", where="-o")
    if ask.asked is not None:
        what = f"--all is every remedy, and `{ask.asked.remedy}` is one"
        raise InputError(what, where="--all", hint="give one of them")


def _tell_one(shop: Workshop, want: Wanted, file: Path | None) -> None:
    found = planned(shop, want)
    if isinstance(found, NothingToDo):
        emit_change(shop.app, shop.show, nothing(found), suffix=shop.suffix)
    else:
        emit_planned(shop.app, shop.show, [(found, _kept(shop, found, file))])
    if want.others:
        shop.note("\nother remedies of this diagnosis:")
        for line in want.others:
            shop.note(f"  mangaops plan --run {want.reason.run} {line}{shop.suffix}")


def _tell_all(shop: Workshop, ask: Ask) -> None:
    """What cannot be planned, or needs nothing done, is told and keeps no other from it."""
    told = list(_all_planned(shop, every(shop, ask.because)))
    if shop.show.output is Output.JSON:
        emit_plans_document(shop.app, [plan for plan, _ in told])
    else:
        emit_planned(shop.app, shop.show, told)


def _all_planned(shop: Workshop, wants: list[Wanted]) -> Iterator[tuple[Plan, str]]:
    errors: list[MangaopsError] = []
    for want in wants:
        try:
            found = planned(shop, want)
        except MangaopsError as error:
            errors.append(error)
            shop.note(f"not planned: {want.asked.line}: {error.what}")
            continue
        if isinstance(found, NothingToDo):
            shop.note(f"nothing to do: {want.asked.line}: {found.reason}")
        else:
            yield found, _kept(shop, found, None)
    if errors and len(errors) == len(wants):
        raise errors[0]


def _kept(shop: Workshop, plan: Plan, file: Path | None) -> str:
    """Writes the plan; what to type next."""
    kept = plan_store(shop.app.environ).keep(plan, file)
    return f"mangaops apply {shlex.quote(str(kept))}{shop.suffix}"
