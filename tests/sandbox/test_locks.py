"""Two operators at once: in the sandbox's DynamoDB, and with files of one machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mangaops.aws.locks import LockTable
from mangaops.aws.session import Aws
from mangaops.errors import AwsFault, Locked, MangaopsError
from mangaops.model.lock import Lease
from mangaops.model.settings import Environment
from mangaops.remedy.execution.executor import Locks
from mangaops.remedy.locks.holders import Holders
from mangaops.remedy.locks.local import LocalLocks
from mangaops.remedy.locks.shared import SharedLocks
from mangaops.sandbox.control import Running

TABLE = "mangaops-locks"
TARGET = "123456789012/ap-northeast-1/ecs:mangaassist-prod/orchestrator"
ROUNDS = 200


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def aws(sandbox: Running) -> Iterator[Aws]:
    environ = {"AWS_ENDPOINT_URL": sandbox.endpoint_url}
    made = Aws(
        Environment(region=sandbox.region, endpoint_url=sandbox.endpoint_url), environ=environ
    )
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _credentials(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", sandbox.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", sandbox.secret_key)


NOWHERE = Path("/dev/null/locks")
"""No folder: the dead are not known."""


def shared(
    aws: Aws,
    told: list[str] | None = None,
    *,
    table: str = TABLE,
    life: float = 120,
    folder: Path = NOWHERE,
) -> SharedLocks:
    return SharedLocks(
        table=LockTable(aws, table),
        clock=now,
        sleep=time.sleep,
        nonce=lambda: uuid4().hex,
        tell=[].append if told is None else told.append,
        holders=Holders(folder),
        life=timedelta(seconds=life),
    )


def local(folder: Path, told: list[str] | None = None) -> LocalLocks:
    return LocalLocks(folder=folder, clock=now, warn=[].append if told is None else told.append)


class Round:
    """Two threads at one target, starting together; the winner keeps it until both have tried."""

    def __init__(self, locks: Locks) -> None:
        self._locks = locks
        self._start = threading.Barrier(2)
        self._tried = threading.Barrier(2)
        self.winners: list[str] = []
        self.refusals: list[str] = []

    def run(self) -> None:
        threads = [threading.Thread(target=self._one, args=(name,)) for name in ("ada", "bob")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _one(self, owner: str) -> None:
        self._start.wait()
        try:
            with self._locks.hold([TARGET, f"{TARGET}-b"], owner=owner, purpose="set-env"):
                self.winners.append(owner)
                self._tried.wait()
        except Locked as refused:
            self.refusals.append(refused.what)
            self._tried.wait()


def check_rounds(locks: Locks) -> None:
    for _ in range(ROUNDS):
        one = Round(locks)
        one.run()
        (winner,) = one.winners
        (refusal,) = one.refusals
        assert refusal.startswith(f"{winner} is changing it: set-env, since ")


def test_one_of_two_wins_the_table_every_time(aws: Aws) -> None:
    check_rounds(shared(aws))
    assert LockTable(aws, TABLE).read(TARGET) is None


def test_one_of_two_wins_the_file_every_time(tmp_path: Path) -> None:
    check_rounds(local(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_holder_is_named_with_purpose_times_and_the_way_to_see_it(aws: Aws) -> None:
    with shared(aws).hold([TARGET], owner="ada", purpose="set-env (r-1)"):
        held = LockTable(aws, TABLE).read(TARGET)
        assert held is not None
        with (
            pytest.raises(Locked) as refused,
            shared(aws).hold([TARGET], owner="bob", purpose="scale-out"),
        ):
            pass
    assert refused.value.where == TARGET
    assert refused.value.what == (
        f"ada is changing it: set-env (r-1), since {held.taken_at:%H:%M:%S} UTC"
    )
    assert refused.value.hint == (
        f"wait, then repeat the command; the lock ends at {held.expires_at:%H:%M:%S} UTC unless "
        "its owner renews it. See it: aws dynamodb get-item --table-name mangaops-locks "
        f'--key \'{{"lock": {{"S": "{TARGET}"}}}}\''
    )


def test_all_names_are_taken_or_none(aws: Aws) -> None:
    with shared(aws).hold(["t-2"], owner="ada", purpose="set-env"):
        with (
            pytest.raises(Locked),
            shared(aws).hold(["t-1", "t-2", "t-3"], owner="bob", purpose="scale-out"),
        ):
            pass
        assert [LockTable(aws, TABLE).read(name) for name in ("t-1", "t-3")] == [None, None]


def test_a_dead_owner_is_taken_over_and_told(aws: Aws) -> None:
    long_ago = now().replace(microsecond=0) - timedelta(minutes=10)
    dead = Lease(
        lock="t-dead",
        owner="ada",
        purpose="set-env (r-1)",
        nonce="n-1",
        taken_at=long_ago,
        expires_at=long_ago + timedelta(minutes=2),
    )
    assert LockTable(aws, TABLE).claim(dead).won
    told: list[str] = []
    with shared(aws, told).hold(["t-dead"], owner="bob", purpose="scale-out"):
        held = LockTable(aws, TABLE).read("t-dead")
    assert held is not None
    assert held.owner == "bob"
    (line,) = told
    assert line == (
        f"took over the lock on t-dead from ada (set-env (r-1), since {long_ago:%H:%M:%S} UTC): "
        f"it was not renewed and ended at {dead.expires_at:%H:%M:%S} UTC"
    )
    assert not LockTable(aws, TABLE).renew(dead)
    assert not LockTable(aws, TABLE).remove(dead)


def test_a_process_of_this_machine_that_was_killed_is_taken_over_at_once(
    aws: Aws, tmp_path: Path
) -> None:
    child = os.fork()
    if child == 0:
        with shared(aws, folder=tmp_path).hold(["killed"], owner="ana", purpose="scale out"):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    told: list[str] = []
    with shared(aws, told, folder=tmp_path).hold(["killed"], owner="ben", purpose="undo"):
        assert ["ended without giving it back" in line for line in told] == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_holder_that_lives_is_not_taken_for_dead(aws: Aws, tmp_path: Path) -> None:
    with (
        shared(aws, folder=tmp_path).hold(["living"], owner="ana", purpose="scale out"),
        pytest.raises(Locked, match="ana"),
        shared(aws, folder=tmp_path).hold(["living"], owner="ben", purpose="undo"),
    ):
        pass


def test_a_lock_is_renewed_while_it_is_held(aws: Aws) -> None:
    with shared(aws, life=2).hold(["t-long"], owner="ada", purpose="set-env"):
        time.sleep(3.5)
        with pytest.raises(Locked), shared(aws).hold(["t-long"], owner="bob", purpose="x"):
            pass


def test_a_lock_that_somebody_else_took_is_told_as_lost(aws: Aws) -> None:
    told: list[str] = []
    with shared(aws, told, life=1.5).hold(["t-taken"], owner="ada", purpose="set-env"):
        held = LockTable(aws, TABLE).read("t-taken")
        assert held is not None
        LockTable(aws, TABLE).remove(held)
        end = time.monotonic() + 5
        while not told and time.monotonic() < end:
            time.sleep(0.05)
    assert told[0] == "the lock on t-taken was lost: somebody took it over"


@pytest.mark.parametrize(
    "fault", ["lost", "landed-error", "server-error", "drop", "throttle", "lost@nth=1"]
)
def test_a_lost_answer_is_settled_by_reading(
    aws: Aws, administer: Callable[..., Any], fault: str
) -> None:
    schedule = "" if "@" in fault else "@first=2"
    administer("PUT", "faults", {"rules": [f"dynamodb:PutItem={fault}{schedule}"]})
    with shared(aws).hold(["t-lost"], owner="ada", purpose="set-env"):
        held = LockTable(aws, TABLE).read("t-lost")
    assert held is not None
    assert held.owner == "ada"
    assert LockTable(aws, TABLE).read("t-lost") is None


def test_a_table_that_cannot_be_reached_is_an_error_and_not_a_lock(
    aws: Aws, administer: Callable[..., Any]
) -> None:
    told: list[str] = []
    administer("PUT", "faults", {"rules": ["dynamodb:*=server-error"]})
    with pytest.raises(AwsFault), shared(aws, told).hold(["t-down"], owner="ada", purpose="x"):
        pytest.fail("never silently unlocked")
    (line,) = told
    assert line.startswith("the lock on t-down was not given back; it ends ")


def test_without_permission_nothing_goes_on(aws: Aws, administer: Callable[..., Any]) -> None:
    administer("PUT", "faults", {"rules": ["dynamodb:PutItem=denied"]})
    with (
        pytest.raises(MangaopsError, match="the lock table mangaops-locks may not be used") as no,
        shared(aws).hold(["t"], owner="ada", purpose="set-env"),
    ):
        pytest.fail("never silently unlocked")
    assert no.value.exit_code == 1


def test_without_the_table_nothing_goes_on(aws: Aws) -> None:
    with (
        pytest.raises(MangaopsError, match="the lock table none does not exist") as no,
        shared(aws, table="none").hold(["t"], owner="ada", purpose="set-env"),
    ):
        pytest.fail("never silently unlocked")
    assert no.value.exit_code == 1
    assert no.value.hint == (
        "create it with the key `lock` (a string), or correct lock_table in mangaops.yaml; "
        "without lock_table only this machine's commands are kept apart"
    )


HOLDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from mangaops.remedy.locks.local import LocalLocks
locks = LocalLocks(folder=Path(sys.argv[1]), clock=lambda: datetime.now(UTC), warn=lambda _: None)
with locks.hold([sys.argv[2]], owner="ada", purpose="set-env (r-1)"):
    print("held", flush=True)
    sys.stdin.read()
"""


def _holder(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), TARGET],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def _hold(locks: Locks) -> AbstractContextManager[None]:
    return locks.hold([TARGET], owner="bob", purpose="scale-out")


def test_another_process_is_kept_out_and_its_dead_owner_taken_over(tmp_path: Path) -> None:
    told: list[str] = []
    locks = local(tmp_path, told)
    with _holder(tmp_path) as process:
        with pytest.raises(Locked, match="ada is changing it: set-env") as refused, _hold(locks):
            pass
        process.kill()
        process.wait()
    with _hold(locks):
        pass
    warning = (
        "only this machine is kept from changing the same target; "
        "set lock_table in mangaops.yaml to keep out everyone"
    )
    assert refused.value.hint == (
        f"wait until process {process.pid} on this machine ends, then repeat the command; "
        "`mangaops history list` shows what it does"
    )
    gone = f"whose process {process.pid} is gone"
    taken_over = f"took over the lock on {TARGET} from ada (set-env (r-1)), {gone}"
    assert told == [warning, warning, taken_over]


def test_a_file_that_is_no_lock_is_replaced(tmp_path: Path) -> None:
    locks = local(tmp_path)
    with _hold(locks):
        (path,) = tmp_path.iterdir()
    path.write_text("[")
    with _hold(locks), pytest.raises(Locked), _hold(locks):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(MangaopsError, match="no lock can be taken"), _hold(local(tmp_path / "x")):
        pass
