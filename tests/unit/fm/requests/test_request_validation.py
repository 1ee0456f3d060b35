"""What is wrong with a request is found before it is sent: all of it, each with its path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaops.fm import (
    Budget,
    IssueCode,
    ModelSpec,
    Registry,
    Request,
    Severity,
    Target,
    user,
    validate_request,
)
from mangaops.fm.requests.issue import Issue, errors_of
from mangaops.fm.requests.request import Operation

REGISTRY = Registry()
SONNET = Target(model_id="jp.anthropic.claude-sonnet-4-6", region="ap-northeast-1")
HAIKU = Target(model_id="jp.anthropic.claude-haiku-4-5-20251001-v1:0", region="ap-northeast-1")
OLD = Target(model_id="anthropic.claude-3-haiku-20240307-v1:0", region="us-east-1")
GOOD = Request(intent="faq", messages=(user("Hours?"),), max_tokens=300)
TOOL = {"toolSpec": {"name": "find", "inputSchema": {"json": {"type": "object"}}}}


def assistant(content: Any = "Yes.") -> Mapping[str, Any]:
    return {"role": "assistant", "content": content}


def use(name: str = "t1") -> Mapping[str, Any]:
    return {"toolUse": {"toolUseId": name, "name": "find", "input": {"q": "x"}}}


def result(name: str = "t1") -> Mapping[str, Any]:
    return {"toolResult": {"toolUseId": name, "content": [{"text": "found"}]}}


def found(request: Request, **options: Any) -> list[tuple[str, str]]:
    return [(one.code.value, one.path) for one in validate_request(request, REGISTRY, **options)]


def of(*messages: Any, **more: Any) -> Request:
    return replace(GOOD, messages=messages, **more)


def test_a_sound_request_has_no_issue() -> None:
    budget = Budget(max_tokens=900, input_tokens=5000)
    assert validate_request(GOOD, REGISTRY) == ()
    for target in (SONNET, HAIKU, OLD):
        assert validate_request(GOOD, REGISTRY, target=target, budget=budget) == ()


def test_a_conversation_with_tools_is_sound() -> None:
    request = of(
        user("Find it"),
        assistant([{"text": "Looking."}, use()]),
        {
            "role": "user",
            "content": [result()],
        },
        tools=(TOOL,),
    )
    assert found(request, target=SONNET) == []


@pytest.mark.parametrize(
    ("messages", "issue"),
    [
        ((), ("messages_missing", "messages")),
        (None, ("messages_missing", "messages")),
        ("Hours?", ("messages_missing", "messages")),
        ((assistant(), user("a")), ("first_not_user", "messages[0].role")),
        ((user("a"), user("b")), ("roles_not_alternating", "messages[1].role")),
        (
            (user("a"), assistant(), assistant(), user("b")),
            ("roles_not_alternating", "messages[2].role"),
        ),
        (({"role": "system", "content": "a"},), ("role_unknown", "messages[0].role")),
        (({"content": "a"},), ("role_unknown", "messages[0].role")),
        (({"role": ["user"], "content": "a"},), ("role_unknown", "messages[0].role")),
        (("Hours?",), ("message_malformed", "messages[0]")),
        ((user("a"), assistant()), ("last_not_user", "messages[1].role")),
    ],
)
def test_turns_are_the_users_and_the_assistants_in_turn(
    messages: Any, issue: tuple[str, str]
) -> None:
    assert found(replace(GOOD, messages=messages)) == [issue]


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (None, ""),
        ("", ""),
        ("  \n\u3000", ""),
        ([], ""),
        ([{}], "[0]"),
        ([{"text": ""}], "[0].text"),
        ([{"text": "  "}], "[0].text"),
        ([{"text": None}], "[0].text"),
        ([{"text": "a"}, {"text": " "}], "[1].text"),
        ([{"cachePoint": {"type": "default"}}], ""),
    ],
)
def test_content_is_empty_in_many_ways(content: Any, path: str) -> None:
    request = of(user("a"), assistant(), {"role": "user", "content": content})
    assert found(request) == [("content_empty", f"messages[2].content{path}")]


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (7, ""),
        ({"text": "a"}, ""),
        (["a"], "[0]"),
        ([{"text": 7}], "[0].text"),
        ([{"words": "a"}], "[0]"),
        ([{"type": "text", "text": "a"}], "[0]"),
        ([{"text": "a", "guardContent": {}}], "[0]"),
    ],
)
def test_content_that_is_no_block_of_converse(content: Any, path: str) -> None:
    request = of({"role": "user", "content": content})
    assert found(request) == [("block_malformed", f"messages[0].content{path}")]


def test_anthropics_own_blocks_are_for_invoke_model() -> None:
    blocks = [{"type": "text", "text": "Hours?"}, {"type": "text", "text": " "}]
    request = of({"role": "user", "content": blocks}, operation=Operation.INVOKE_MODEL)
    assert found(request) == [("content_empty", "messages[0].content[1].text")]


@pytest.mark.parametrize(
    ("messages", "issue"),
    [
        (
            (user("a"), assistant([use()]), user("b")),
            ("tool_result_missing", "messages[2].content"),
        ),
        (
            ({"role": "user", "content": [result()]},),
            ("tool_result_unasked", "messages[0].content[0].toolResult.toolUseId"),
        ),
        (
            (user("a"), assistant([use()]), {"role": "user", "content": [result(), result()]}),
            ("tool_result_unasked", "messages[2].content[1].toolResult.toolUseId"),
        ),
        (
            (
                user("a"),
                assistant([use(), use()]),
                {"role": "user", "content": [result()]},
            ),
            ("block_malformed", "messages[1].content"),
        ),
        (
            (user("a"), assistant([{"toolUse": {"name": "find"}}]), user("b")),
            ("block_malformed", "messages[1].content[0].toolUse"),
        ),
        (
            (
                user("a"),
                assistant([{"toolUse": {"toolUseId": "t1", "name": "find", "input": "x"}}]),
                {"role": "user", "content": [result()]},
            ),
            ("block_malformed", "messages[1].content[0].toolUse.input"),
        ),
    ],
)
def test_a_tools_result_answers_its_use(messages: Any, issue: tuple[str, str]) -> None:
    assert issue in found(replace(GOOD, messages=messages, tools=(TOOL,)))


def test_tool_blocks_need_the_tools() -> None:
    request = of(user("a"), assistant([use()]), {"role": "user", "content": [result()]})
    assert found(request) == [("tools_missing", "tools")]


@pytest.mark.parametrize(
    ("tool", "issue"),
    [
        ({}, ("tool_malformed", "tools[1]")),
        ("find", ("tool_malformed", "tools[1]")),
        (TOOL, ("tool_duplicate", "tools[1].toolSpec.name")),
        (
            {"toolSpec": {**TOOL["toolSpec"], "name": "find it"}},
            ("tool_malformed", "tools[1].toolSpec.name"),
        ),
        (
            {"toolSpec": {**TOOL["toolSpec"], "name": "x" * 65}},
            ("tool_malformed", "tools[1].toolSpec.name"),
        ),
        ({"toolSpec": {"name": "other"}}, ("tool_malformed", "tools[1].toolSpec.inputSchema")),
        (
            {"toolSpec": {"name": "other", "inputSchema": {"json": {"type": "array"}}}},
            ("tool_malformed", "tools[1].toolSpec.inputSchema"),
        ),
        (
            {"toolSpec": {**TOOL["toolSpec"], "name": "other", "description": " "}},
            ("tool_malformed", "tools[1].toolSpec.description"),
        ),
    ],
)
def test_tools_have_each_a_name_and_a_schema(tool: Any, issue: tuple[str, str]) -> None:
    assert found(replace(GOOD, tools=(TOOL, tool)), target=SONNET) == [issue]


@pytest.mark.parametrize("wrong", [0, -1, True, 2.5, "900", float("nan")], ids=repr)
def test_max_tokens_is_a_whole_number_of_one_or_more(wrong: Any) -> None:
    request = replace(GOOD, max_tokens=wrong)
    assert ("max_tokens_invalid", "max_tokens") in found(request, target=SONNET)


def test_max_tokens_that_nobody_set_reserves_the_whole_quota() -> None:
    request = replace(GOOD, max_tokens=None)
    (unsure,) = validate_request(request, REGISTRY)
    (certain,) = validate_request(request, REGISTRY, budget=Budget())
    assert (unsure.code, unsure.severity) == (IssueCode.MAX_TOKENS_MISSING, Severity.WARNING)
    assert (certain.code, certain.severity) == (IssueCode.MAX_TOKENS_MISSING, Severity.ERROR)
    assert found(request, target=SONNET, budget=Budget(max_tokens=900)) == []


def test_max_tokens_is_within_the_model_and_the_intent() -> None:
    request, budget = replace(GOOD, max_tokens=4097), Budget(max_tokens=1500)
    assert found(request, target=OLD, budget=budget) == [
        ("max_tokens_over_model", "max_tokens"),
        ("max_tokens_over_budget", "max_tokens"),
    ]
    assert found(replace(GOOD, max_tokens=1500), target=OLD, budget=budget) == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("temperature", -0.1, "out_of_range"),
        ("temperature", 1.1, "out_of_range"),
        ("temperature", True, "out_of_range"),
        ("temperature", "hot", "out_of_range"),
        ("temperature", float("nan"), "not_a_number"),
        ("top_p", 5, "out_of_range"),
        ("top_p", float("inf"), "not_a_number"),
        ("top_k", -1, "out_of_range"),
        ("top_k", 501, "out_of_range"),
        ("top_k", 2.5, "out_of_range"),
    ],
)
def test_parameters_have_ranges(name: str, value: Any, code: str) -> None:
    assert found(replace(GOOD, **{name: value}), target=SONNET) == [(code, name)]


def test_a_temperature_with_top_p_is_only_for_models_that_take_both() -> None:
    request = replace(GOOD, temperature=0.2, top_p=0.9)
    (issue,) = validate_request(request, REGISTRY, target=SONNET)
    assert (issue.code, issue.path) == (IssueCode.UNSUPPORTED_PARAMETER, "top_p")
    assert issue.severity is Severity.WARNING
    assert found(request, target=OLD) == []


def test_what_a_model_does_not_take_is_a_warning() -> None:
    bare = ModelSpec(base_id="bare", name="bare", context_tokens=9000, max_output_tokens=900)
    request = replace(
        GOOD,
        messages=(user("a"), assistant("The")),
        temperature=0.1,
        top_p=0.1,
        top_k=5,
        stop_sequences=("END",),
        tools=(TOOL,),
        cached=True,
    )
    target = Target(model_id="bare", region="us-east-1")
    issues = validate_request(request, Registry([bare]), target=target)
    assert errors_of(issues) == ()
    assert {issue.path for issue in issues} == {
        "messages[1].role",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "tools",
        "cached",
    }


def test_the_assistants_last_word_begins_an_answer_where_the_model_goes_on() -> None:
    request = of(user("a"), assistant("{"))
    assert found(request, target=HAIKU) == []
    assert found(request, target=SONNET) == [("unsupported_parameter", "messages[1].role")]


def test_an_unknown_model_is_named_with_those_that_are_known() -> None:
    target = Target(model_id="anthropic.claude-9", region="us-east-1")
    (issue,) = validate_request(GOOD, REGISTRY, target=target)
    assert (issue.code, issue.path) == (IssueCode.UNKNOWN_MODEL, "model_id")
    assert "anthropic.claude-sonnet-4-6" in issue.message


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"intent": " "}, ("intent_missing", "intent")),
        ({"system": "  "}, ("content_empty", "system")),
        ({"system": None}, ("block_malformed", "system")),
        ({"stop_sequences": ("\n",)}, ("stop_sequence_empty", "stop_sequences[0]")),
        ({"system": "a\ud800"}, ("lone_surrogate", "system")),
        ({"schema": {"const": float("inf")}}, ("not_a_number", "schema.const")),
        ({"schema": {"default": {1, 2}}}, ("not_json", "schema.default")),
    ],
)
def test_the_rest_of_a_request(change: Mapping[str, Any], issue: tuple[str, str]) -> None:
    assert found(replace(GOOD, **change), target=SONNET) == [issue]


def test_the_name_of_a_member_is_a_text() -> None:
    schema: Any = {(1, 2): 3}
    assert ("not_json", "schema") in found(replace(GOOD, schema=schema))


def test_half_a_surrogate_pair_is_found_where_it_is() -> None:
    request = of(
        user("fine \U0001f600"),
        assistant(),
        {
            "role": "user",
            "content": [{"text": "fine"}, {"text": "broken \udc00 here"}],
        },
    )
    (issue,) = validate_request(request, REGISTRY)
    assert (issue.code, issue.path) == (
        IssueCode.LONE_SURROGATE,
        "messages[2].content[1].text",
    )
    assert "character 7" in issue.message


def test_what_is_nested_too_deep_or_holds_itself_is_an_issue() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    itself: dict[str, Any] = {}
    itself["again"] = itself
    for value in (deep, itself):
        (issue,) = validate_request(replace(GOOD, schema={"default": value}), REGISTRY)
        assert issue.code is IssueCode.NOT_JSON


def test_a_body_has_at_most_25_million_bytes_as_it_is_sent() -> None:
    image = {"image": {"format": "png", "source": {"bytes": bytes(18_800_000)}}}
    (large,) = validate_request(of({"role": "user", "content": [image]}), REGISTRY)
    assert large.code is IssueCode.BODY_TOO_LARGE
    small = {"image": {"format": "png", "source": {"bytes": bytes(18_000_000)}}}
    assert found(of({"role": "user", "content": [small]})) == []
    escaped = "あ" * 4_200_000  # six bytes each, as they are sent
    assert found(of(user(escaped))) == [("body_too_large", "messages")]
    assert found(of(user("a" * 4_200_000))) == []


def test_japanese_is_not_four_characters_a_token() -> None:
    request = of(user("漫" * 18_000))
    (issue,) = validate_request(request, REGISTRY, budget=Budget(max_tokens=900, input_tokens=5000))
    assert (issue.code, issue.severity) == (IssueCode.INPUT_OVER_BUDGET, Severity.ERROR)


def test_system_prompt_and_tools_are_counted() -> None:
    budget = Budget(max_tokens=900, input_tokens=500)
    assert found(replace(GOOD, system="word " * 100), budget=budget) == []
    assert found(replace(GOOD, system="word " * 600), budget=budget) == [
        ("input_over_budget", "messages")
    ]
    schema = {"type": "object", "description": "word " * 600}
    tool = {"toolSpec": {"name": "find", "inputSchema": {"json": schema}}}
    assert found(replace(GOOD, tools=(tool,)), budget=budget) == [("input_over_budget", "messages")]


@pytest.mark.parametrize(
    ("tokens", "severity"), [(1000, None), (1010, Severity.WARNING), (1260, Severity.ERROR)]
)
def test_an_estimate_refuses_only_when_it_is_far_over(
    tokens: int, severity: Severity | None
) -> None:
    request = of(user("a" * int((tokens - 4) * 3.5)))
    issues = validate_request(request, REGISTRY, budget=Budget(max_tokens=900, input_tokens=1000))
    assert [issue.severity for issue in issues] == ([] if severity is None else [severity])


def test_the_models_own_limit_holds_for_input_and_output_together() -> None:
    words = of(user("a" * 3 * 190_000))  # about 163,000 tokens
    assert found(words, target=SONNET) == []
    assert found(replace(words, max_tokens=60_000), target=SONNET) == [
        ("input_over_model", "messages")
    ]
    both = Budget(max_tokens=60_000, input_tokens=5000)
    assert [
        code for code, _ in found(replace(words, max_tokens=60_000), target=SONNET, budget=both)
    ] == ["input_over_model", "input_over_budget"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    request = Request(
        intent="faq",
        messages=(assistant([]), {"role": "system", "content": None}, user(" ")),
        system="\ud800",
        max_tokens=-1,
        temperature=7,
        top_p=float("nan"),
        tools=({},),
    )
    assert {code for code, _ in found(request, target=SONNET)} >= {
        "first_not_user",
        "role_unknown",
        "content_empty",
        "lone_surrogate",
        "max_tokens_invalid",
        "out_of_range",
        "not_a_number",
        "tool_malformed",
    }


def test_a_length_is_told_beside_all_else() -> None:
    request = of(user("あ" * 18_000), temperature=2, max_tokens=True)
    budget = Budget(max_tokens=900, input_tokens=5000)
    assert found(request, target=SONNET, budget=budget) == [
        ("max_tokens_invalid", "max_tokens"),
        ("out_of_range", "temperature"),
        ("input_over_budget", "messages"),
    ]


ODD: list[Any] = [None, 5, 10**400, -(10**5001), 1.5, float("nan"), True, "x", [], {}, object()]


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "tools",
        "stop_sequences",
        "system",
        "messages",
        "schema",
        "free_text",
        "metadata",
        "operation",
        "intent",
    ],
)
def test_no_odd_value_is_too_odd(name: str) -> None:
    budget = Budget(max_tokens=900, input_tokens=5000)
    for odd in ODD:
        for target in (None, SONNET):
            issues = validate_request(
                replace(GOOD, **{name: odd}), REGISTRY, target=target, budget=budget
            )
            assert all(isinstance(issue, Issue) for issue in issues)


@pytest.mark.parametrize("odd", ["x", 10**5001, -1, True, 2.5], ids=lambda odd: type(odd).__name__)
def test_a_budget_that_is_none_is_told(odd: Any) -> None:
    budget = Budget(max_tokens=900, input_tokens=odd)
    expected = [] if odd == 10**5001 else [("field_malformed", "budget.input_tokens")]
    assert found(GOOD, budget=budget) == expected


def test_what_holds_itself_by_many_ways_is_looked_at_once() -> None:
    itself: dict[str, Any] = {}
    itself["a"] = itself["b"] = itself
    assert found(replace(GOOD, schema={"default": itself})) == [
        ("not_json", "schema.default.a"),
        ("not_json", "schema.default.b"),
    ]
    shared: Any = float("nan")
    for _ in range(60):
        shared = [shared, shared]
    assert len(found(replace(GOOD, schema={"default": shared}))) == 2


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({"tools": None}, ("tool_malformed", "tools")),
        ({"stop_sequences": None}, ("field_malformed", "stop_sequences")),
        ({"metadata": {5: None}}, ("field_malformed", "metadata")),
        ({"metadata": "a"}, ("field_malformed", "metadata")),
        ({"operation": None}, ("field_malformed", "operation")),
        ({"operation": "invoke_model"}, ("field_malformed", "operation")),
        ({"schema": 5}, ("field_malformed", "schema")),
        ({"schema": {"type": "array"}}, ("schema_unusable", "schema.type")),
        ({"free_text": "/a"}, ("field_malformed", "free_text")),
        ({"free_text": ("nope",)}, ("field_malformed", "free_text[0]")),
        ({"temperature": 10**400}, ("out_of_range", "temperature")),
        ({"schema": {"const": 10**5001}}, ("not_json", "schema.const")),
        ({"schema": {"pattern": "a"}}, ("schema_unusable", "schema")),
        ({"schema": {"required": "p"}}, ("schema_unusable", "schema.required")),
        (
            {"schema": {"properties": {"a": {"items": {"type": "text"}}}}},
            ("schema_unusable", "schema.properties.a.items.type"),
        ),
    ],
)
def test_a_field_is_of_its_kind(change: Mapping[str, Any], issue: tuple[str, str]) -> None:
    assert found(replace(GOOD, **change), target=SONNET) == [issue]


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ({"image": None}, ".image"),
        ({"image": {"format": "exe", "source": {"bytes": b"x"}}}, ".image.format"),
        ({"image": {"format": "png"}}, ".image"),
        ({"image": {"format": "png", "source": {}}}, ".image.source"),
        ({"document": {}}, ".document"),
        ({"cachePoint": {}}, ".cachePoint"),
        ({"video": 5}, ".video"),
    ],
)
def test_a_block_holds_what_it_needs(block: Any, path: str) -> None:
    request = of({"role": "user", "content": [{"text": "a"}, block]})
    assert found(request) == [("block_malformed", f"messages[0].content[1]{path}")]


def test_an_image_without_bytes_is_empty() -> None:
    image = {"image": {"format": "png", "source": {"bytes": b""}}}
    assert found(of({"role": "user", "content": [image]})) == [
        ("content_empty", "messages[0].content[0].image.source.bytes")
    ]


def test_a_message_has_no_other_members() -> None:
    assert found(of({**user("a"), "name": "bob"})) == [("message_malformed", "messages[0]")]


OWN_USE = {"type": "tool_use", "id": "t1", "name": "find", "input": {}}
OWN_RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "found"}


@pytest.mark.parametrize(
    ("block", "issue"),
    [
        ({"type": "text"}, ("content_empty", "messages[0].content[0].text")),
        ({"type": "bogus"}, ("block_malformed", "messages[0].content[0].type")),
        ({"type": ["text"]}, ("block_malformed", "messages[0].content[0].type")),
        ({"type": "image"}, ("block_malformed", "messages[0].content[0]")),
        ({**OWN_USE, "input": "x"}, ("block_malformed", "messages[0].content[0].input")),
        ({**OWN_USE, "id": 7}, ("block_malformed", "messages[0].content[0]")),
        (OWN_RESULT, ("tool_result_unasked", "messages[0].content[0].tool_use_id")),
    ],
)
def test_anthropics_own_blocks_are_looked_at(block: Any, issue: tuple[str, str]) -> None:
    request = of({"role": "user", "content": [block]}, operation=Operation.INVOKE_MODEL)
    assert issue in found(replace(request, tools=(TOOL,)))


def test_a_conversation_with_tools_in_anthropics_own_words_is_sound() -> None:
    request = of(
        user("a"),
        assistant([OWN_USE]),
        {"role": "user", "content": [OWN_RESULT]},
        operation=Operation.INVOKE_MODEL,
    )
    assert found(replace(request, tools=(TOOL,)), target=HAIKU) == []
    assert found(request, target=HAIKU) == [("tools_missing", "tools")]


@pytest.mark.parametrize("target", [SONNET, HAIKU], ids=["no prefill", "prefill"])
def test_a_conversation_does_not_end_with_a_call_of_a_tool(target: Target) -> None:
    request = of(user("a"), assistant([use()]), tools=(TOOL,))
    errors = errors_of(validate_request(request, REGISTRY, target=target))
    assert [(one.code.value, one.path) for one in errors] == [
        ("tool_result_missing", "messages[1].content")
    ]


def test_an_issue_reads_as_path_and_message_and_never_holds_the_prompt() -> None:
    secret = "my card is 4111-1111"
    messages: Any = ({"role": secret, "content": [{secret: secret}, {"text": f"{secret}\ud800"}]},)
    messages += (assistant([{"toolUse": {"input": {"x4111": {secret: float("nan")}}}}]),)
    request = replace(GOOD, messages=messages, max_tokens=secret, temperature=secret)
    told = [str(issue) for issue in validate_request(request, REGISTRY, target=SONNET)]
    assert [line for line in told if line.startswith("max_tokens: a whole number")]
    assert "messages[1].content[0].toolUse.input.*.*: it is not a finite number" in told
    assert not [line for line in told if "4111" in line]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(
    messages=st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "assistant"]) | VALUES, "content": VALUES}
        ),
        max_size=4,
    )
    | VALUES,
    more=st.fixed_dictionaries(
        {},
        optional={
            "max_tokens": VALUES,
            "temperature": VALUES,
            "top_k": VALUES,
            "system": st.text() | VALUES,
            "tools": st.lists(VALUES, max_size=2).map(tuple),
            "stop_sequences": st.lists(VALUES, max_size=2).map(tuple),
        },
    ),
)
def test_whatever_is_asked_the_validator_answers(messages: Any, more: dict[str, Any]) -> None:
    request = replace(GOOD, messages=messages, **more)
    issues = validate_request(
        request, REGISTRY, target=SONNET, budget=Budget(max_tokens=900, input_tokens=5000)
    )
    assert all(isinstance(issue, Issue) and issue.path for issue in issues)
