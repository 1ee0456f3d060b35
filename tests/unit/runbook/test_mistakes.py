"""One mistake at a time: (what stood there, what stands there now, rule, message, its place).

A message of None is the condition language's own and tested there.
"""

from __future__ import annotations

import pytest

from support.runbook_texts import place_of, said, spoiled

MISTAKES = [
    ("title: Answers", "titel: Answers", "M002", 'unknown key "titel"', "titel"),
    ("        goto: worth-it", "        got: worth-it", "M002", 'unknown key "got"', "got:"),
    ("stat: p95, pool", "stta: p95, pool", "M002", 'unknown key "stta"', "stta"),
    ("severity: SEV-2\n", "", "M003", '"severity" is missing', "schema"),
    (
        "    title: One intent is slow\n",
        "",
        "M003",
        '"title" is missing in "one-intent"',
        "one-intent:\n    cause",
    ),
    (
        "unit: duration",
        "unit: 5",
        "M004",
        "parameters.sustained.unit must be text; put it in quotes",
        "5}",
    ),
    (
        "window: 30m",
        "window: 30 minutes",
        "M004",
        "window must be a duration such as 10m, 2h or 1h30m",
        "30 min",
    ),
    (
        "window: 30m",
        "window: 0m",
        "M004",
        "window must be a duration such as 10m, 2h or 1h30m",
        "0m",
    ),
    (
        "severity: SEV-2\n",
        "severity: SEV-9\n",
        "M004",
        "severity must be 'SEV-1', 'SEV-2', 'SEV-3' or 'SEV-4'",
        "SEV-9",
    ),
    ("default: 10m,", "default: ten,", "M004", "sustained is no duration", "{default: ten"),
    (
        "prevention: [Alarm earlier]",
        "prevention: 5",
        "M004",
        "outcomes.one-intent.prevention must be a list (`- item` lines)",
        "5\n    continue",
    ),
    (
        "name: answer_ms, stat: p95, pool",
        "name: '*', stat: p95, pool",
        "M004",
        "name must be one name",
        "*', stat",
    ),
    (
        "stat: p95, pool",
        "stat: p95th, pool",
        "M004",
        'stat "p95th" is no statistic of CloudWatch',
        "p95th",
    ),
    ("pool: 10m", "pool: 90s", "M004", "pool must be whole minutes", "90s"),
    (
        "columns: {intent",
        "limit: 20000\n      columns: {intent",
        "M004",
        "limit must be 1 to 10,000",
        "20000",
    ),
    (
        "\nname: slow-answers",
        "\nname: a\nname: slow-answers",
        "M005",
        '"name" again; it stands in line 2',
        "name: slow",
    ),
    (
        "when: busy > 10\n",
        "when: busi > 10\n",
        "M006",
        '"busi" is neither evidence nor a parameter',
        "busi >",
    ),
    ("if known(s))\n", "if knwn(s))\n", "M006", None, "knwn"),
    ("      {max(latest(s)", "      {mx(latest(s)", "M006", None, "mx(latest"),
    (
        '"{busy:count} calls."',
        '"\\"{bus:count} calls."',
        "M006",
        '"bus" is neither evidence nor a parameter',
        "bus:count",
    ),
    ("start: which\n", "start: wich\n", "M007", 'no node or outcome is named "wich"', "wich"),
    ("goto: worth-it", "goto: worthit", "M007", 'no node or outcome is named "worthit"', "worthit"),
    (
        "        on_missing: inconclusive\n      -",
        "        on_missing: nowhere\n      -",
        "M007",
        'no node or outcome is named "nowhere"',
        "nowhere",
    ),
    (
        "    on_missing: one-intent",
        "    on_missing: next",
        "M007",
        'no node or outcome is named "next"',
        "next\n",
    ),
    (
        "        otherwise: true\n",
        "",
        "M008",
        "a branch has either `when` or `otherwise: true`",
        "answer: some",
    ),
    (
        "    question: Which intents?\n",
        "",
        "M008",
        '"which" needs `question` and `branches`, or `ask` and `options`',
        "branches",
    ),
    (
        "        command: scale-out\n",
        "",
        "M008",
        "an executable remedy has a `command`, a manual one none",
        "id: scale-out",
    ),
    ("kind: logs", "kind: log", "M010", 'no kind "log"', "log\n"),
    (
        "define:\n  busy:",
        "define:\n  model: 1 > 0\n  busy:",
        "M018",
        'the name "model" is taken by parameters',
        "model: 1 > 0",
    ),
    (
        "  model: {default",
        "  window_end: {default: 1}\n  model: {default",
        "M018",
        'the name "window_end" is taken by the language',
        "window_end",
    ),
    (
        "  model: {default",
        "  class: {default: 1}\n  model: {default",
        "M018",
        'the name "class" is a word of the condition language',
        "class",
    ),
    (
        "  kept:\n",
        "  which:\n    title: x\n    cause: y\n  kept:\n",
        "M018",
        'the name "which" is taken by nodes',
        "which:\n    title",
    ),
    (
        "  kept:\n",
        "  next:\n    title: x\n    cause: y\n  kept:\n",
        "M018",
        'the name "next" is a word with a meaning of its own',
        "next:\n",
    ),
]


@pytest.mark.parametrize(("before", "after", "rule", "message", "at"), MISTAKES)
def test_one_mistake_is_one_finding_at_its_place(
    before: str, after: str, rule: str, message: str | None, at: str
) -> None:
    text = spoiled(before, after)
    found = said(text)
    assert [(one[0], one[1] if message else None, one[2:]) for one in found] == [
        (rule, message, place_of(text, at))
    ]
