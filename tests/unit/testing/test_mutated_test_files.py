"""Whatever a test file holds: it runs, or it is refused with places. It never breaks."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from mangaops.errors import InputError, RunbookError
from mangaops.runbook.finding import RULES, TEST_RULES, Finding
from support.tested_runbooks import HEAD, outcomes

TEXT = f"""\
{HEAD}now: 2026-01-07T12:00:00Z
resources: {{orchestrator_log: /other}}
set: {{sustained: 5m, simple: [faq]}}
tests:
  - name: it is slow
    set: {{limit_ms: 1000}}
    answers: {{worth-it: "no"}}
    evidence: {{calls: {{state: denied, detail: why}}}}
    expect:
      status: diagnosed
      verdict: likely
      path: [{{which: all of them}}, {{worth-it: "no"}}]
      remedies: [scale-out, {{look: ""}}]
equivalent:
  - {{mutant: some, because: of that}}
"""
WORDS = [match.span() for match in re.finditer(r"[\w.+-]+|\{[^{}]*\}|\[[^][]*\]", TEXT)]
OTHERS = ["", "null", "5", "[]", "{}", "''", "-10m", "1x9", "true", "denied", "{state: x}", "[1]"]


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(OTHERS)), min_size=1, max_size=3))
def test_a_test_file_with_other_words_runs_or_is_refused(
    changes: list[tuple[tuple[int, int], str]],
) -> None:
    text = TEXT
    for (start, end), other in sorted(changes, reverse=True):
        text = text[:start] + other + text[end:]
    try:
        outcomes(text)
    except RunbookError as error:
        found = [one for one in error.findings if isinstance(one, Finding)]
        assert found
        assert {one.rule for one in found} <= {*RULES, *TEST_RULES}
        assert all(one.place.line <= text.count("\n") + 1 for one in found)
    except InputError:
        return  # a source that is not there
