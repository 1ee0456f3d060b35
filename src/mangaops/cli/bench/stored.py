"""Which store is meant, and which of its runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mangaops.bench.runs.places import folder_named
from mangaops.bench.runs.store import REMOTE, SUFFIX, Objects, RunStore, read_file
from mangaops.errors import InputError, nearest_name

if TYPE_CHECKING:
    from mangaops.bench.runs.sample import Run
    from mangaops.cli.context import AppContext
    from mangaops.cli.options import Where
    from mangaops.model.settings import Environment

LAST = "last"
FOLDER = "bench"
_FIRST = "mangaops bench run WORKLOAD measures one"


def store_of(context: AppContext, environment: Environment | None, given: str | None) -> RunStore:
    """`--store`, else resource `bench_store`, else a folder of the state folder.

    AWS is only reached for a store in S3, and only when that is read or written.
    """
    configured = environment.resources.get("bench_store", "") if environment else ""
    place = given or configured or str(context.state / FOLDER)
    kept = context.state / FOLDER / "sent"
    if not place.startswith(REMOTE):
        return RunStore(place, kept=kept, fsync=context.fsync)
    if environment is None:
        raise ValueError("a store in S3 needs an environment")

    def objects() -> Objects:
        from mangaops.aws.s3 import S3Gateway  # noqa: PLC0415 - botocore

        return S3Gateway(context.aws(environment))

    return RunStore(place, objects=objects, kept=kept, fsync=context.fsync)


@contextmanager
def from_store(context: AppContext, where: Where, given: str | None) -> Iterator[RunStore]:
    """The store to read runs from. Without a configuration, folders need no environment,
    and so neither pydantic nor a sandbox.
    """
    from mangaops.cli.context import configuration_file, environment_of  # noqa: PLC0415 - as it imports much

    named = given is not None and not given.startswith(REMOTE)
    plain = given is None and where.env is None and where.sandbox is None
    if named or (plain and configuration_file(where.config, context.environ) is None):
        yield store_of(context, None, given)
        return
    with environment_of(where, context) as environment:
        yield store_of(context, environment, given)


def run_of(store: RunStore | Callable[[], RunStore], wanted: str) -> Run:
    """A run by its file, its id, a unique beginning of it, or `last`.

    A function for `store` is only called when a store is needed: a file needs none.
    """
    if "/" in wanted or wanted.endswith(SUFFIX):
        return read_file(Path(wanted).expanduser())
    store = store if isinstance(store, RunStore) else store()
    try:
        return store.read(named(store, wanted))
    except InputError:
        if wanted != LAST and wanted and Path(wanted).is_dir():
            raise folder_named(Path(wanted)) from None
        raise


def named(store: RunStore, wanted: str) -> str:
    """The name of the run that is meant. Raises InputError when there is none, or several."""
    if not wanted:
        hint = "its id, the beginning of it, its file, or `last`"
        raise InputError("no run is named", where="RUN", hint=hint)
    names = store.names() if wanted == LAST else store.stems()
    if not names:
        raise InputError("no run is stored yet", where=store.place, hint=_FIRST)
    if wanted == LAST:
        return names[-1]
    if wanted in names:
        return wanted
    found = [name for name in names if name.startswith((wanted, f"b-{wanted}"))]
    if len(found) == 1:
        return found[0]
    if found:
        what = f"{len(found)} runs begin with `{wanted}`"
        raise InputError(what, where="RUN", hint="one of: " + ", ".join(found[:5]))
    raise InputError(f"no run is named `{wanted}`", where="RUN", hint=_near(wanted, names))


def _near(wanted: str, names: Sequence[str]) -> str:
    near = nearest_name(wanted, names)
    return f'did you mean "{near}"?' if near else f"the newest: {', '.join(names[-3:])}"
