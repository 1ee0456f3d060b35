"""Whole answers: which step gives them, what is said of it, and what the models saw."""

from __future__ import annotations

from dataclasses import replace

import pytest
from botocore.exceptions import NoCredentialsError, ReadTimeoutError

from mangaops import fm
from support.fake_time import FakeClock
from support.fm import USAGE, Entry, Scripted, ask, desk, error, said, throttled, unavailable

OURS = fm.manga_assist()
SONNET = OURS.policy("recommendation").route
OSAKA = OURS.policy("recommendation").alternates[0]
HAIKU = OURS.policy("recommendation").backups[0]
TIMEOUT = ReadTimeoutError(endpoint_url="https://example.com")
SCHEMA = {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}}


MODEL_TIMEOUT = error("ModelTimeoutException", 408)
NOT_READY = error("ModelNotReadyException", 429)
QUOTA = error("ServiceQuotaExceededException", 400)
NOT_FOUND = error("ResourceNotFoundException", 404)
REFUSED = error("ValidationException", 400)
DENIED = error("AccessDeniedException", 403)
DOWN = unavailable()
STRANGE = said("Hm", stop="strange")
BOTH_THRICE = [SONNET] * 3 + [OSAKA] * 3


def test_a_sound_answer_of_the_primary_is_given_as_it_is() -> None:
    here = desk(Scripted(said("Try Aria.")))

    answer = here.client.complete(ask())

    assert (answer.text, answer.mode, answer.model_answered) == ("Try Aria.", 1, SONNET)
    assert (answer.attempts, answer.usage, answer.spent) == (1, USAGE, USAGE)
    assert answer.descended_because == ()
    assert not answer.degraded
    assert here.call["status"] == "success"
    assert here.waits == []


def test_what_the_intent_says_is_sent_where_the_request_says_nothing() -> None:
    here = desk(Scripted())

    here.client.complete(ask("faq"))
    here.client.complete(ask("unheard_of", max_tokens=77))

    assert [one.request.max_tokens for one in here.transport.sent] == [300, 77]
    assert [one.target for one in here.transport.sent] == [HAIKU, SONNET]


@pytest.mark.parametrize(
    ("script", "sent", "mode", "status"),
    [
        pytest.param([throttled()], [SONNET] * 2, 1, "success", id="throttled-once"),
        pytest.param([throttled()] * 3, [SONNET] * 3 + [OSAKA], 2, "success", id="throttled"),
        pytest.param([DOWN] * 6, [*BOTH_THRICE, HAIKU], 3, "success", id="no-sonnet"),
        pytest.param([TIMEOUT], [SONNET, HAIKU], 3, "success", id="timeout-is-paid-once"),
        pytest.param([MODEL_TIMEOUT], [SONNET] * 2, 1, "success", id="model-timeout"),
        pytest.param([NOT_READY], [SONNET] * 2, 1, "success", id="not-ready"),
        pytest.param([QUOTA], [SONNET, OSAKA], 2, "success", id="quota"),
        pytest.param([NOT_FOUND], [SONNET, HAIKU], 3, "success", id="not-found"),
        pytest.param([DENIED], [SONNET], 4, "error", id="denied-stops-the-account"),
        pytest.param([REFUSED], [SONNET], 5, "validation_error", id="bad-request"),
        pytest.param([said("I won't", stop="refusal")], [SONNET], 4, "blocked", id="refusal"),
        pytest.param([said(stop="guardrail_intervened")], [SONNET], 4, "blocked", id="guardrail"),
        pytest.param([ZeroDivisionError()], [SONNET], 5, "error", id="bug"),
        pytest.param([TIMEOUT] * 2, [SONNET, HAIKU], 4, "timeout", id="all-time-out"),
        pytest.param([DOWN] * 9, [*BOTH_THRICE, *[HAIKU] * 3], 4, "retries_exhausted", id="outage"),
        pytest.param([said("")], [SONNET] * 2, 2, "success", id="empty-is-asked-again"),
        pytest.param([said("")] * 2, [SONNET] * 2 + [HAIKU], 3, "success", id="empty-twice"),
        pytest.param([said("")] * 3, [SONNET] * 2 + [HAIKU], 4, "error", id="nothing-but-empty"),
        pytest.param([STRANGE] * 2, [SONNET] * 2 + [HAIKU], 3, "success", id="unknown-stop"),
    ],
)
def test_a_failure_leads_down_the_ladder(
    script: list[Entry], sent: list[fm.Target], mode: int, status: str
) -> None:
    here = desk(Scripted(*script, last=said("Fine.")))

    answer = here.client.complete(ask())

    assert [one.target for one in here.transport.sent] == sent
    assert (answer.mode, answer.attempts) == (mode, len(sent))
    assert answer.model_answered == (sent[-1] if mode <= 3 else None)
    assert bool(answer.descended_because) == answer.degraded
    assert (here.call["status"], here.call["mode"], here.call["attempts"]) == (
        status,
        mode,
        len(sent),
    )
    assert len(here.of("bedrock_attempt")) == len(sent)
    assert answer.text


def test_what_was_never_sent_is_told_and_not_counted() -> None:
    here = desk(Scripted(NoCredentialsError()))

    answer = here.client.complete(ask())

    (told,) = here.of("bedrock_attempt")
    assert (answer.mode, answer.attempts) == (4, 0)
    assert (here.call["attempts"], here.call["error_code"]) == (0, "credentials")
    assert (told["sent"], told["failure_class"]) == (False, "config")
    assert not {"http_status", "input_tokens", "reserved_tokens"} & set(told)
    assert "input_tokens" not in here.call


def test_a_blocked_question_is_refused_in_our_words_and_in_its_language() -> None:
    here = desk(Scripted(said("the model's words", stop="content_filtered")))

    answer = here.client.complete(ask(text="ネタバレして"))

    assert answer.text.startswith("申し訳ございません")
    assert "https://" in answer.text
    assert "the model's words" not in str(here.records)
    assert here.call["error_code"] == "content_filtered"


def test_a_count_that_the_last_model_told_is_logged_before_an_estimate() -> None:
    here = desk(Scripted(said("Ken dies", stop="content_filtered")))

    here.client.complete(ask())

    assert here.call["input_tokens"] == here.call["spent_input_tokens"] == USAGE.input
    assert not {"input_tokens_estimated", "output_tokens"} & set(here.call)


def test_an_intent_without_a_template_gets_an_apology_with_a_human() -> None:
    here = desk(Scripted(by=lambda *_: unavailable()))

    answer = here.client.complete(ask("unheard_of"))

    assert answer.mode is fm.Mode.APOLOGY
    assert answer.text.endswith(OURS.human_link)


def test_a_hint_that_does_not_fit_into_the_deadline_is_not_waited_for() -> None:
    here = desk(Scripted(throttled(retry_after="60")))

    answer = here.client.complete(ask())

    assert here.waits == []
    assert answer.model_answered == OSAKA
    (why,) = answer.descended_because
    assert why == (
        f"{SONNET}: ThrottlingException, 15 s are left, too little for a wait of 60 s that the "
        "server asks for, an attempt of 1.2 s and 0.6 s for the steps below"
    )


def test_a_retry_leaves_the_next_steps_their_time() -> None:
    here = desk(Scripted(throttled(retry_after="2")))

    answer = here.client.complete(ask(), deadline=3.5)

    assert (here.waits, answer.model_answered) == ([], OSAKA)


def test_no_step_starts_with_less_than_it_takes_at_the_median() -> None:
    clock = FakeClock()
    here = desk(Scripted(by=lambda *_: QUOTA, clock=clock, takes=1.0), clock=clock)

    answer = here.client.complete(ask(), deadline=1.7)

    assert [one.target for one in here.transport.sent] == [SONNET, HAIKU]
    assert answer.descended_because[1] == f"{OSAKA}: 0.7 s are left, and it takes 1.2 s"
    assert [one.limits.total for one in here.transport.sent] == pytest.approx([1.7, 0.7])


def test_without_time_for_anything_there_is_an_answer_at_once() -> None:
    here = desk(Scripted())

    answer = here.client.complete(ask(), deadline=0)

    assert (answer.mode, answer.attempts) == (4, 0)
    assert (here.call["status"], here.call["error_code"]) == ("timeout", "deadline")


def test_while_a_breaker_is_open_its_route_is_not_asked() -> None:
    down = {SONNET, OSAKA}
    here = desk(Scripted(by=lambda _, target: unavailable() if target in down else said()))
    for _ in range(2):
        here.client.complete(ask())
    before = len(here.transport.sent)

    answer = here.client.complete(ask())

    assert [one.target for one in here.transport.sent[before:]] == [HAIKU]
    assert answer.descended_because == (
        f"{SONNET}: its breaker is open",
        f"{OSAKA}: its breaker is open",
    )
    opened = [(one["to"], one["region"]) for one in here.of("breaker_transition")]
    assert opened == [("open", SONNET.region), ("open", OSAKA.region)]
    assert [one["breaker"] for one in here.of("bedrock_call")] == ["closed"] * 3


def test_an_opened_breaker_ends_the_retries_of_its_route() -> None:
    config = replace(OURS, breaker=fm.BreakerConfig(consecutive=2))
    here = desk(Scripted(*[unavailable()] * 2), config=config)

    answer = here.client.complete(ask())

    assert [one.target for one in here.transport.sent] == [SONNET, SONNET, OSAKA]
    assert len(here.waits) == 1
    assert answer.descended_because == (
        f"{SONNET}: ServiceUnavailableException, and its breaker opened",
    )


def test_where_all_breakers_are_open_the_log_says_so() -> None:
    here = desk(Scripted())
    for target in (SONNET, OSAKA, HAIKU):
        here.client.breakers.of(target, "converse").order(fm.BreakerMode.FORCED_OPEN)
    here.records.clear()

    answer = here.client.complete(ask())

    assert (answer.mode, answer.attempts) == (4, 0)
    assert (here.call["status"], here.call["breaker"]) == ("circuit_open", "open")


def test_while_too_many_calls_fail_the_template_answers_but_for_a_trickle() -> None:
    config = replace(OURS, breaker=fm.BreakerConfig(mode=fm.BreakerMode.DISABLED))
    here = desk(Scripted(by=lambda *_: TIMEOUT), config=config)
    for _ in range(100):
        here.client.complete(ask())
    before = len(here.transport.sent)

    answers = [here.client.complete(ask()) for _ in range(200)]

    assert {answer.mode for answer in answers} == {4}
    assert 0 < len(here.transport.sent) - before < 60
    assert here.of("bedrock_call")[-1]["status"] in {"circuit_open", "timeout"}
    assert any("in a minute" in answer.descended_because[0] for answer in answers)


def test_json_that_was_mended_is_told() -> None:
    here = desk(Scripted(said('```json\n{"title": "Aria",}\n```')))

    answer = here.client.complete(ask(schema=SCHEMA))

    assert (answer.value, answer.mode) == ({"title": "Aria"}, 2)
    assert answer.repair is not None
    assert answer.repair.repairs
    assert here.call["repair"] == "repaired"


def test_json_that_cannot_be_used_is_asked_for_once_more() -> None:
    here = desk(Scripted(said("Aria is nice"), said('{"title": "Aria"}')))

    answer = here.client.complete(ask(schema=SCHEMA))

    assert (answer.value, answer.mode, answer.attempts) == ({"title": "Aria"}, 2, 2)
    again = here.transport.sent[1].request.messages[-1]["content"]
    assert again[0] == {"text": "Something like Yotsuba?"}
    assert "JSON" in again[1]["text"]
    assert answer.spent == fm.Usage(input=40, output=10)


def test_json_that_was_cut_is_asked_for_with_more_room() -> None:
    here = desk(Scripted(said('{"title": "Ar', stop="max_tokens"), said('{"title": "Aria"}')))

    answer = here.client.complete(ask(schema=SCHEMA, max_tokens=100))

    assert answer.value == {"title": "Aria"}
    assert [one.request.max_tokens for one in here.transport.sent] == [100, 150]


def test_a_text_that_was_cut_is_given_and_told() -> None:
    here = desk(Scripted(said("Once upon a", stop="max_tokens")))

    answer = here.client.complete(ask())

    assert (answer.text, answer.mode, answer.attempts) == ("Once upon a", 2, 1)
    assert "cut" in answer.descended_because[0]


def test_unusable_answers_do_not_open_the_breaker_but_pass_the_model_over() -> None:
    here = desk(Scripted(by=lambda _, one: said("" if one == SONNET else "ok")))
    for _ in range(20):
        here.client.complete(ask())
    before = len(here.transport.sent)

    answer = here.client.complete(ask())

    assert here.of("breaker_transition") == []
    assert [one.target for one in here.transport.sent[before:]] == [HAIKU]
    assert "could not be used" in answer.descended_because[0]


def test_a_request_that_is_wrong_is_not_sent_and_all_of_it_is_told() -> None:
    here = desk(Scripted())
    wrong = fm.Request(intent="faq", messages=({"role": "assistant", "content": ""},), top_p=7.0)

    answer = here.client.complete(wrong)

    assert (answer.mode, answer.attempts) == (5, 0)
    assert here.call["status"] == "validation_error"
    assert set(here.call["issues"]) >= {"content_empty", "first_not_user", "out_of_range"}


def test_a_conversation_that_is_too_long_loses_its_oldest_turns() -> None:
    here = desk(Scripted())
    turns = [fm.user("x" * 9000), {"role": "assistant", "content": "y" * 9000}] * 3
    request = fm.Request(intent="faq", messages=(*turns, fm.user("And now?")))

    answer = here.client.complete(request)

    assert answer.mode is fm.Mode.PRIMARY
    assert len(here.transport.sent[0].request.messages) < 7
    assert here.call["messages_dropped"] == 7 - len(here.transport.sent[0].request.messages)


def test_what_the_model_itself_finds_too_long_is_shortened_once() -> None:
    too_long = error("ValidationException", 400, "Input is too long for requested model.")
    turns = [fm.user("x" * 3000), {"role": "assistant", "content": "y" * 3000}] * 2
    request = fm.Request(intent="recommendation", messages=(*turns, fm.user("And now?")))
    once = desk(Scripted(too_long))
    twice = desk(Scripted(too_long, too_long))

    assert once.client.complete(request).mode is fm.Mode.PRIMARY
    assert len(once.transport.sent[1].request.messages) < 5
    assert twice.client.complete(request).mode is fm.Mode.APOLOGY
    assert twice.call["status"] == "validation_error"


def test_what_is_too_long_goes_to_a_model_with_more_room() -> None:
    small = fm.Target(model_id="small", region="ap-northeast-1")
    policy = replace(OURS.policy("recommendation"), route=small, alternates=(), input_tokens=10_000)
    config = replace(
        OURS,
        intents={"*": policy},
        models=fm.Registry(
            (
                *OURS.models,
                fm.ModelSpec(
                    base_id="small", name="small", context_tokens=2000, max_output_tokens=1000
                ),
            )
        ),
    )
    here = desk(Scripted(), config=config)

    answer = here.client.complete(ask(text="x" * 9000))

    assert (answer.model_answered, answer.mode, answer.attempts) == (HAIKU, 3, 1)


def test_a_model_that_ran_out_of_time_is_asked_for_less() -> None:
    here = desk(Scripted(error("ModelTimeoutException", 408)))

    here.client.complete(ask(max_tokens=400))

    assert [one.request.max_tokens for one in here.transport.sent] == [400, 200]


def test_tools_that_a_model_asks_for_reach_the_caller() -> None:
    use = {"toolUse": {"toolUseId": "t1", "name": "stock", "input": {}}}
    here = desk(Scripted(replace(said("", stop="tool_use"), blocks=(use,))))
    tool = {"toolSpec": {"name": "stock", "inputSchema": {"json": {"type": "object"}}}}

    answer = here.client.complete(ask(tools=(tool,)))

    assert (answer.blocks, answer.mode, answer.stop_reason) == ((use,), 1, "tool_use")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_cancellation_is_raised_on_logged_and_counts_nowhere(
    stop: type[BaseException],
) -> None:
    here = desk(Scripted(stop()))

    with pytest.raises(stop):
        here.client.complete(ask())

    assert (here.call["status"], here.call["attempts"]) == ("cancelled", 1)
    assert here.client.breakers.of(SONNET, "converse").snapshot().rates.calls == 0


def test_a_log_that_fails_loses_its_records_and_nothing_else() -> None:
    def broken(_: object) -> None:
        raise OSError("disk full")

    clock = FakeClock()
    client = fm.Client(transport=Scripted(), clock=clock, log_sink=broken)

    assert client.complete(ask()).mode is fm.Mode.PRIMARY
    assert client.log_failures == 2


def test_a_session_is_known_by_its_hash_alone() -> None:
    here = desk(Scripted())

    here.client.complete(ask(session="customer-4711"))
    here.client.complete(ask(session="customer-4711"))

    assert "customer-4711" not in str(here.records)
    assert len({one["session_hash"] for one in here.records}) == 1


def test_a_policy_is_needed_for_intents_that_nobody_named() -> None:
    with pytest.raises(ValueError, match=r"no entry '\*'"):
        fm.Config(intents={"faq": OURS.policy("faq")})
