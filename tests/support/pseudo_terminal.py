"""mangaops on a terminal of a given width, as a person sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable

from support.command import Command

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def typed_on_a_terminal(
    command: Command,
    *arguments: str,
    width: int = 80,
    keys: Callable[[str], bytes] = lambda _: b"",
    timeout: float = 60,
    **more: str,
) -> tuple[int, str]:
    """Exit code, and everything that was shown. `keys(shown so far)` answers with what to type."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "mangaops", *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        cwd=command.home,
        env={**command.environ, "TERM": "xterm-256color", **more},
        start_new_session=True,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509 - nothing else runs in the child
    )
    os.close(follower)
    shown = _shown(leader, keys, until=time.monotonic() + timeout)
    os.close(leader)
    return process.wait(timeout=10), shown


def _heed_ctrl_c() -> None:
    """A test run that a script put into the background ignores it, and so would its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _shown(leader: int, keys: Callable[[str], bytes], *, until: float) -> str:
    shown = b""
    while time.monotonic() < until:
        if not select.select([leader], [], [], 0.2)[0]:
            continue
        try:
            part = os.read(leader, 65536)
        except OSError:  # Linux: the last process has closed the terminal
            break
        if not part:
            break
        shown += part
        typed = keys(shown.decode("utf-8", "replace"))
        if typed:
            os.write(leader, typed)
    return shown.decode("utf-8", "replace").replace("\r\n", "\n")


def plain(shown: str) -> str:
    """Without colours, and without the lines that replaced themselves."""
    return "\n".join(_ANSI.sub("", line).split("\r")[-1] for line in shown.split("\n"))
