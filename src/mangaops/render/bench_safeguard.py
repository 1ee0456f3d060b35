"""What the safeguard did about a prompt that failed: text, JSON, Markdown.

Without rich until something was changed: a gate that only says what it would need starts
at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mangaops.bench.guarding.safeguard import End, Hold, RollBack
from mangaops.model.change import RunStatus
from mangaops.model.evidence import JSON
from mangaops.render.escaping import escaped, visible
from mangaops.render.painted import painted, wrapped

_WIDEST = 120


def safeguard_text(
    ends: Sequence[End], *, width: int = 80, colour: bool = False, suffix: str = ""
) -> str:
    """A block for each intent that failed, with the command that a person would type."""
    blocks = (_block(one, min(width, _WIDEST), colour, suffix) for one in ends)
    return "\n".join("\n".join(block) + "\n" for block in blocks)


def safeguard_document(ends: Sequence[End], *, suffix: str = "") -> list[JSON]:
    """`missing` is empty where it was rolled back; `change` is a document `mangaops.run/1`."""
    return [_document(one, suffix) for one in ends]


def safeguard_markdown(ends: Sequence[End], *, suffix: str = "") -> str:
    return "\n".join("\n".join(_markdown(one, suffix)) + "\n" for one in ends)


def outcome(end: End) -> str:
    """`rolled_back`, `not_verified`, `refused`, `failed` or `held`."""
    if end.refused:
        return "refused"
    if end.failed:
        return "failed"
    if end.change is None:
        return "held"
    return "rolled_back" if end.change.status is RunStatus.VERIFIED else "not_verified"


def _head(end: End) -> tuple[str, str, str]:
    """The outcome in words, its style, and what it is about."""
    decided = end.decision
    match decided:
        case Hold():
            return "NOT ROLLED BACK", "unsure", visible(decided.intent)
        case RollBack():
            way = f"{visible(decided.intent)}: {visible(decided.now)} -> {visible(decided.then)}"
            words = {
                "rolled_back": ("ROLLED BACK", "fine"),
                "not_verified": ("ROLLED BACK, NOT VERIFIED", "fail"),
                "failed": ("NOT ROLLED BACK", "fail"),
            }
            word, style = words.get(outcome(end), ("ROLLBACK REFUSED", "fail"))
            return word, style, way


def _facts(end: End) -> Iterator[str]:
    """Why, in sentences."""
    decided = end.decision
    match decided:
        case Hold():
            yield from (one.text for one in decided.missing)
        case RollBack():
            yield decided.reason
            if end.refused or end.failed:
                yield end.refused or end.failed


def _command(end: End, suffix: str) -> str:
    """What a person would type; empty where it was done, or where nothing helps."""
    if end.change is not None or not end.decision.command:
        return ""
    return f"mangaops {end.decision.command}{suffix}"


def _block(end: End, width: int, colour: bool, suffix: str) -> Iterator[str]:
    word, style, about = _head(end)
    yield f"{painted(word, style, colour=colour)}  {painted(about, 'strong', colour=colour)}"
    for fact in _facts(end):
        yield from wrapped(f"- {visible(fact)}", width=width, indent=2, hanging=2)
    if end.change is not None:
        from mangaops.render.change import change_text  # noqa: PLC0415 - rich

        yield change_text(end.change, width=width, colour=colour, suffix=suffix).rstrip("\n")
    if command := _command(end, suffix):
        label = painted("by hand:", "quiet", colour=colour)
        yield f"{label} {painted(command, 'command', colour=colour)}"
    if end.hint:
        yield from wrapped(f"next: {visible(end.hint)}", width=width, hanging=2)


def _document(end: End, suffix: str) -> JSON:
    from mangaops.render.change import change_document  # noqa: PLC0415 - rich

    decided = end.decision
    missing = decided.missing if isinstance(decided, Hold) else ()
    return {
        "intent": decided.intent,
        "outcome": outcome(end),
        "from": decided.now if isinstance(decided, RollBack) else None,
        "to": decided.then if isinstance(decided, RollBack) else None,
        "reason": decided.reason if isinstance(decided, RollBack) else "",
        "missing": [{"condition": one.condition.value, "text": one.text} for one in missing],
        "refused": end.refused or None,
        "failed": end.failed or None,
        "hint": end.hint or None,
        "command": _command(end, suffix) or None,
        "change": change_document(end.change, suffix=suffix) if end.change else None,
        "exit_code": int(end.exit_code),
    }


def _markdown(end: End, suffix: str) -> Iterator[str]:
    word, _, about = _head(end)
    yield f"**{word.capitalize()}**: {escaped(about)}"
    yield ""
    yield from (f"- {escaped(fact)}" for fact in _facts(end))
    if end.change is not None:
        from mangaops.render.change import undo_command  # noqa: PLC0415 - rich

        undo = undo_command(end.change, suffix=suffix)
        told = f"; back again: `{undo}`" if undo else ""
        yield f"- {end.change.status.value}, run `{end.change.run}`{told}"
    if command := _command(end, suffix):
        yield f"- by hand: `{command}`"
    if end.hint:
        yield f"- next: {escaped(end.hint)}"
