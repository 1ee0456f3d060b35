"""What the shell offers after TAB, through the protocol that the shells speak."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import typer

from mangaops.model.request import REMEDIES
from mangaops.runbook.library import Library, shipped_folder
from support.command import Command
from support.groups import groups

GROUPS = {
    words: group.list_commands(typer.Context(group))  # type: ignore[arg-type]  # Typer's own Click
    for words, group in groups().items()
}
SHIPPED = sorted(Library([shipped_folder()]).names())
OWN = """\
schema: mangaops.config/1
environments:
  night:
    runbooks: [books]
    parameters:
      first-token: {simple_intents: [refunds]}
"""


def offered(mangaops: Command, line: str, **more: str) -> list[str]:
    """After TAB in bash; the cursor is at the line's end."""
    done = mangaops.run(
        _MANGAOPS_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(line.count(" ")), **more
    )
    assert (done.code, done.err) == (0, "")
    return done.out.split()


@pytest.fixture
def home(mangaops: Command) -> Command:
    """A working directory with one of everything."""
    folder = mangaops.home
    (folder / "mangaops.yaml").write_text(OWN, encoding="utf-8")
    for name in ("books/disk-full.yaml", "more/cpu.yaml", "more/cpu.test.yaml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("name: x\n", encoding="utf-8")
    for name in ("fix.plan", "other.json", "notes.txt", "night.capsule", ".hidden.plan"):
        (folder / name).write_text("{}", encoding="utf-8")
    (folder / "kept.json").write_text('{\n  "schema": "mangaops.plan/1"}', encoding="utf-8")
    runs = folder / "state" / "runs"
    for name, file in (("r-1111", "diagnosis.json"), ("r-2222", "journal.jsonl")):
        (runs / name).mkdir(parents=True)
        (runs / name / file).write_text("{}", encoding="utf-8")
    (folder / "state" / "plans").mkdir()
    (folder / "state" / "plans" / "p-3333.json").write_text("{}", encoding="utf-8")
    return mangaops


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("mangaops diagnose ", sorted([*SHIPPED, "disk-full"])),
        ("mangaops diagnose --runbooks more c", ["cpu"]),
        ("mangaops diagnose more/", ["more/cpu.test.yaml", "more/cpu.yaml"]),
        ("mangaops runbook show rag", ["rag-timeout"]),
        ("mangaops iam diagnose fm", ["fm-errors"]),
        ("mangaops diagnose first-token --env ", ["night", "sandbox"]),
        (
            "mangaops diagnose first-token --sandbox cold-connections-",
            ["cold-connections-in-a-stack"],
        ),
        ("mangaops explain ", ["last", "r-1111"]),
        ("mangaops undo ", ["last", "r-2222"]),
        ("mangaops history show r-", ["r-1111", "r-2222"]),
        ("mangaops apply p", ["p-3333"]),
        ("mangaops apply ", ["p-3333", "books/", "fix.plan", "kept.json", "more/", "state/"]),
        ("mangaops diagnose first-token --replay n", ["night.capsule"]),
        ("mangaops rollback-prompt re", ["recommendation", "refunds"]),
        ("mangaops plan rollback-prompt f", ["faq"]),
        ("mangaops request-quota ", ["haiku", "sonnet"]),
        ("mangaops iam remedy ", sorted(REMEDIES)),
        ("mangaops plan s", [name for name in sorted(REMEDIES) if name.startswith("s")]),
        ("mangaops plan --run last --env ", ["night", "sandbox"]),
        ("mangaops history l", ["list"]),
        ("mangaops nonsense ", []),
        ("mangaops logs nonsense x", []),
    ],
)
def test_what_can_stand_there_is_offered(home: Command, line: str, names: list[str]) -> None:
    assert offered(home, line) == names


@pytest.mark.parametrize("group", GROUPS)
def test_after_a_group_its_commands_are_offered(mangaops: Command, group: str) -> None:
    line = f"mangaops {group} ".replace("  ", " ")
    assert offered(mangaops, line) == GROUPS[group]
    zsh = mangaops.run(_MANGAOPS_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=line)
    assert (zsh.code, zsh.err) == (0, "")
    assert re.findall(r'^(?:_arguments .*)?"([\w-]+)":', zsh.out, re.MULTILINE) == GROUPS[group]


@pytest.mark.parametrize("text", ["{", "environments: 5", "environments: {a: 1, b: {runbooks: 7}}"])
def test_a_broken_configuration_is_no_error(home: Command, text: str) -> None:
    (home.home / "mangaops.yaml").write_text(text, encoding="utf-8")
    assert offered(home, "mangaops diagnose ") == SHIPPED
    assert "sandbox" in offered(home, "mangaops diagnose first-token --env ")


def test_nothing_at_all_is_no_error(mangaops: Command) -> None:
    gone = {"MANGAOPS_CONFIG": "gone.yaml", "MANGAOPS_STATE_DIR": "~nobody-here/x"}
    for line, names in (
        ("mangaops diagnose x", []),
        ("mangaops undo ", ["last"]),
        ("mangaops apply nowhere/", []),
        ("mangaops rollback-prompt zzz", []),
    ):
        assert offered(mangaops, line, **gone) == names


def test_zsh_and_fish_are_answered_too(mangaops: Command) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": "mangaops diagnose rag"}
    zsh = mangaops.run(_MANGAOPS_COMPLETE="complete_zsh", **asked)
    assert "rag-timeout" in zsh.out
    fish = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", **asked}
    assert "rag-timeout" in mangaops.run(_MANGAOPS_COMPLETE="complete_fish", **fish).out


def test_completion_loads_nothing_that_takes_long(home: Command) -> None:
    heavy = {"boto3", "botocore", "moto", "redis", "rich.console", "numpy"}
    heavy |= {"mangaops.config.load", "mangaops.runbook.load"}  # pydantic is Typer's own
    program = (
        "import sys\n"
        "from mangaops.cli.app import app\n"
        "try:\n"
        "    app(prog_name='mangaops')\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        f"print(sorted({heavy!r} & sys.modules.keys()), file=sys.stderr)\n"
    )
    line = "mangaops diagnose "
    asked = {"_MANGAOPS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=home.home,
        env={**os.environ, **home.environ, **asked},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "[]\n")
    assert "disk-full" in done.stdout
