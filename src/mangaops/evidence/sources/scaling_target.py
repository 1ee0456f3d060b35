"""`scaling_target`: what Application Auto Scaling may do with a service, and what it did."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from mangaops.errors import AwsCredentials, AwsError
from mangaops.evidence.source import Asked, found, query_of
from mangaops.evidence.sources.attempt import attempted, newest, told
from mangaops.model.evidence import JSON, Evidence, Record, Row, Table
from mangaops.model.query import ScalingTargetQuery
from mangaops.model.redaction import redacted_row
from mangaops.model.resources import ScalableTarget, ScalingActivity
from mangaops.model.runbook import EvidenceDeclaration

_COLUMNS = ("at", "status", "cause")


class AutoScaling(Protocol):
    def prepare(self) -> None: ...
    def target(self, cluster: str, service: str) -> ScalableTarget | None: ...
    def activities(self, cluster: str, service: str) -> tuple[ScalingActivity, ...]: ...


class ScalingTargetReader:
    """That nothing scales the service is a fact (`exists` false), not missing evidence."""

    def __init__(self, scaling: AutoScaling) -> None:
        self._scaling = scaling

    def prepare(self) -> None:
        self._scaling.prepare()

    def read(self, declaration: EvidenceDeclaration, asked: Asked) -> Evidence:
        del asked  # limits are as they are now; activities carry their time
        query = query_of(declaration, ScalingTargetQuery)
        call: dict[str, JSON] = {
            "call": "application-autoscaling:DescribeScalableTargets, DescribeScalingActivities",
            "resource": f"service/{query.cluster}/{query.service}",
        }

        def read() -> Evidence:
            target = self._scaling.target(query.cluster, query.service)
            if target is None:
                return found(
                    declaration,
                    Record(fields={"exists": False, "activities": _table(())}),
                    query=call,
                    summary={"exists": False},
                )
            return self._scaled(declaration, query, call, target)

        return attempted(declaration, call, read)

    def _scaled(
        self,
        declaration: EvidenceDeclaration,
        query: ScalingTargetQuery,
        call: dict[str, JSON],
        target: ScalableTarget,
    ) -> Evidence:
        limits = {
            "exists": True,
            "min": target.minimum,
            "max": target.maximum,
            "scale_in_suspended": target.scale_in_suspended,
        }
        try:
            activities = self._scaling.activities(query.cluster, query.service)
        except AwsCredentials:
            raise
        except AwsError as error:
            partly = found(declaration, Record(fields=limits), query=call, summary=limits)
            return replace(partly, detail=f"activities were not read: {told(error)}")
        return found(
            declaration,
            Record(fields={**limits, "activities": _table(activities)}),
            query=call,
            summary={**limits, "activities": len(activities)},
            newest=newest(activity.at for activity in activities),
        )


def _table(activities: tuple[ScalingActivity, ...]) -> Table:
    return Table(columns=_COLUMNS, rows=tuple(_row(activity) for activity in activities))


def _row(activity: ScalingActivity) -> Row:
    return redacted_row(
        {
            "at": activity.at.timestamp(),
            "status": activity.status,
            "cause": activity.cause,
        }
    )
