from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mangaops.cli.changes.plan_store import PlanStore
from mangaops.errors import InputError, MangaopsError
from support import plans


def test_a_plan_is_kept_by_its_id_for_its_owner_only(tmp_path: Path) -> None:
    store = PlanStore(folder=tmp_path / "plans")
    file = store.keep(plans.PLAN, None)
    assert file == tmp_path / "plans" / "p-12ab.json"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert store.names() == ("p-12ab",)
    for wanted in ("p-12ab", "p-1", str(file)):
        assert store.read(wanted) == plans.PLAN


def test_a_plan_replaces_a_plan_and_nothing_else(tmp_path: Path) -> None:
    store = PlanStore(folder=tmp_path / "plans")
    file = tmp_path / "fix.plan"
    store.keep(plans.MANY, file)
    store.keep(plans.PLAN, file)
    assert store.read(str(file)) == plans.PLAN
    for content in ("", "precious", "[]", '{"schema": "other/1"}'):
        other = tmp_path / "other"
        other.write_text(content)
        with pytest.raises(InputError, match="is no plan, and is not overwritten"):
            store.keep(plans.PLAN, other)
        assert other.read_text() == content


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(MangaopsError) as caught:
        PlanStore(folder=tmp_path).keep(plans.PLAN, tmp_path / "gone" / "fix.plan")
    assert caught.value.what == "the plan cannot be written: No such file or directory"


def test_an_altered_plan_is_refused(tmp_path: Path) -> None:
    store = PlanStore(folder=tmp_path)
    file = store.keep(plans.PLAN, None)
    document = json.loads(file.read_text())
    document["steps"][0]["after"]["BEDROCK_POOL_SIZE"] = "1000"
    file.write_text(json.dumps(document))
    with pytest.raises(InputError, match="altered"):
        store.read("p-12ab")


@pytest.mark.parametrize("wanted", ["p-9", "", "p-1", "../../etc/passwd", "gone.json"])
def test_what_names_no_plan_is_wrong_input(tmp_path: Path, wanted: str) -> None:
    store = PlanStore(folder=tmp_path)
    for name in ("p-12ab", "p-12cd"):
        (tmp_path / f"{name}.json").write_text("{}")
    with pytest.raises(InputError):
        store.read(wanted)


@pytest.mark.parametrize("content", [b"", b"\xff", b"{}", b"[" * 100_000])
def test_what_is_no_plan_file_is_wrong_input(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.plan"
    file.write_bytes(content)
    with pytest.raises(InputError):
        PlanStore(folder=tmp_path).read(str(file))


def test_newer_plans_come_first_and_a_new_name_is_not_one_that_exists(tmp_path: Path) -> None:
    store = PlanStore(folder=tmp_path)
    for age, name in enumerate(("p-1", "p-2")):
        file = tmp_path / f"{name}.json"
        file.write_text("{}")
        os.utime(file, (1000 + age, 1000 + age))
    assert store.names() == ("p-2", "p-1")
    tokens = iter(["1", "2", "3"])
    assert store.new_name(lambda _: next(tokens)) == "p-3"
