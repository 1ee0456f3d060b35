"""How a run ended: its status, the sentence that says so, and what to type next. Pure."""

from __future__ import annotations

from mangaops.errors import MangaopsError, Stopped
from mangaops.model.change import Outlook, RunStatus, StepOutcome, StepState, Watched
from mangaops.remedy.execution.running import Ended, Run

_STOPPED = "stopped by Ctrl-C"
_AT_ONCE = "stopped at once"


def ended_early(error: Ended) -> MangaopsError:
    """The error to raise when nothing was written."""
    if isinstance(error, Stopped) or not isinstance(error, MangaopsError):
        return Stopped(f"{_how(error)}; nothing was changed", hint="repeat the command")
    return error


def status_of(run: Run, seen: Watched) -> RunStatus:
    """Partial: a step failed, or was not begun, after something was or may have been written."""
    if run.those(StepState.FAILED, StepState.PLANNED):
        return RunStatus.PARTIAL if run.touched else RunStatus.UNVERIFIED
    if not run.those(StepState.APPLIED, StepState.VERIFIED):
        return RunStatus.NOTHING_TO_DO
    unseen = seen.outlook in {Outlook.NO_EVIDENCE, Outlook.WORSE}
    if unseen or run.error is not None or run.applied:
        return RunStatus.UNVERIFIED
    return RunStatus.VERIFIED


def interrupted(run: Run, status: RunStatus) -> bool:
    """Whether Ctrl-C is why the run did not come to its end."""
    asked = run.stop.requested or isinstance(run.error, KeyboardInterrupt)
    return asked and status is not RunStatus.VERIFIED


def told(run: Run, status: RunStatus, seen: Watched) -> tuple[str, str]:
    """What is done and what is not, and the command to type next; empty when all is well."""
    if status is RunStatus.VERIFIED:
        return "", ""
    if status is RunStatus.NOTHING_TO_DO:
        return "everything was already as this plan wants it", ""
    hint = f"mangaops history show {run.journal.run}"
    if run.plan.undoes:
        hint = f"mangaops undo {run.plan.undoes}"  # what is left of the way back
    elif run.undoable:
        hint = f"mangaops undo {run.journal.run}"
    parts = [_why(run, seen), _those("done", run), _those("not begun", run)]
    return "; ".join(part for part in parts if part), hint


def _why(run: Run, seen: Watched) -> str:
    if isinstance(run.error, Stopped | KeyboardInterrupt):
        return _how(run.error)
    for one in run.those(StepState.FAILED):
        return f"step {one.step.number} of {len(run.outcomes)} failed: {one.detail}"
    if run.error is not None:
        return str(run.error)
    if run.stop.requested:
        return _STOPPED
    for one in run.applied:
        return f"step {one.step.number} of {len(run.outcomes)}: {one.detail}"
    return f"applied, and the alarm: {seen.outlook.value} ({seen.after})"


def _how(error: Ended) -> str:
    return _STOPPED if isinstance(error, Stopped) else _AT_ONCE


def _those(word: str, run: Run) -> str:
    done = (StepState.APPLIED, StepState.VERIFIED)
    found = run.those(*done) if word == "done" else run.those(StepState.PLANNED)
    return f"{word}: {', '.join(map(_named, found))}" if found else ""


def _named(one: StepOutcome) -> str:
    return f"{one.step.number} ({one.step.target})"
