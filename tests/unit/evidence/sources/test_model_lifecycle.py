from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mangaops.errors import AwsDenied, AwsError, AwsNotFound
from mangaops.evidence.sources.model_lifecycle import ModelLifecycleReader
from mangaops.model.evidence import Evidence, EvidenceState, Table
from mangaops.model.query import ModelLifecycleQuery
from mangaops.model.resources import ModelLifecycle, StoredParameter
from support.asking import asked, at, declare

SONNET = "anthropic.claude-sonnet-4-6"
ACTIVE = ModelLifecycle(status="ACTIVE", end_of_life=None)


@dataclass
class FakeBedrock:
    """Parameters, profiles and models by name; an error is raised, an absence not found."""

    parameters: dict[str, str | None] = field(default_factory=dict)
    profiles: dict[str, tuple[str, ...] | AwsError] = field(default_factory=dict)
    models: dict[str, ModelLifecycle | AwsError] = field(default_factory=dict)

    def prepare(self) -> None: ...

    def parameter(self, name: str) -> StoredParameter:
        if name not in self.parameters:
            raise AwsNotFound(f"no parameter {name}")
        value = self.parameters[name]
        return StoredParameter(name=name, value=value, version=1, modified_at=None)

    def profile_models(self, profile: str) -> tuple[str, ...]:
        answer = self.profiles.get(profile, AwsNotFound(profile))
        if isinstance(answer, AwsError):
            raise answer
        return answer

    def lifecycle(self, base_id: str) -> ModelLifecycle:
        answer = self.models.get(base_id, AwsNotFound(base_id))
        if isinstance(answer, AwsError):
            raise answer
        return answer


def _lifecycle(bedrock: FakeBedrock, *models: str) -> Evidence:
    reader = ModelLifecycleReader(bedrock, bedrock)
    return reader.read(declare(ModelLifecycleQuery(models=models)), asked())


def _row(model_id: str, status: str | None, *, found: bool, **more: object) -> dict[str, object]:
    return {
        "model_id": model_id,
        "base_id": SONNET,
        "status": status,
        "end_of_life": None,
        "found": found,
        **more,
    }


def test_a_parameter_is_resolved_and_a_profile_leads_to_its_model() -> None:
    legacy = ModelLifecycle(status="LEGACY", end_of_life=at(-60))
    bedrock = FakeBedrock(
        parameters={"/sonnet": f"jp.{SONNET}\n"},
        profiles={f"jp.{SONNET}": (SONNET,)},
        models={SONNET: legacy},
    )
    row = _row(f"jp.{SONNET}", "LEGACY", found=True, end_of_life=at(-60).timestamp())
    assert _lifecycle(bedrock, "/sonnet") == Evidence(
        id="it",
        kind="model_lifecycle",
        state=EvidenceState.OK,
        value=Table(columns=tuple(row), rows=(row,)),
        summary={"rows": 1, "not_found": [], "legacy": [f"jp.{SONNET}"]},
        query={
            "call": "ssm:GetParameter, bedrock:GetInferenceProfile, bedrock:GetFoundationModel",
            "models": ["/sonnet"],
            "model_ids": [f"jp.{SONNET}"],
        },
    )


@pytest.mark.parametrize(
    ("bedrock", "model_id", "row"),
    [
        (
            FakeBedrock(models={SONNET: ACTIVE}),
            SONNET,
            _row(SONNET, "ACTIVE", found=True),
        ),
        (FakeBedrock(), SONNET, _row(SONNET, None, found=False)),
        (
            FakeBedrock(models={SONNET: ACTIVE}),
            f"jp.{SONNET}",
            _row(f"jp.{SONNET}", "ACTIVE", found=False),
        ),
        (
            FakeBedrock(models={SONNET: ACTIVE}, profiles={f"global.{SONNET}": AwsDenied("no")}),
            f"global.{SONNET}",
            _row(f"global.{SONNET}", "ACTIVE", found=True),
        ),
    ],
)
def test_a_model_is_found_when_it_and_its_profile_exist(
    bedrock: FakeBedrock, model_id: str, row: dict[str, object]
) -> None:
    assert _lifecycle(bedrock, model_id).value == Table(columns=tuple(row), rows=(row,))


def test_a_parameter_that_names_no_model_is_told() -> None:
    bedrock = FakeBedrock(parameters={"/secret": None}, models={SONNET: ACTIVE})
    evidence = _lifecycle(bedrock, "/secret", "/gone", SONNET)
    assert (evidence.state, evidence.detail) == (
        EvidenceState.OK,
        "parameter /secret holds no readable model id; no parameter /gone",
    )


def test_no_model_at_all_is_no_data() -> None:
    evidence = _lifecycle(FakeBedrock(), "/gone")
    assert (evidence.state, evidence.detail) == (EvidenceState.NO_DATA, "no parameter /gone")


def test_a_denied_control_plane_is_denied_evidence() -> None:
    evidence = _lifecycle(FakeBedrock(models={SONNET: AwsDenied("no")}), SONNET)
    assert evidence.state is EvidenceState.DENIED
