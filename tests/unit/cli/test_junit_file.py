"""What a report of JUnit XML may be written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from mangaops.cli.junit_file import refuse_foreign
from mangaops.errors import InputError
from mangaops.render.junit import junit_xml
from mangaops.testing.report import Report


@pytest.mark.parametrize("content", ["", "<testsuite/>", "\n<?xml version='1.0'?>\n<testsuites>"])
def test_an_older_report_and_an_empty_file_are_written_over(tmp_path: Path, content: str) -> None:
    file = tmp_path / "a.xml"
    refuse_foreign(file)
    refuse_foreign(Path("/dev/null"))
    for text in (content, junit_xml(Report(tested=()))):
        file.write_text(text, encoding="utf-8")
        refuse_foreign(file)


@pytest.mark.parametrize("content", ["name: x", "<html>", "<?xml version='1.0'?><svg/>", "<?xml"])
def test_anything_else_is_not(tmp_path: Path, content: str) -> None:
    file = tmp_path / "a.xml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="is there already, and is no JUnit report"):
        refuse_foreign(file)
