"""Who answers which call: ours or moto's, never both, and only calls that exist."""

from __future__ import annotations

from botocore.session import Session

from mangaops.sandbox.passthrough import ALLOWED
from mangaops.sandbox.services import SERVICES


def test_no_call_has_two_answers() -> None:
    both = {
        (service, operation)
        for service, operations in ALLOWED.items()
        for operation in operations
        if operation in SERVICES.get(service, {})
    }
    assert both == set()


def test_every_call_exists_in_botocores_models() -> None:
    session = Session()
    for served in (ALLOWED, SERVICES):
        for service, operations in served.items():
            names = session.get_service_model(service).operation_names
            assert set(operations) - set(names) == set(), service
