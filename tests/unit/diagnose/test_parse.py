"""Text of a condition or template into a checked one, or an error with its exact place."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mangaops.diagnose.parse import (
    ConditionError,
    parse_condition,
    parse_definition,
    parse_template,
)
from mangaops.errors import ExitCode, RunbookError
from mangaops.model.condition import Place
from mangaops.model.query import EcsServiceQuery, ParameterQuery
from support.evidence_building import condition, logs, metric, scope, template

PLACE = Place(file="book.yaml", line=3, column=10)
NAMES = scope(
    {
        "latency": metric(),
        "by_intent": metric(by=["Intent"]),
        "clicks": metric(days=7),
        "calls": logs(intent="text", model="text", calls="number"),
        "service": EcsServiceQuery(cluster="c", service="s"),
        "ttl": ParameterQuery(name="/p"),
    },
    {"limit_ms": 2000, "sustained": 600, "simple": ("faq",), "product": None, "on": True},
    units={"sustained": "duration", "limit_ms": "ms"},
    definitions={"slowest": "max(latest(s) for s in by_intent)", "busy": "rows(calls) > 3"},
)

ACCEPTED = [
    ("min(latency, sustained) > limit_ms", {"latency"}, {"sustained", "limit_ms"}),
    ('max(latency, "1h30m") > 1', {"latency"}, set()),
    (
        "all(latest(s) > 1 for s in by_intent if known(s) and s.Intent in simple)",
        {"by_intent"},
        {"simple"},
    ),
    ("share(r.calls > 1 for r in calls if r.model == 'sonnet') > 0.1", {"calls"}, set()),
    ("service.running < service.desired", {"service"}, set()),
    ("any(d.failed > 0 for d in service.deployments)", {"service"}, set()),
    ("1 < pct(latency, 95) <= 2 * limit_ms", {"latency"}, {"limit_ms"}),
    ("product is not None or product == 'p1'", set(), {"product"}),
    ("sum(clicks) < 0.8 * sum(baseline(clicks))", {"clicks"}, set()),
    ("max(g.share for g in group(calls, 'intent')) > 0.5", {"calls"}, set()),
    ("lookup(calls, 'faq', 'calls') > 3", {"calls"}, set()),
    ("age(ttl.modified_at) < hours(2) if on else False", {"ttl"}, {"on"}),
    ("slowest > limit_ms", {"by_intent"}, {"limit_ms"}),
    ("busy and not on", {"calls"}, {"on"}),
    ("on", set(), {"on"}),
    ("min(1, 2, limit_ms) == 1", set(), {"limit_ms"}),
    ("rows(calls) in [1, -2]", {"calls"}, set()),
    ("window_end - onset(latency, limit_ms) > minutes(5)", {"latency"}, {"limit_ms"}),
]


@pytest.mark.parametrize(("source", "evidence", "parameters"), ACCEPTED)
def test_a_condition_knows_the_names_that_it_mentions(
    source: str, evidence: set[str], parameters: set[str]
) -> None:
    parsed = parse_condition(source, PLACE, NAMES)

    assert (parsed.source, parsed.place) == (source, PLACE)
    assert (parsed.evidence, parsed.parameters) == (evidence, parameters)


REFUSED = [
    # names
    ("latenci > 1", 10, '"latenci" is neither evidence', 'did you mean "latency"?'),
    ("latest(latency) > limit", 28, '"limit" is neither evidence', 'did you mean "limit_ms"?'),
    ("mn(latency) > 1", 10, 'there is no function "mn"', 'did you mean "min"?'),
    ("len(calls) > 1", 10, 'there is no function "len"', "rows(table) or count(list)"),
    ("true", 10, '"true" is neither', "write `True`"),
    ("service.runing > 1", 10, 'no field "runing"', 'did you mean "running"?'),
    ("any(r.inten == 'a' for r in calls)", 14, 'no field "inten"', 'did you mean "intent"?'),
    ("any(s.intent == 'a' for s in by_intent)", 14, 'no field "intent"', '"Intent"'),
    ("rows(column(calls, 'cals')) > 1", 29, 'no column "cals"', 'did you mean "calls"?'),
    ("any(latency > 1 for latency in calls)", 30, 'the name "latency" is taken', "short one"),
    # shapes
    ("calls > 3", 10, "this is a table", "rows(t)"),
    ("latency > 3", 10, "this is a series", "latest(s)"),
    ("max(by_intent) > 3", 14, "this is a group of series", "for s in NAME"),
    ("latest(by_intent) > 3", 17, "this is a group of series", "for s in NAME"),
    ("service > 3", 10, "this is a record", ".desired"),
    ("any(x > 1 for x in limit_ms)", 29, "a number has no members", "only tables"),
    ("any(r > 1 for r in calls)", 14, "this is a row of a table", ".intent"),
    ("calls.intent == 'a'", 10, "a table has no fields of its own", "for r in NAME"),
    ("latest(latency) == 'a'", 29, "a number never equals a text", "number(text)"),
    ("ttl.value > 3", 10, "this is a text", ""),
    ("'a' in 'abc'", 17, "`in` looks into a list", "contains(text, part)"),
    ("product == None", 21, "None is compared with `is`", "is None"),
    ("latest(latency)", 10, "this is a number, not a condition", "> 0"),
    ("max(r.intent for r in calls) > 1", 14, "numbers are needed here", ""),
    ("baseline(latency) is None", 19, "reads no earlier days", "baseline: {days}"),
    ("all(r.calls for r in calls)", 14, "a condition is needed here", ""),
    ("count(r.calls > 1 for r in calls) > 2", 16, "count() counts every member", "behind `if`"),
    # arguments
    ("min() > 1", 10, "min() takes 1 to 20 arguments, and 0 are given", ""),
    ("rows(calls, calls) > 1", 10, "rows() takes 1 arguments, and 2 are given", ""),
    ("rows(t=calls) > 1", 17, "takes no named arguments", ""),
    ("min(latency, '10x') > 1", 23, '"10x" is no duration', '"10m"'),
    ("min(latency, '0m') > 1", 23, '"0m" is no duration', '"10m"'),
    ("min(latency, limit_ms) > 1", 23, 'parameter "limit_ms" is no duration', "unit: duration"),
    ("min(latency, 10) > 1", 23, "a window is a duration", "duration parameter"),
    ("max(column(calls, 'calls'), '5m') > 1", 14, "a number is needed", "max(list)"),
    ("pct(latency, 101) > 1", 23, "between 0 and 100", ""),
    ("column(calls, limit_ms) is None", 24, "a text in quotes", ""),
    ("all(calls) and True", 14, "all() takes a generator", "for x in NAME"),
    ("known(limit_ms)", 16, "known() asks about evidence", ""),
    # constructs
    ("[r for r in calls] == 1", 10, "a list comprehension is not part", "inside a function"),
    ("(lambda: 1) == 1", 11, "a lambda is not part", ""),
    ("calls[0] == 1", 10, "`[...]` behind a value is not part", "lookup()"),
    ("2 ** 9 > 1", 10, "only + - * / %", ""),
    ("~1 == 2", 10, "this operator is not part", ""),
    ("f'{on}' == 'a'", 10, "an f-string is not part", ""),
    ("b'a' == 'a'", 10, "only numbers, texts, True, False and None", ""),
    ("1e999 > 1", 10, "this number is too large", ""),
    ("9999999999999999 > 1", 10, "this number is too large", ""),
    ("any(1 > r.calls for r in calls for q in calls)", 14, "exactly one `for`", ""),
    ("on is 3", 16, "`is` compares with None only", "write `==`"),
    ("on.real", 10, 'no field "real"', ""),
    ("().__class__ is None", 10, "a tuple is not part", ""),
    # syntax
    ("", 10, "the condition is empty", "write an expression"),
    ("on and", 15, "not an expression", ""),
    ("on) or (on", 12, "not an expression", ""),
    ("on # and more", 13, "unexpected text after the condition", ""),
    ("on == \x00", 16, "cannot be part of a condition", ""),
    ("on == '\\d'", 17, "cannot be part of a condition", ""),
    ("not " * 100 + "on", 10, "nested too deeply", "several nodes"),
]


@pytest.mark.parametrize(("source", "column", "message", "hint"), REFUSED)
def test_what_is_no_condition_is_refused_with_its_column(
    source: str, column: int, message: str, hint: str
) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(source, PLACE, NAMES)

    error = caught.value
    assert error.place == Place(file="book.yaml", line=3, column=column)
    assert error.where == f"book.yaml:3:{column}"
    assert message in error.message
    assert hint in error.hint


def test_a_condition_error_is_the_runbook_authors() -> None:
    with pytest.raises(RunbookError) as caught:
        parse_condition("nope", PLACE, NAMES)

    assert caught.value.exit_code is ExitCode.WRONG_INPUT


def test_in_a_block_of_lines_the_error_names_the_line_and_its_column() -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition("on and\n  latest(latencyy) > 1", PLACE, NAMES)

    assert caught.value.place == Place(file="book.yaml", line=4, column=10)


def test_lines_and_indents_become_one_space_but_not_within_quotes() -> None:
    parsed = parse_condition("  product ==\n    'a  b'\n", PLACE, NAMES)

    assert parsed.source == "product == 'a  b'"
    assert ast.unparse(parsed.tree) == "product == 'a  b'"


def test_columns_count_characters_not_bytes() -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition("product == 'é漫画' and nope", PLACE, NAMES)

    assert caught.value.place.column == 10 + len("product == 'é漫画' and ")


def test_a_definition_may_be_of_any_type_and_use_earlier_ones() -> None:
    parsed = parse_definition("slowest / limit_ms", PLACE, NAMES)

    assert (parsed.evidence, parsed.parameters) == ({"by_intent"}, {"limit_ms"})


def test_a_definition_cannot_use_itself() -> None:
    with pytest.raises(ConditionError, match="neither evidence nor a parameter"):
        parse_definition("itself + 1", PLACE, NAMES)


def test_a_template_is_text_with_slots_and_escaped_braces() -> None:
    parsed = template("p95 {latest(latency):ms} of {{x}} {limit_ms}", NAMES)

    assert [part if isinstance(part, str) else part.format for part in parsed.parts] == [
        "p95 ",
        "ms",
        " of {x} ",
        "",
    ]
    assert parsed.evidence == {"latency"}


def test_a_colon_within_quotes_belongs_to_the_expression() -> None:
    parsed = template("{'a:b' if on else '}'}", NAMES)

    assert [part if isinstance(part, str) else part.condition.source for part in parsed.parts] == [
        "'a:b' if on else '}'"
    ]


@pytest.mark.parametrize(
    ("source", "column", "message", "hint"),
    [
        ("a {", 12, "a `{` without its `}`", "`{{`"),
        ("a } b", 12, "a `}` without its `{`", "`}}`"),
        ("a {}", 13, "the condition is empty", ""),
        ("a {latest(latency):mz}", 29, '"mz" is no format', "formats: ms"),
        ("a {limit_ms:counts}", 22, '"counts" is no format', 'did you mean "count"?'),
        ("a {latency:ms}", 13, "a series cannot be shown", "latest()"),
        ("a {latest(latencyy)}", 20, '"latencyy" is neither', 'did you mean "latency"?'),
    ],
)
def test_what_is_no_template_is_refused_with_its_column(
    source: str, column: int, message: str, hint: str
) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_template(source, PLACE, NAMES)

    assert caught.value.place.column == column
    assert message in caught.value.message
    assert hint in caught.value.hint


_VOCABULARY = """latency by_intent calls service limit_ms sustained min max all any known rows
latest s r for in if else and or not is None True ( ) [ ] { } , . : > < == + - * / % ** 'a' " 1
2.5 1e400 \x00 \\ é # lambda"""
_WORDS = st.sampled_from([*_VOCABULARY.split(), "\n"])


@given(st.one_of(st.text(max_size=60), st.lists(_WORDS, max_size=25).map(" ".join)))
@example("(" * 300)
@example("-" * 3999 + "1")
@example("[" * 90 + "1")
@example("x" * 5000)
@example("9" * 3900 + " > 1")
@example("\ud800 > 1")
@example("a." * 1900 + "b")
def test_any_text_is_a_condition_or_a_condition_error(source: str) -> None:
    told: list[str] = []
    for parse in _PARSERS:
        try:
            parse(source)
        except ConditionError as error:
            told.append(error.message)
    assert all(told)


def _condition(source: str) -> Any:
    return parse_condition(source, PLACE, NAMES)


def _template(source: str) -> Any:
    return parse_template("{" + source + ":ms}", PLACE, NAMES)


_PARSERS = (_condition, _template)


def test_a_condition_is_parsed_once_and_never_evaluated() -> None:
    parsed = condition("rows(calls) > 3", NAMES)

    assert isinstance(parsed.tree, ast.Compare)
