"""What the shell offers after TAB. Never an error: a completion that cannot say is empty."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from mangaops.errors import MangaopsError


def runbooks(incomplete: str) -> list[str]:
    from mangaops.runbook.library import Library, shipped_folder  # noqa: PLC0415 - lazy

    return _matching(Library([shipped_folder()]).names(), incomplete)


def scenarios(incomplete: str) -> list[str]:
    folder = Path(__file__).parent.parent / "sandbox" / "scenarios"
    return _matching((file.stem for file in folder.glob("*.yaml")), incomplete)


def diagnoses(incomplete: str) -> list[str]:
    from mangaops.cli.runs import run_store  # noqa: PLC0415 - lazy

    return _matching(["last", *run_store(os.environ).names()], incomplete)


def everything(incomplete: str) -> list[str]:
    """Diagnoses and changes."""
    from mangaops.cli.runs import run_store  # noqa: PLC0415 - lazy

    return _matching(["last", *run_store(os.environ).everything()], incomplete)


def changes(incomplete: str) -> list[str]:
    from mangaops.cli.runs import run_store  # noqa: PLC0415 - lazy

    return _matching(["last", *run_store(os.environ).changes()], incomplete)


def plans(incomplete: str) -> list[str]:
    """Ids of the plans that were kept; files are the shell's own business."""
    from mangaops.cli.changes.plan_store import plan_store  # noqa: PLC0415 - lazy

    return _matching(plan_store(os.environ).names(), incomplete)


def remedies(incomplete: str) -> list[str]:
    from mangaops.model.request import REMEDIES  # noqa: PLC0415 - lazy

    return _matching(REMEDIES, incomplete)


def models(incomplete: str) -> list[str]:
    return _matching(["sonnet", "haiku"], incomplete)


def environments(incomplete: str) -> list[str]:
    from mangaops.cli.context import configuration_file  # noqa: PLC0415 - lazy
    from mangaops.config.load import load_settings  # noqa: PLC0415 - lazy

    try:
        settings = load_settings(configuration_file(None, os.environ))
    except MangaopsError:
        return _matching(["sandbox"], incomplete)
    return _matching([*settings.environments, "sandbox"], incomplete)


def _matching(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))
