"""Whatever is done to a runbook file, loading gives a runbook or findings, nothing else."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mangaops.errors import RunbookError
from mangaops.model.runbook import Runbook
from mangaops.model.settings import Environment
from mangaops.runbook.bind import bind
from mangaops.runbook.finding import RULES, Finding
from mangaops.runbook.graph import mermaid
from mangaops.runbook.library import shipped_folder
from mangaops.runbook.lint import lint
from mangaops.runbook.load import load_runbook, load_text
from support.runbook_texts import GOOD

TEXTS = [
    GOOD,
    *(
        file.read_text(encoding="utf-8")
        for file in sorted(shipped_folder().glob("*.yaml"))
        if not file.name.endswith(".test.yaml")
    ),
]
YAML = ("yes", "~", "*", "&a", "<<: 1", "'", '"', "[", "{", "}", "- ", "|", ">", "!!x", "%", "#")
WORDS = (
    "when: 1",
    "goto: nowhere",
    "${x}",
    "{x:ms}",
    "1e999",
    "-1",
    "0s",
    "next",
    "max(",
    "9" * 30,
)
ODD = ("\t", "\x00", "\ud800", "\ufeff", "\u2028", "\x85", "é", "🎌", "---", "...", "? ", ": ")
FRAGMENTS = st.sampled_from(YAML + WORDS + ODD) | st.text(max_size=8)
WHERE = st.floats(min_value=0, max_value=0.9999)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A runbook with one to four lines deleted, doubled, swapped, cut, or written into."""
    lines = draw(st.sampled_from(TEXTS)).split("\n")
    for _ in range(draw(st.integers(1, 4))):
        at = int(draw(WHERE) * len(lines))
        other = int(draw(WHERE) * len(lines))
        line = lines[at]
        split = int(draw(WHERE) * (len(line) + 1))
        fragment = draw(FRAGMENTS)
        changed = {
            "delete": [],
            "double": [line, line],
            "swap": [lines[other]],
            "cut": [line[:split]],
            "insert": [line[:split] + fragment + line[split:]],
            "scalar": [line.partition(":")[0] + ": " + fragment],
            "dedent": [line.lstrip()],
            "indent": ["  " + line],
        }
        lines[at : at + 1] = changed[draw(st.sampled_from(sorted(changed)))]
        lines = lines or [""]
    return "\n".join(lines)


def assert_usable_or_explained(text: str) -> None:
    runbook = loaded_or_explained(text)
    if runbook is None:
        return
    for found in lint(runbook):
        assert_explained(found)
    mermaid(runbook)
    if not any(found.rule == "M009" for found in lint(runbook)):
        bind(runbook, Environment(), {})


def loaded_or_explained(text: str) -> Runbook | None:
    try:
        return load_text(text, "folder/x.yaml")
    except RunbookError as error:
        findings = error.findings
    assert findings
    for finding in findings:
        assert_explained(finding)
    return None


def assert_explained(finding: object) -> None:
    assert isinstance(finding, Finding)
    assert finding.rule in RULES
    assert finding.message
    assert (finding.place.file, finding.place.line > 0, finding.place.column > 0) == (
        "folder/x.yaml",
        True,
        True,
    )


@given(mutated())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_mutated_runbook_is_usable_or_explained(text: str) -> None:
    assert_usable_or_explained(text)


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_text_is_usable_or_explained(text: str) -> None:
    assert_usable_or_explained(text)


@given(st.binary(max_size=300), WHERE)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_in_a_file_are_usable_or_explained(
    tmp_path: Path, noise: bytes, where: float
) -> None:
    raw = GOOD.encode()
    at = int(where * len(raw))
    file = tmp_path / "x.yaml"
    file.write_bytes(raw[:at] + noise + raw[at + len(noise) :])
    try:
        load_runbook(file)
    except RunbookError as error:
        assert error.findings  # noqa: PT017 - it may load as well
