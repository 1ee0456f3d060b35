"""A recorded incident is told again in the same bytes, offline and from another folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.command import Command, command_in
from support.done import Done

SCENARIOS = {
    "stale-complaint": ("stale-recommendations", "text"),
    "fm-logs-denied": ("fm-errors", "json"),
    "websocket-deployment": ("websocket-drops", "markdown"),
}
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A live run with the capsule that it kept, and a command somewhere else."""

    live: Done
    output: str
    capsule: Path
    home: Path
    elsewhere: Command

    def replay(self, *arguments: str) -> Done:
        return self.elsewhere.run("diagnose", "--replay", str(self.capsule), *arguments)


@pytest.fixture(scope="module", params=list(SCENARIOS))
def recorded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    runbook, output = SCENARIOS[request.param]
    home = tmp_path_factory.mktemp("home")
    capsule = home / "it.capsule"
    live = command_in(home).run(
        "diagnose",
        runbook,
        "--sandbox",
        request.param,
        "--record",
        str(capsule),
        "--output",
        output,
    )
    assert live.code in {3, 4, 0}, live.err
    elsewhere = command_in(tmp_path_factory.mktemp("elsewhere"))
    return Recorded(live=live, output=output, capsule=capsule, home=home, elsewhere=elsewhere)


def test_a_replay_gives_the_same_bytes_and_the_same_code(recorded: Recorded) -> None:
    again = recorded.replay("--output", recorded.output)
    assert (again.out, again.code, again.err) == (recorded.live.out, recorded.live.code, "")


def test_a_replay_is_the_run_as_it_was_recorded(recorded: Recorded) -> None:
    (record,) = (recorded.home / "state" / "runs").glob("*/diagnosis.json")
    assert recorded.replay("--output", "json").out == record.read_text(encoding="utf-8")
    assert (record.parent / "evidence.capsule").read_bytes() == recorded.capsule.read_bytes()
    assert not (recorded.elsewhere.home / "state" / "runs").exists()


@pytest.fixture(scope="module")
def capsule(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that is recorded without AWS: the evidence says that nothing can be read."""
    from support.capsules import shipped_capsule  # noqa: PLC0415 - of this fixture alone

    return shipped_capsule(tmp_path_factory.mktemp("capsule") / "a.capsule")


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("--since", "1h"), "--since: a replay is the diagnosis as it was recorded"),
        (("--sandbox", "x", "--force"), "--sandbox, --force: a replay is"),
        (("--record", "b.capsule"), "--record: a replay is"),
        (("--set", "a=b", "--answer", "a=b"), "--set, --answer: a replay is"),
        (("--dry-run",), "--dry-run: a replay is"),
        (("--recorded-runbook", "--current-runbook"), "--recorded-runbook conflicts with"),
        (("rag-timeout",), "this capsule is of first-token, not of rag-timeout"),
        (("no-such", "--current-runbook"), "this capsule is of first-token, not of no-such"),
    ],
)
def test_what_a_replay_would_ignore_is_refused(
    capsule: Path, mangaops: Command, arguments: tuple[str, ...], what: str
) -> None:
    done = mangaops.run("diagnose", *arguments, "--replay", str(capsule))
    assert (done.code, done.out) == (2, "")
    assert what in done.err


def test_a_variable_for_other_commands_does_not_keep_a_replay_from_being_told(
    capsule: Path, mangaops: Command
) -> None:
    done = mangaops.run("diagnose", "--replay", str(capsule), MANGAOPS_ENV="prod")
    assert done.code == 4, done.err


def test_another_version_of_the_runbook_is_offered_with_the_recorded_one(
    capsule: Path, mangaops: Command
) -> None:
    folder = mangaops.home / "mine"
    folder.mkdir()
    text = (ROOT / "runbooks" / "first-token.yaml").read_text(encoding="utf-8")
    other = text.replace("name: pool_pings, ", "name: other_pings, ").replace(
        "title: First-token latency above 2 s", "title: Another title"
    )
    (folder / "first-token.yaml").write_text(other, encoding="utf-8")
    typed = ("diagnose", "--replay", str(capsule), "--runbooks", "mine")
    done = mangaops.run(*typed)
    assert done.code == 2
    assert f"{capsule} --runbooks mine --recorded-runbook\n" in done.err
    assert f"{capsule} --runbooks mine --current-runbook\n" in done.err
    then = mangaops.run(*typed, "--recorded-runbook", "--output", "json")
    now = mangaops.run(*typed, "--current-runbook", "--output", "json")
    one, other_one = json.loads(then.out), json.loads(now.out)
    assert one == json.loads(mangaops.run(*typed[:3], "--output", "json").out)
    assert other_one["digest"] != one["digest"]
    assert other_one["report"][-1].startswith(f"A replay of {one['run']} with runbook version")
    assert one["evidence"]["pings"]["state"] == "no_data"
    pings = other_one["evidence"]["pings"]
    assert (pings["state"], pings["detail"][:12]) == ("failed", "not recorded")


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("there.capsule", "this is there already, and nothing is overwritten"),
        (".", "this is there already, and nothing is overwritten"),
        ("no/such/folder", "nothing can be written there: No such file or directory"),
    ],
)
def test_a_place_that_cannot_be_written_is_told_before_aws_is_asked(
    mangaops: Command, place: str, what: str
) -> None:
    (mangaops.home / "there.capsule").write_text("mine")
    done = mangaops.run("diagnose", "first-token", "--record", place)
    assert (done.code, done.out) == (2, "")
    assert what in done.err
    assert (mangaops.home / "there.capsule").read_text() == "mine"


def test_the_choice_of_a_runbook_goes_with_a_replay(mangaops: Command) -> None:
    done = mangaops.run("diagnose", "first-token", "--current-runbook")
    assert (done.code, "--current-runbook goes with --replay" in done.err) == (2, True)


def test_a_replay_loads_no_way_into_aws(capsule: Path, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from mangaops.cli.app import app\n"
        "try: app(['diagnose', '--replay', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('botocore', 'mangaops.aws', 'mangaops.sandbox', 'redis')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(capsule)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_capsule_is_shown_and_compared_in_80_columns(capsule: Path, mangaops: Command) -> None:
    shown = mangaops.run("capsule", "show", str(capsule))
    same = mangaops.run("capsule", "diff", str(capsule), str(capsule))
    assert (shown.code, same.code) == (0, 0)
    assert "Nothing that both hold has changed." in same.out
    lines = (shown.out + same.out).splitlines()
    assert [line for line in lines if len(line) > 80 and str(capsule) not in line] == []
    document = json.loads(mangaops.run("capsule", "show", str(capsule), "--output", "json").out)
    assert document["schema"] == "mangaops.capsule-summary/1"


def test_a_run_is_named_by_its_id_and_one_without_evidence_says_so(
    capsule: Path, mangaops: Command
) -> None:
    run = mangaops.home / "state" / "runs" / "r-7f3a"
    run.mkdir(parents=True)
    (run / "diagnosis.json").write_text("{}")
    done = mangaops.run("capsule", "show", "last")
    assert (done.code, "the evidence of run r-7f3a was not kept" in done.err) == (2, True)
    shutil.copy(capsule, run / "evidence.capsule")
    named = [mangaops.run("capsule", "show", wanted).code for wanted in ("last", "7f", "r-7f3a")]
    assert named == [0, 0, 0]
