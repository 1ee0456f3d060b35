"""The workload file `mangaops.workload/1`: what is sent to the model, by intent.

    schema: mangaops.workload/1
    intents:
      recommendation:
        model: sonnet              # or haiku, or the id of a model or inference profile
        max_output_tokens: 350     # holds where a prompt version has no limit of its own
        messages:
          - Something calm, like Yotsuba, for my daughter?
        versions:                  # prompts that are not in the prompt table yet
          v2.1: {file: prompts/recommendation-v2.1.txt, prompt_tokens: 520}

Strict, as runbooks are: an unknown or double key or a wrong type is an error with its line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path as File
from typing import TYPE_CHECKING

from mangaops.errors import InputError, WorkloadError, nearest

if TYPE_CHECKING:
    from mangaops.bench.measuring.workload_format import VersionPart, WorkloadPart
    from mangaops.runbook.finding import Finding
    from mangaops.runbook.strict_yaml import Document

SHORT_NAMES = ("sonnet", "haiku")
"""Models that the environment's parameters name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPrompt:
    """A prompt that comes with the workload, for a version that the table does not have yet."""

    version: str
    text: str
    prompt_tokens: int | None = None
    max_output_tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentLoad:
    """What one intent sends. `model` is a short name or an id."""

    intent: str
    model: str
    max_output_tokens: int
    messages: tuple[str, ...]
    versions: Mapping[str, GivenPrompt] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """`file` is as it was typed."""

    file: str
    intents: Mapping[str, IntentLoad]

    @property
    def name(self) -> str:
        """`workload.yaml@3f2a91c04b77`: the file, and a digest of what it sends beside prompts."""
        sent = {
            name: [one.model, one.max_output_tokens, *one.messages]
            for name, one in sorted(self.intents.items())
        }
        digest = sha256(json.dumps(sent).encode()).hexdigest()
        return f"{File(self.file).name}@{digest[:12]}"

    def refuse_unknown(self, intents: Iterable[str]) -> None:
        """Raises InputError for the first one that it does not have."""
        for intent in intents:
            if intent not in self.intents:
                hint = nearest(intent, self.intents) or f"it has: {', '.join(self.intents)}"
                raise InputError(
                    f"{self.file} has no intent `{intent}`", where="--intent", hint=hint
                )


def load_workload(path: File) -> Workload:
    """Raises WorkloadError with all findings; the files of prompts are read as well."""
    from mangaops.runbook.strict_yaml import StrictYamlError, parse, read_file  # noqa: PLC0415 - yaml

    try:
        document = parse(read_file(path), str(path))
    except StrictYamlError as error:
        raise _wrong([error.finding]) from None
    return _Loading(document=document, folder=path.parent).workload()


@dataclass(slots=True, kw_only=True)
class _Loading:
    """One load; `findings` grow."""

    document: Document
    folder: File
    findings: list[Finding] = field(default_factory=list)

    def workload(self) -> Workload:
        part = self._part()
        intents = {
            name: IntentLoad(
                intent=name,
                model=one.model,
                max_output_tokens=one.max_output_tokens,
                messages=tuple(one.messages),
                versions={v: self._given(name, v, each) for v, each in one.versions.items()},
            )
            for name, one in part.intents.items()
        }
        if self.findings:
            raise _wrong(self.findings)
        return Workload(file=self.document.file, intents=intents)

    def _part(self) -> WorkloadPart:
        from pydantic import ValidationError  # noqa: PLC0415 - pydantic

        from mangaops.bench.measuring.workload_format import WorkloadPart, keys  # noqa: PLC0415 - pydantic
        from mangaops.runbook.check import findings_of  # noqa: PLC0415 - pydantic

        try:
            return WorkloadPart.model_validate(self.document.data)
        except ValidationError as error:
            raise _wrong(list(findings_of(self.document, error, keys))) from None

    def _given(self, intent: str, version: str, part: VersionPart) -> GivenPrompt:
        return GivenPrompt(
            version=version,
            text=self._text(intent, version, part.file),
            prompt_tokens=part.prompt_tokens,
            max_output_tokens=part.max_output_tokens,
        )

    def _text(self, intent: str, version: str, named: str) -> str:
        from mangaops.runbook.strict_yaml import StrictYamlError, read_file  # noqa: PLC0415 - yaml

        try:
            text = read_file(self.folder / named)
        except StrictYamlError as error:
            self._add(intent, version, f"{self.folder / named} {error.finding.message}")
            return ""
        if not text.strip():
            self._add(intent, version, f"{self.folder / named} is empty")
        return text

    def _add(self, intent: str, version: str, message: str) -> None:
        place = self.document.place(("intents", intent, "versions", version, "file"))
        hint = "the path is relative to the workload's folder"
        self.findings.append(self.document.finding("M004", message, place, hint=hint))


def _wrong(findings: list[Finding]) -> WorkloadError:
    from mangaops.runbook.finding import config_error  # noqa: PLC0415 - as above

    one = config_error(findings)
    return WorkloadError(one.what, where=one.where, hint=one.hint, findings=one.findings)
