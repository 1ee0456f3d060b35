"""An `Aws` whose one client answers from a script that botocore checks against its models."""

from __future__ import annotations

from typing import Any

import botocore.session
from botocore.stub import Stubber


class StubbedAws:
    """Scripted requests and answers, in order. `done()` says that all of them were used."""

    def __init__(self, service: str) -> None:
        self._client = botocore.session.Session().create_client(
            service,
            region_name="ap-northeast-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self._stubber = Stubber(self._client)
        self._stubber.activate()
        self.regions: list[str | None] = []

    def client(self, service: str, *, region: str | None = None) -> Any:
        assert service == self._client.meta.service_model.service_name
        self.regions.append(region)
        return self._client

    def writer(self, service: str) -> Any:
        return self.client(service)

    def answers(self, operation: str, request: dict[str, Any], answer: dict[str, Any]) -> None:
        self._stubber.add_response(operation, answer, request)

    def refuses(
        self, operation: str, code: str, message: str = "", status: int = 400, **fields: Any
    ) -> None:
        """`fields` are those that the error itself has, such as CancellationReasons."""
        self._stubber.add_client_error(
            operation, code, message, http_status_code=status, modeled_fields=fields
        )

    def done(self) -> None:
        self._stubber.assert_no_pending_responses()
