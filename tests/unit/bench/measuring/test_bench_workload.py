"""Workload files: strict, with the place of what is wrong; prompts come from them or the table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mangaops.bench.measuring.measurement import labels
from mangaops.bench.measuring.prompts import Prompt, Prompts
from mangaops.bench.measuring.workload import IntentLoad, Workload, load_workload
from mangaops.errors import InputError, WorkloadError
from mangaops.model.resources import PromptVersion, PromptVersions

GOOD = """\
schema: mangaops.workload/1
intents:
  recommendation:
    model: sonnet
    max_output_tokens: 400
    messages:
      - Something calm?
      - 「ちはやふる」が好きな人におすすめは
    versions:
      v2.1: {file: prompts/new.txt, prompt_tokens: 520, max_output_tokens: 350}
  faq:
    model: jp.anthropic.claude-haiku-4-5-20251001-v1:0
    max_output_tokens: 200
    messages: [How long?]
"""


def loaded(folder: Path, text: str = GOOD) -> Workload:
    (folder / "prompts").mkdir(exist_ok=True)
    (folder / "prompts" / "new.txt").write_text("You recommend manga.\n", encoding="utf-8")
    file = folder / "workload.yaml"
    file.write_text(text, encoding="utf-8")
    return load_workload(file)


def test_a_workload_is_read_with_its_prompts(tmp_path: Path) -> None:
    found = loaded(tmp_path)
    assert list(found.intents) == ["recommendation", "faq"]
    first = found.intents["recommendation"]
    assert (first.model, first.max_output_tokens, len(first.messages)) == ("sonnet", 400, 2)
    given = first.versions["v2.1"]
    assert (given.text, given.prompt_tokens) == ("You recommend manga.\n", 520)


def test_the_name_tells_the_messages_but_not_the_prompts(tmp_path: Path) -> None:
    name = loaded(tmp_path).name
    assert name.startswith("workload.yaml@")
    assert loaded(tmp_path, GOOD.replace("520", "510")).name == name
    assert loaded(tmp_path, GOOD.replace("How long", "How short")).name != name


@pytest.mark.parametrize(
    ("before", "after", "place", "message"),
    [
        ("    model: sonnet", "    modle: sonnet", "4:5", 'unknown key "modle"'),
        ("mangaops.workload/1", "mangaops.workload/2", "1:9", "schema must be"),
        (": 400", ": many", "5:24", "must be a whole number"),
        (": 400", ": 0", "5:24", "greater than or equal to 1"),
        ("[How long?]", "[]", "14:15", "must not be empty"),
        ("[How long?]", "['  ']", "14:17", "must not be empty"),
        ("  faq:", "  recommendation:", "11:3", "it stands in line 3"),
        ("new.txt", "old.txt", "10:20", "cannot be read: No such file"),
    ],
    ids=["key", "schema", "type", "range", "no-message", "blank", "twice", "no-file"],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, before: str, after: str, place: str, message: str
) -> None:
    with pytest.raises(WorkloadError) as caught:
        loaded(tmp_path, GOOD.replace(before, after, 1))
    assert caught.value.where == f"{tmp_path}/workload.yaml:{place}"
    assert message in caught.value.what


def row(version: str, *, active: bool = False, tokens: float | None = 180) -> PromptVersion:
    return PromptVersion(
        intent="faq",
        version=version,
        active=active,
        prompt_tokens=tokens,
        max_output_tokens=tokens,
        activated_at=None,
    )


class Table:
    def __init__(self, *rows: PromptVersion, templates: Mapping[str, str]) -> None:
        self._rows, self._templates = rows, templates

    def versions_of(self, table: str, intent: str) -> PromptVersions:
        assert (table, intent) == ("prompts", "faq")
        return PromptVersions(versions=self._rows, malformed=0)

    def templates_of(self, table: str, intent: str) -> Mapping[str, str]:
        assert (table, intent) == ("prompts", "faq")
        return self._templates


LOAD = IntentLoad(intent="faq", model="haiku", max_output_tokens=99, messages=("?",))


def prompts(*rows: PromptVersion, **templates: str) -> Prompts:
    by_version = {name.replace("_", "."): text for name, text in templates.items()}
    return Prompts(reader=Table(*rows, templates=by_version), table="prompts")


def test_no_version_is_the_active_one() -> None:
    found = prompts(row("v1"), row("v2", active=True), v1="old", v2="new").of(LOAD, [None, "v1"])
    assert [(one.version, one.text) for one in found] == [("v2", "new"), ("v1", "old")]
    assert [one.max_output_tokens for one in found] == [180, 180]


def test_where_the_table_has_no_limit_the_workload_s_holds() -> None:
    (found,) = prompts(row("v1", active=True, tokens=None), v1="old").of(LOAD, [None])
    assert (found.max_output_tokens, found.prompt_tokens, found.tokens) == (99, None, 1)


@pytest.mark.parametrize(
    ("versions", "rows", "templates", "said"),
    [
        ([None], [row("v1")], {"v1": "old"}, "should be active, and it is: none"),
        ([None], [row("v1", active=True), row("v2", active=True)], {}, "v1, v2"),
        (["v3"], [row("v1")], {"v1": "old"}, "faq has no version v3"),
        (["v1"], [row("v1")], {}, "lacks the attribute `template`"),
        (["v1"], [row("v1")], {"v1": " \n"}, "lacks the attribute `template`"),
    ],
    ids=["none-active", "two-active", "unknown", "no-template", "blank-template"],
)
def test_a_prompt_that_is_not_there_is_told(
    versions: list[str | None],
    rows: list[PromptVersion],
    templates: dict[str, str],
    said: str,
) -> None:
    with pytest.raises(InputError) as caught:
        prompts(*rows, **templates).of(LOAD, versions)
    assert said in caught.value.what
    assert caught.value.hint


def test_an_arm_is_called_by_its_version_where_all_intents_have_the_same() -> None:
    def prompt(version: str) -> Prompt:
        return Prompt(version=version, text="x", max_output_tokens=1)

    both = {"faq": (prompt("v1"), prompt("v3")), "greeting": (prompt("v2"), prompt("v3"))}
    assert labels(both) == ("active", "v3")
