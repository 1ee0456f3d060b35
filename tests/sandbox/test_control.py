"""Sandboxes that start, are found and stop, also when something is in the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mangaops.errors import InputError, SandboxError
from mangaops.sandbox import control
from mangaops.sandbox.control import Options, Running, Status
from mangaops.sandbox.state import StateFiles


def _listens(url: str) -> bool:
    port = int(url.rpartition(":")[2].partition("/")[0])
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _gone(url: str) -> bool:
    deadline = time.monotonic() + 5
    while _listens(url) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _listens(url)


def test_two_sandboxes_live_side_by_side_and_end_separately(
    tmp_path: Path, sandbox: Running
) -> None:
    first = control.start_detached(Options(port=0), state_dir=tmp_path)
    second = control.start_detached(Options(port=0), state_dir=tmp_path)
    ports = {first.port, second.port, sandbox.port}
    states = control.status(tmp_path)
    os.kill(first.pid, signal.SIGKILL)
    killed_takes_its_cache_along = _gone(first.cache_url)
    left = control.running(tmp_path)
    stopped = control.stop(tmp_path)
    assert len(ports) == 3
    assert set(states) == {
        Status(running=first, answers=True),
        Status(running=second, answers=True),
    }
    assert killed_takes_its_cache_along
    assert left == stopped == (second,)
    assert _gone(second.endpoint_url)
    assert _gone(second.cache_url)
    assert list((tmp_path / "sandbox").iterdir()) == []


def test_a_taken_port_says_what_to_do(tmp_path: Path, sandbox: Running) -> None:
    with pytest.raises(SandboxError, match="is taken") as refused:
        control.start_detached(Options(port=sandbox.port), state_dir=tmp_path)
    assert "--port 0" in refused.value.hint


def test_a_sandbox_on_the_same_port_is_named(tmp_path: Path, sandbox: Running) -> None:
    StateFiles(tmp_path).write(sandbox)
    with pytest.raises(SandboxError, match="a sandbox is running on port") as refused:
        control.start_detached(Options(port=sandbox.port), state_dir=tmp_path)
    assert "sandbox stop" in refused.value.hint


def test_the_file_of_a_process_that_is_gone_is_removed(tmp_path: Path, sandbox: Running) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    StateFiles(tmp_path).write(replace(sandbox, pid=gone.pid))
    (tmp_path / "sandbox" / "1.json").write_text('{"pid": 1')
    assert control.running(tmp_path) == ()
    assert list((tmp_path / "sandbox").iterdir()) == []
    with pytest.raises(SandboxError, match="no sandbox is running"):
        control.stop(tmp_path)


def test_a_process_id_of_another_program_is_no_sandbox(tmp_path: Path, sandbox: Running) -> None:
    with subprocess.Popen(["sleep", "30"]) as other:
        StateFiles(tmp_path).write(replace(sandbox, pid=other.pid))
        with pytest.raises(SandboxError, match="no sandbox is running"):
            control.stop(tmp_path)
        assert other.poll() is None
        other.kill()


def test_a_sandbox_for_a_command_ends_with_it() -> None:
    with control.start_for_command(None, faults=("ssm:*=throttle",)) as running:
        listening = _listens(running.endpoint_url), _listens(running.cache_url)
    assert listening == (True, True)
    assert _gone(running.endpoint_url)
    assert _gone(running.cache_url)


def test_a_sandbox_for_a_command_that_is_killed_ends_too() -> None:
    program = (
        "import os, signal; from mangaops.sandbox import control\n"
        "with control.start_for_command(None) as running:\n"
        "    print(running.endpoint_url, running.cache_url, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    endpoint, cache = done.stdout.split()
    assert done.returncode == -signal.SIGKILL
    assert _gone(endpoint)
    assert _gone(cache)


def test_a_start_that_fails_says_why() -> None:
    with (
        pytest.raises(InputError, match="not a fault") as refused,
        control.start_for_command(None, faults=("ssm",)),
    ):
        raise AssertionError("it must not start")
    assert "SERVICE:OPERATION=KIND" in refused.value.hint


def test_a_foreground_sandbox_prints_its_exports_and_stops_on_sigterm(tmp_path: Path) -> None:
    words = ["-m", "mangaops.sandbox", "--port", "0", "--state-dir", str(tmp_path)]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(6)]
        (listed,) = control.running(tmp_path)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""
    assert lines == [f"export {name}={value}" for name, value in listed.exports().items()]
    assert control.running(tmp_path) == ()


def test_control_brings_neither_moto_nor_botocore() -> None:
    program = (
        "import sys, mangaops.sandbox.control\n"
        "print([name for name in ('moto', 'botocore', 'boto3', 'redis') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
