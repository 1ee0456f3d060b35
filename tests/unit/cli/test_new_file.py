"""What a command writes: whole, for its owner only, never over what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.cli.new_file import refuse_existing, write_new
from mangaops.errors import InputError


def test_a_new_file_is_its_owners_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "a.capsule"
    write_new(file, b"ours")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"ours", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "a.capsule"
    file.write_text("mine")
    with pytest.raises(FileExistsError):
        write_new(file, b"ours")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_link_that_leads_nowhere_is_there_too(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError) as caught:
        refuse_existing(link, hint="name a new file", where="--record link")
    assert caught.value.where == "--record link"
    refuse_existing(tmp_path / "nowhere", hint="name a new file")
