from __future__ import annotations

import os
from pathlib import Path

import pytest

from mangaops.cli.runs import RunStore, fallback_store, state_folder
from mangaops.errors import InputError, MangaopsError

DOCUMENT = '{"schema": "mangaops.diagnosis/1"}'


def store_with(folder: Path, *names: str) -> RunStore:
    store = RunStore(folder=folder)
    for age, name in enumerate(reversed(names)):
        file = store.write(name, DOCUMENT)
        os.utime(file, (1000 + age, 1000 + age))
    return store


def test_a_run_is_found_by_id_beginning_and_last(tmp_path: Path) -> None:
    store = store_with(tmp_path, "r-7f3a", "r-12ab", "r-12cd")
    assert store.names() == ("r-7f3a", "r-12ab", "r-12cd")
    found = [store.find(wanted).run for wanted in ("r-12cd", "r-7", "7f", "last")]
    assert found == ["r-12cd", "r-7f3a", "r-7f3a", "r-7f3a"]


@pytest.mark.parametrize("wanted", ["r-12", "r-9", "", "../../etc"])
def test_an_ambiguous_or_unknown_run_is_wrong_input(tmp_path: Path, wanted: str) -> None:
    store = store_with(tmp_path, "r-7f3a", "r-12ab", "r-12cd")
    with pytest.raises(InputError):
        store.find(wanted)


def test_no_run_yet_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        RunStore(folder=tmp_path / "none").find("last")
    assert "mangaops diagnose" in caught.value.hint


def test_a_record_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    file = RunStore(folder=tmp_path / "runs").write("r-1", DOCUMENT)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("content", ["", "[]", "{}", "\x00", '{"schema": "other/1"}'])
def test_a_damaged_record_is_an_error_in_words(tmp_path: Path, content: str) -> None:
    store = RunStore(folder=tmp_path)
    store.write("r-1", content)
    with pytest.raises(MangaopsError) as caught:
        store.read("r-1")
    assert str(tmp_path) in caught.value.where


def test_a_new_name_is_not_one_that_exists(tmp_path: Path) -> None:
    tokens = iter(["7f3a", "7f3a", "0001"])
    store = store_with(tmp_path, "r-7f3a")
    assert store.new_name(lambda _: next(tokens)) == "r-0001"


def test_the_state_folder_is_the_operators_choice(tmp_path: Path) -> None:
    assert state_folder({"MANGAOPS_STATE_DIR": str(tmp_path)}) == tmp_path
    assert state_folder({}).name == "mangaops"


def test_the_spare_place_is_a_folder_of_this_user_alone(tmp_path: Path) -> None:
    own = fallback_store(tmp_path).folder.parent
    assert (own.parent, own.stat().st_mode & 0o777) == (tmp_path, 0o700)
    assert fallback_store(tmp_path).folder.parent == own


def test_a_spare_place_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    fallback_store(tmp_path).folder.parent.rename(elsewhere)
    (tmp_path / f"mangaops-{os.getuid()}").symlink_to(elsewhere)
    with pytest.raises(PermissionError, match="belongs to someone else"):
        fallback_store(tmp_path)


def test_changes_are_runs_with_a_journal(tmp_path: Path) -> None:
    store = store_with(tmp_path, "r-1", "r-2")
    journal = store.journal("r-3")
    journal.parent.mkdir()
    journal.write_text("{}")
    os.utime(journal, (500, 500))
    assert (store.names(), store.changes()) == (("r-1", "r-2"), ("r-3",))
    assert store.everything() == ("r-1", "r-2", "r-3")
    assert store.named("last", store.changes(), none="none") == "r-3"
    with pytest.raises(InputError, match="nothing yet"):
        store.named("last", (), none="nothing yet")
