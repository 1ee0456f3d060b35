"""Several calls at once, in threads that never keep the process alive.

Not `concurrent.futures`: its threads are joined when the interpreter ends, so that
one connection that hangs would hold a second Ctrl-C up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

from mangaops.errors import MangaopsError

K = TypeVar("K")
T = TypeVar("T")


def run_all(jobs: Mapping[K, Callable[[], T]]) -> Iterator[tuple[K, T | MangaopsError]]:
    """The answer of each job as soon as it is there; an operator's error is an answer.

    Anything else that a job raises is raised here. A single job runs in this thread.
    """
    if len(jobs) == 1:
        for key, job in jobs.items():
            yield key, _answer(job)
        return
    done: SimpleQueue[_Done[K, T]] = SimpleQueue()
    for key, job in jobs.items():
        Thread(target=_run, args=(key, job, done), daemon=True).start()
    for _ in jobs:
        ended = done.get()
        yield ended.key, ended.answer()


class _Done(Generic[K, T]):
    def __init__(self, key: K, answer: Callable[[], T | MangaopsError]) -> None:
        self.key = key
        self.answer = answer


def _answer(job: Callable[[], T]) -> T | MangaopsError:
    try:
        return job()
    except MangaopsError as error:
        return error


def _run(key: K, job: Callable[[], T], done: SimpleQueue[_Done[K, T]]) -> None:
    try:
        answer = _answer(job)
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
        unexpected = error

        def fail() -> T:
            raise unexpected

        done.put(_Done(key, fail))
    else:
        done.put(_Done(key, lambda: answer))
