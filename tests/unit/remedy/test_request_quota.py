from __future__ import annotations

from dataclasses import replace

import pytest

from mangaops.errors import Drifted, InputError, Refused
from mangaops.model.plan import Draft, NothingToDo, Standing, Step, UndoKind, compare
from mangaops.model.request import RequestQuota
from mangaops.model.resources import Quota, QuotaRequest
from mangaops.model.settings import Environment
from mangaops.remedy.action import Progress
from mangaops.remedy.actions.quotas.request_quota import REQUEST, RequestQuotaRemedy
from mangaops.remedy.actions.quotas.rows import row_of
from support.plain_pen import PlainPen
from support.small_services import QuotaDesk

SONNET = "jp.anthropic.claude-sonnet-4-6"


def row(name: str, value: float = 1000.0, *, adjustable: bool = True) -> Quota:
    return Quota(code=f"L-{abs(hash(name))}", name=name, value=value, adjustable=adjustable)


CROSS = replace(
    row("Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.6"),
    code="L-CROSS",
)
ROWS = (
    CROSS,
    row("Cross-region model inference requests per minute for Anthropic Claude Sonnet 4.6"),
    row("Global cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.6"),
    row("On-demand model inference tokens per minute for Anthropic Claude Sonnet 4.6", 0.0),
    row("Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1"),
    row(
        "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1 "
        "1M Context Length"
    ),
    row("On-demand model inference tokens per minute for Anthropic Claude 3.5 Sonnet"),
    row("On-demand model inference tokens per minute for Anthropic Claude 3.5 Sonnet V2"),
    row("On-demand model inference tokens per minute for Amazon Nova Pro"),
    row("Cross-region model inference tokens per minute for Anthropic Claude Haiku 4.5"),
    row("Model invocation max tokens per day for Anthropic Claude Sonnet 4.6"),
)


def remedy(desk: QuotaDesk) -> RequestQuotaRemedy:
    environment = Environment(region="ap-northeast-1")
    return RequestQuotaRemedy(quotas=desk, parameters=desk, environment=environment)


def drafted(desk: QuotaDesk, model: str = "sonnet", factor: float = 2.0) -> Draft | NothingToDo:
    return remedy(desk).draft(RequestQuota(model=model, factor=factor))


def step_of(desk: QuotaDesk) -> Step:
    draft = drafted(desk)
    assert isinstance(draft, Draft)
    (step,) = draft.steps
    return step


def test_the_row_of_the_profile_that_is_called_is_to_be_raised() -> None:
    draft = drafted(QuotaDesk(*ROWS))
    assert isinstance(draft, Draft)
    (step,) = draft.steps
    assert (draft.confirm, step.target, step.undo) == ("sonnet", "L-CROSS", UndoKind.NONE)
    assert (step.before, step.after) == (
        {"applied": 1000, "requested": None},
        {"requested": 2000},
    )
    (line,) = draft.aws_cli
    assert line == (
        "aws service-quotas request-service-quota-increase --service-code bedrock "
        "--quota-code L-CROSS --desired-value 2000 --region ap-northeast-1"
    )


@pytest.mark.parametrize(
    ("model", "start", "end"),
    [
        (SONNET, "Cross-region model", "tokens per minute for Anthropic Claude Sonnet 4.6"),
        ("global.anthropic.claude-sonnet-4-6", "Global", "Sonnet 4.6"),
        ("anthropic.claude-sonnet-4-6", "On-demand", "Sonnet 4.6"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "Cross-region", "Sonnet 4.5 V1"),
        ("anthropic.claude-3-5-sonnet-20240620-v1:0", "On-demand", "Claude 3.5 Sonnet"),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "On-demand", "Claude 3.5 Sonnet V2"),
        ("amazon.nova-pro-v1:0", "On-demand", "Amazon Nova Pro"),
        ("jp.anthropic.claude-haiku-4-5-20251001-v1:0", "Cross-region", "Haiku 4.5"),
        (
            "arn:aws:bedrock:ap-northeast-1:123456789012:inference-profile/" + SONNET,
            "Cross-region model inference tokens",
            "Sonnet 4.6",
        ),
    ],
)
def test_a_row_is_found_by_its_name(model: str, start: str, end: str) -> None:
    name = row_of(model, ROWS).name
    assert (name.startswith(start), name.endswith(end)) == (True, True)


def test_no_row_or_several_are_refused_with_the_candidates() -> None:
    with pytest.raises(Refused) as none:
        row_of("jp.amazon.nova-pro-v1:0", ROWS)
    assert "no row is known" in none.value.what
    assert "On-demand model inference tokens per minute for Amazon Nova Pro" in none.value.what
    with pytest.raises(Refused) as several:
        row_of(SONNET, (CROSS, replace(CROSS, code="L-2")))
    assert "(L-CROSS); " in several.value.what
    assert "(L-2)" in several.value.what


@pytest.mark.parametrize("factor", [1.0, 0.5, -2.0, float("nan"), float("inf"), 1.0001, 1e305])
def test_a_factor_that_raises_nothing_is_wrong_input(factor: float) -> None:
    with pytest.raises(InputError):
        drafted(QuotaDesk(*ROWS), factor=factor)


def test_a_model_that_cannot_be_named_or_raised_is_answered() -> None:
    with pytest.raises(InputError):
        drafted(QuotaDesk(*ROWS), model="")
    with pytest.raises(InputError):
        drafted(QuotaDesk(*ROWS), model="haiku")
    with pytest.raises(Refused):
        drafted(QuotaDesk(replace(CROSS, adjustable=False)))


def test_an_open_request_is_an_answer_with_its_id() -> None:
    desk = QuotaDesk(*ROWS)
    desk.request("L-CROSS", 5000)
    answer = drafted(desk)
    assert isinstance(answer, NothingToDo)
    assert answer.reason.startswith("request q-0 for 5,000")
    assert "(PENDING)" in answer.reason


@pytest.mark.parametrize("lost", [False, True])
def test_one_request_is_made_also_when_the_answer_is_lost(lost: bool) -> None:
    desk = QuotaDesk(*ROWS)
    desk.lost = lost
    step, pen = step_of(desk), PlainPen()
    action = remedy(desk).actions[REQUEST]
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    action.write(step, pen)
    assert [one.desired for one in desk.made] == [2000]
    assert pen.results == [{"request": "q-0", "status": "PENDING"}]
    assert compare(step, action.read(step)).standing is Standing.AFTER
    assert action.settled(step).progress is Progress.REACHED


def test_a_request_that_someone_made_meanwhile_is_drift_unless_it_is_the_same() -> None:
    desk = QuotaDesk(*ROWS)
    step = step_of(desk)
    action = remedy(desk).actions[REQUEST]
    desk.request("L-CROSS", 2000)
    action.write(step, PlainPen())
    desk.made = [replace(desk.made[0], desired=9000)]
    assert compare(step, action.read(step)).standing is Standing.OTHER
    with pytest.raises(Drifted):
        action.write(step, PlainPen())


def test_the_request_that_was_made_is_looked_at_and_no_other_of_the_same_value() -> None:
    desk = QuotaDesk(*ROWS)
    step = step_of(desk)
    action = remedy(desk).actions[REQUEST]
    denied = QuotaRequest(id="q-7", desired=2000, status="DENIED")
    desk.made = [denied]
    action.write(step, PlainPen())
    (ours,) = (one for one in desk.made if one != denied)
    assert action.settled(step).progress is Progress.REACHED
    desk.made = [denied]
    assert action.settled(step).progress is Progress.WAITING
    desk.made = [replace(ours, status="DENIED"), denied]
    assert action.settled(step).progress is Progress.FAILED


def test_a_request_that_aws_answered_before_its_answer_was_lost_is_not_made_again() -> None:
    desk = QuotaDesk(*ROWS)
    step = step_of(desk)
    desk.lost = True
    desk.status = "APPROVED"
    action, pen = remedy(desk).actions[REQUEST], PlainPen()
    action.write(step, pen)
    assert pen.results == [{"request": "q-0", "status": "APPROVED"}]
    assert action.settled(step).progress is Progress.REACHED
