"""A quota that is used up, or settings that do not work, are not asked about by every call."""

from __future__ import annotations

import pytest
from botocore.exceptions import NoCredentialsError

from mangaops import fm
from support.fm import Scripted, ask, desk, error, said

OURS = fm.manga_assist()
SONNET = OURS.policy("recommendation").route
HAIKU = OURS.policy("recommendation").backups[0]
QUOTA = error("ServiceQuotaExceededException", 400)
DENIED = error("AccessDeniedException", 403)
GONE = error("ResourceNotFoundException", 404)
EXPIRED = error("ExpiredTokenException", 403)


@pytest.mark.parametrize(
    ("failure", "seconds", "asked", "mode", "code"),
    [
        (QUOTA, 300, 3, 4, "ServiceQuotaExceededException"),
        (DENIED, 30, 1, 4, "AccessDeniedException"),
        (GONE, 30, 2, 4, "ResourceNotFoundException"),
        (NoCredentialsError(), 5, 1, 4, "credentials"),
        (EXPIRED, 5, 2, 4, "ExpiredTokenException"),
    ],
    ids=["quota", "denied", "gone", "no-credentials", "expired"],
)
def test_what_no_call_can_mend_is_left_alone_for_a_while_and_then_tried(
    failure: Exception, seconds: float, asked: int, mode: int, code: str
) -> None:
    here = desk(Scripted(*[failure] * asked))

    answers = [here.client.complete(ask()) for _ in range(30)]

    assert len(here.transport.sent) == asked
    assert {answer.mode for answer in answers} == {mode}
    assert {one["error_code"] for one in here.of("bedrock_call")} == {code}
    assert [one["attempts"] for one in here.of("bedrock_call")][1:] == [0] * 29
    assert answers[-1].descended_because[0] == (
        f"{SONNET}: {code} a moment ago, so it is not asked for {seconds} s"
    )

    here.clock.now += seconds
    assert here.client.complete(ask()).mode is fm.Mode.PRIMARY


def test_a_latch_is_told_once_when_it_is_set_and_once_when_it_is_over() -> None:
    here = desk(Scripted(GONE))
    for _ in range(3):
        here.client.complete(ask())
    here.clock.now += 30
    for _ in range(3):
        here.client.complete(ask())

    told = here.of("breaker_transition")

    assert [(one["from"], one["to"], one["model"]) for one in told] == [
        ("closed", "open", "sonnet"),
        ("open", "closed", "sonnet"),
    ]
    assert told[0]["reason"].startswith("latch: ResourceNotFoundException")
    assert told[0]["open_for_ms"] == 30_000
    assert here.of("bedrock_call")[1]["mode"] == 3


def test_a_latch_is_its_targets_own() -> None:
    here = desk(Scripted(by=lambda _, one: QUOTA if one == SONNET else said()))

    regions = [here.client.complete(ask()).model_answered for _ in range(2)]

    assert regions == list(OURS.policy("recommendation").alternates) * 2
    assert here.client.complete(ask("faq")).mode is fm.Mode.PRIMARY


def test_a_success_on_a_second_attempt_sets_none() -> None:
    here = desk(Scripted(EXPIRED))

    assert here.client.complete(ask()).mode is fm.Mode.PRIMARY
    assert here.of("breaker_transition") == []
