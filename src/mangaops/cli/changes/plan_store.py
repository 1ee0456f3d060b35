"""Plan files: those that were named by `-o`, and those kept in STATE_DIR/plans by their id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.cli.runs import state_folder, write_whole
from mangaops.errors import InputError, MangaopsError

if TYPE_CHECKING:
    from mangaops.model.plan import Plan

_SUFFIX = ".json"
_LARGEST = 64 * 1024 * 1024
_FIRST = "mangaops plan REMEDY makes one"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStore:
    """The plans below one folder. Reading never creates it."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """Ids, newest first."""
        try:
            found = [(file.stat().st_mtime_ns, file.stem) for file in self.folder.glob("p-*.json")]
        except OSError:
            return ()
        return tuple(name for _, name in sorted(found, reverse=True))

    def new_name(self, token: Callable[[int], str]) -> str:
        """An unused id such as `p-12ab`; `token(n)` gives n random bytes in hex."""
        for size in (2, 2, 2, 4, 8):
            name = f"p-{token(size)}"
            if not self._file(name).exists():
                return name
        return f"p-{token(16)}"

    def keep(self, plan: Plan, to: Path | None) -> Path:
        """Writes the plan for its owner only, and never over anything but a plan."""
        from mangaops.remedy.plans.plan_file import to_text  # noqa: PLC0415 - not for completion

        file = to or self._file(plan.id)
        try:
            if to is None:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            elif to.exists() and not _is_plan(to):
                raise InputError(
                    "this file is no plan, and is not overwritten", where=str(to), hint="-o FILE"
                )
            write_whole(file, to_text(plan))
        except OSError as error:
            what = f"the plan cannot be written: {error.strerror}"
            raise MangaopsError(
                what, where=str(file), hint="-o FILE writes it elsewhere"
            ) from error
        return file

    def read(self, wanted: str) -> Plan:
        """The plan in this file, or the kept one with this id or unique beginning of one."""
        from mangaops.remedy.plans.plan_file import from_text  # noqa: PLC0415 - not for completion

        file = self._found(wanted)
        try:
            if file.stat().st_size > _LARGEST:
                raise InputError("this is no plan file: it is too large", where=str(file))
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            what = f"this plan cannot be read: {error.strerror}"
            raise InputError(what, where=str(file), hint=_FIRST) from error
        except ValueError as error:
            what = "this is no plan file: not UTF-8 text"
            raise InputError(what, where=str(file), hint=_FIRST) from error
        return from_text(text, str(file))

    def _found(self, wanted: str) -> Path:
        if Path(wanted).is_file():
            return Path(wanted)
        names = [name for name in self.names() if wanted and name.startswith(wanted)]
        if wanted in names or len(names) == 1:
            return self._file(wanted if wanted in names else names[0])
        if names:
            what = f"{len(names)} plans begin with `{wanted}`"
            raise InputError(what, where="PLAN", hint="one of: " + ", ".join(names[:5]))
        kept = ", ".join(self.names()[:5])
        hint = f"kept plans: {kept}" if kept else _FIRST
        raise InputError(f"there is no plan `{wanted}`", where="PLAN", hint=hint)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}{_SUFFIX}"


def plan_store(environ: Mapping[str, str]) -> PlanStore:
    return PlanStore(folder=state_folder(environ) / "plans")


def _is_plan(file: Path) -> bool:
    """Whether the file holds a plan of any version, altered or not."""
    import json  # noqa: PLC0415 - only for a file that is there already

    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    schema = document.get("schema") if isinstance(document, dict) else None
    return isinstance(schema, str) and schema.startswith("mangaops.plan/")
