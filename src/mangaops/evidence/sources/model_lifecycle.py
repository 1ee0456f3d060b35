"""`model_lifecycle`: whether the models that the chatbot calls still exist, and until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from mangaops.errors import AwsDenied, AwsNotFound
from mangaops.evidence.source import Asked, found, missing, query_of
from mangaops.evidence.sources.attempt import attempted, epoch, told
from mangaops.model.evidence import JSON, Evidence, EvidenceState, Row, Table
from mangaops.model.model_ids import base_id_of, is_profile
from mangaops.model.query import ModelLifecycleQuery
from mangaops.model.resources import ModelLifecycle, StoredParameter
from mangaops.model.runbook import EvidenceDeclaration

_COLUMNS = ("model_id", "base_id", "status", "end_of_life", "found")


class Parameters(Protocol):
    def prepare(self) -> None: ...
    def parameter(self, name: str) -> StoredParameter: ...


class Models(Protocol):
    def prepare(self) -> None: ...
    def profile_models(self, profile: str) -> tuple[str, ...]: ...
    def lifecycle(self, base_id: str) -> ModelLifecycle: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resolved:
    """Model ids as the chatbot passes them, and the parameters that name none."""

    ids: tuple[str, ...]
    notes: tuple[str, ...]


class ModelLifecycleReader:
    """A model is found when its profile, where it is called through one, and it itself exist."""

    def __init__(self, parameters: Parameters, models: Models) -> None:
        self._parameters = parameters
        self._models = models

    def prepare(self) -> None:
        self._parameters.prepare()
        self._models.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # models are as they are now
        query = query_of(declaration, ModelLifecycleQuery)
        call: dict[str, JSON] = {
            "call": "ssm:GetParameter, bedrock:GetInferenceProfile, bedrock:GetFoundationModel",
            "models": list(query.models),
        }

        def read() -> Evidence:
            resolved = self._resolved(query.models)
            if not resolved.ids:
                detail = "; ".join(resolved.notes) or "no model is named"
                return missing(declaration, EvidenceState.NO_DATA, detail, query=call)
            rows = tuple(self._row(model_id) for model_id in resolved.ids)
            evidence = found(
                declaration,
                Table(columns=_COLUMNS, rows=rows),
                query={**call, "model_ids": list(resolved.ids)},
                summary={"rows": len(rows), "not_found": _lacking(rows), "legacy": _legacy(rows)},
            )
            return replace(evidence, detail="; ".join(resolved.notes))

        return attempted(declaration, call, read)

    def _resolved(self, models: tuple[str, ...]) -> _Resolved:
        ids: list[str] = []
        notes: list[str] = []
        for name in models:
            if not name.startswith("/"):
                ids.append(name)
                continue
            try:
                value = self._parameters.parameter(name).value
            except AwsNotFound as error:
                notes.append(told(error))
                continue
            if value and value.strip():
                ids.append(value.strip())
            else:
                notes.append(f"parameter {name} holds no readable model id")
        return _Resolved(ids=tuple(dict.fromkeys(ids)), notes=tuple(notes))

    def _row(self, model_id: str) -> Row:
        base = base_id_of(model_id)
        exists = True
        if is_profile(model_id):
            try:
                base = next(iter(self._models.profile_models(model_id)), base)
            except AwsDenied:
                pass  # the prefix alone tells the base model, as it does for AWS's own profiles
            except AwsNotFound:
                exists = False
        life = self._life(base)
        return {
            "model_id": model_id,
            "base_id": base,
            "status": life.status if life else None,
            "end_of_life": epoch(life.end_of_life) if life else None,
            "found": exists and life is not None,
        }

    def _life(self, base: str) -> ModelLifecycle | None:
        try:
            return self._models.lifecycle(base)
        except AwsNotFound:
            return None


def _lacking(rows: tuple[Row, ...]) -> list[JSON]:
    return [row["model_id"] for row in rows if not row["found"]]


def _legacy(rows: tuple[Row, ...]) -> list[JSON]:
    return [row["model_id"] for row in rows if row["status"] == "LEGACY"]
