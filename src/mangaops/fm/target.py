"""Where a call goes: a foundation model, an inference profile or an ARN, in a region."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`model_id` is sent as it is: a base id, a profile id (`jp.anthropic...`) or an ARN."""

    model_id: str
    region: str

    def __str__(self) -> str:
        return f"{self.model_id} in {self.region}"
