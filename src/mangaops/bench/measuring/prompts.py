"""Which prompts a run sends: of the workload's own files, else of the prompt table.

Without a version the active one of each intent is meant, as in a nightly run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mangaops.bench.measuring.workload import IntentLoad
from mangaops.bench.runs.sample import PromptUsed
from mangaops.errors import InputError, nearest
from mangaops.model.prompt_digest import prompt_digest
from mangaops.model.resources import PromptVersion, PromptVersions
from mangaops.model.tokens import estimated_tokens

ACTIVE = "active"
"""The label of an arm whose version each intent's own active one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """`prompt_tokens` is what the table or the workload declares; None where they do not."""

    version: str
    text: str
    max_output_tokens: int
    prompt_tokens: int | None = None

    @property
    def used(self) -> PromptUsed:
        return PromptUsed(
            version=self.version,
            digest=prompt_digest(self.text),
            prompt_tokens=self.prompt_tokens,
            max_output_tokens=self.max_output_tokens,
        )

    @property
    def tokens(self) -> int:
        """As declared, else estimated."""
        return self.prompt_tokens or estimated_tokens(self.text)


class PromptTable(Protocol):
    """The prompt table of the chatbot, in DynamoDB."""

    def versions_of(self, table: str, intent: str) -> PromptVersions: ...

    def templates_of(self, table: str, intent: str) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """Asks the table only for what the workload does not bring along."""

    reader: PromptTable
    table: str

    def of(self, load: IntentLoad, versions: Sequence[str | None]) -> tuple[Prompt, ...]:
        """One for each arm; None is the active version. Raises InputError where one is missing."""
        if all(version in load.versions for version in versions):
            return tuple(given(load, str(version)) for version in versions)
        rows = self.reader.versions_of(self.table, load.intent).versions
        templates = self.reader.templates_of(self.table, load.intent)
        return tuple(self._prompt(load, version, rows, templates) for version in versions)

    def _prompt(
        self,
        load: IntentLoad,
        version: str | None,
        rows: Sequence[PromptVersion],
        templates: Mapping[str, str],
    ) -> Prompt:
        if version in load.versions:
            return given(load, str(version))
        row = self._active(load, rows) if version is None else self._named(load, version, rows)
        template = templates.get(row.version, "")
        if not template.strip():
            raise InputError(
                f"version {row.version} of {load.intent} has no text: its row in {self.table} "
                "lacks the attribute `template`",
                where=f"{self.table}: {load.intent} {row.version}",
                hint="write the attribute, or name a file for it in the workload: "
                f"versions: {{{row.version}: {{file: PROMPT.txt}}}}",
            )
        return Prompt(
            version=row.version,
            text=template,
            prompt_tokens=_count(row.prompt_tokens),
            max_output_tokens=_count(row.max_output_tokens) or load.max_output_tokens,
        )

    def _active(self, load: IntentLoad, rows: Sequence[PromptVersion]) -> PromptVersion:
        active = [row for row in rows if row.active]
        if len(active) == 1:
            return active[0]
        told = ", ".join(row.version for row in active) or "none"
        raise InputError(
            f"one version of {load.intent} should be active, and it is: {told}",
            where=f"{self.table}: {load.intent}",
            hint="name a version with --baseline, or leave the intent out with --intent",
        )

    def _named(
        self, load: IntentLoad, version: str, rows: Sequence[PromptVersion]
    ) -> PromptVersion:
        for row in rows:
            if row.version == version:
                return row
        known = [*dict.fromkeys([*(row.version for row in rows), *load.versions])]
        near = nearest(version, known) or f"versions: {', '.join(known) or 'none'}"
        raise InputError(
            f"{load.intent} has no version {version}, in {self.table} or in the workload",
            where=f"{self.table}: {load.intent}",
            hint=f"{near}; another intent is left out by naming the wanted ones with --intent",
        )


def given(load: IntentLoad, version: str) -> Prompt:
    """A prompt that the workload brings along."""
    found = load.versions[version]
    return Prompt(
        version=version,
        text=found.text,
        prompt_tokens=found.prompt_tokens,
        max_output_tokens=found.max_output_tokens or load.max_output_tokens,
    )


def _count(value: float | None) -> int | None:
    return int(value) if value is not None and value >= 1 else None
