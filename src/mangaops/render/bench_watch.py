"""A watch over activations: one line a round as it comes, the whole at its end."""

from __future__ import annotations

from collections.abc import Iterator

from mangaops.bench.comparing.comparison import Comparison, Doubt, Verdict
from mangaops.bench.guarding.safeguard import End, Hold
from mangaops.bench.guarding.watching import Ended, Round, Watched
from mangaops.model.evidence import JSON
from mangaops.model.time import format_duration, iso
from mangaops.render.bench_document import intent_document
from mangaops.render.bench_safeguard import (
    safeguard_document,
    safeguard_markdown,
    safeguard_text,
)
from mangaops.render.bench_words import STYLES, change, limits, short_latency
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import counted, dollars
from mangaops.render.painted import painted, wrapped

SCHEMA = "mangaops.bench-watch/1"
_WIDEST = 120
_UNMEASURED = "not measured"


def round_line(one: Round) -> str:
    """`14:32:05 recommendation v2.0 -> v2.1  FAIL  +62 % (+41 % to +90 %)  SEV-1  $0.42`."""
    about = f"{visible(one.intent)} {visible(one.baseline)} -> {visible(one.candidate)}"
    parts = [f"{one.at:%H:%M:%S} {about}", *_verdict(one.comparison)]
    if one.comparison is None:
        parts.append(visible(one.problem) or _UNMEASURED)
    if one.usd is not None:
        parts.append(dollars(one.usd))
    return "  ".join(part for part in parts if part)


def _verdict(one: Comparison | None) -> tuple[str, ...]:
    if one is None:
        return ()
    told = f"{change(one.ratio)} ({limits(one.low, one.high)})" if one.ratio is not None else ""
    return one.verdict.value, told, one.severity or ""


def watch_text(watched: Watched, *, width: int = 80, colour: bool = False, suffix: str = "") -> str:
    columns = min(width, _WIDEST)
    lines = [_head(watched, colour), *_notes(watched, columns)]
    for one in watched.rounds:
        lines += ["", *_round(one, columns, colour)]
    ends = _ends(watched)
    text = "\n".join(lines) + "\n"
    if ends:
        told = safeguard_text(ends, width=columns, colour=colour, suffix=suffix)
        text += f"\n{told}"
    if why := _why(watched):
        line = painted(f"mangaops bench compare {why}{suffix}", "command", colour=colour)
        word = "why:" if len(watched.rounds) == 1 else "its last round alone:"
        text += f"\n{painted(word, 'quiet', colour=colour)} {line}\n"
    return text


def _ends(watched: Watched) -> list[End]:
    """What was done, each time; what was held back, the last time for each intent."""
    ended = [(one.intent, one.end) for one in watched.rounds if one.end]
    last = {intent: place for place, (intent, _) in enumerate(ended)}
    return [
        end
        for place, (intent, end) in enumerate(ended)
        if not isinstance(end.decision, Hold) or last[intent] == place
    ]


def _why(watched: Watched) -> str:
    """The last run that did not pass."""
    bad = (
        one.run
        for one in reversed(watched.rounds)
        if one.comparison is not None and one.comparison.verdict is not Verdict.PASS
    )
    return next(bad, "")


def _head(watched: Watched, colour: bool) -> str:
    word, style = _word(watched)
    return f"{painted(word, style, colour=colour)}  {_summary(watched)}"


def _word(watched: Watched) -> tuple[str, str]:
    verdicts = [one.comparison.verdict for one in watched.rounds if one.comparison]
    for worst in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS):
        if worst in verdicts:
            return worst.value, STYLES[worst]
    return "NOTHING MEASURED", "unsure" if watched.rounds else "fine"


def _summary(watched: Watched) -> str:
    length = watched.ended_at - watched.started_at
    rounds = counted(len(watched.rounds), "round")
    ended = "" if watched.ended is Ended.ONCE else f"; {watched.ended.value}"
    return f"{rounds} in {format_duration(length)}, {dollars(watched.usd)}{ended}"


def _notes(watched: Watched, columns: int) -> Iterator[str]:
    for note in watched.notes:
        yield from wrapped(f"- {visible(note)}", width=columns, indent=2, hanging=2)


def _round(one: Round, columns: int, colour: bool) -> Iterator[str]:
    at = painted(f"{one.at:%H:%M:%S}", "quiet", colour=colour)
    about = f"{visible(one.intent)}  {visible(one.baseline)} -> {visible(one.candidate)}"
    yield f"{at}  {painted(about, 'strong', colour=colour)}"
    for line in _figures(one):
        yield from wrapped(line, width=columns, indent=10)


def _figures(one: Round) -> Iterator[str]:
    compared = one.comparison
    if compared is None:
        yield visible(one.problem) or _UNMEASURED
        return
    p95 = f"{short_latency(compared.baseline.p95_ms)} -> {short_latency(compared.candidate.p95_ms)}"
    verdict, told, severity = _verdict(compared)
    yield "  ".join(part for part in (verdict, f"p95 {p95}", told, severity) if part)
    cost = "" if one.usd is None else f", this round {dollars(one.usd)}"
    samples = counted(compared.baseline.samples + compared.candidate.samples, "sample")
    yield f"{samples} so far{cost}, run {visible(one.run)}"
    for reason in compared.reasons:
        if reason.doubt is Doubt.SEVERAL_ROUNDS:
            yield visible(reason.text)


def watch_document(watched: Watched, *, suffix: str = "") -> dict[str, JSON]:
    return {
        "schema": SCHEMA,
        "ended": watched.ended.name.lower(),
        "started_at": iso(watched.started_at),
        "ended_at": iso(watched.ended_at),
        "usd": round(watched.usd, 6),
        "notes": list(watched.notes),
        "rounds": [_round_document(one) for one in watched.rounds],
        "safeguard": safeguard_document(
            [one.end for one in watched.rounds if one.end], suffix=suffix
        ),
        "exit_code": int(watched.exit_code),
    }


def _round_document(one: Round) -> JSON:
    return {
        "at": iso(one.at),
        "intent": one.intent,
        "baseline": one.baseline,
        "candidate": one.candidate,
        "run": one.run or None,
        "usd": None if one.usd is None else round(one.usd, 6),
        "problem": one.problem or None,
        "comparison": None if one.comparison is None else intent_document(one.comparison),
    }


def watch_markdown(watched: Watched, *, suffix: str = "") -> str:
    word, _ = _word(watched)
    lines = [f"**{word.capitalize()}**: {_summary(watched)}", ""]
    lines += [f"- {escaped(note)}" for note in watched.notes]
    if watched.rounds:
        lines += [
            "",
            "| at | intent | versions | verdict | p95 | run |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row(one) for one in watched.rounds]
    ends = _ends(watched)
    told = "\n" + safeguard_markdown(ends, suffix=suffix) if ends else ""
    return "\n".join(lines).rstrip("\n") + "\n" + told


def _row(one: Round) -> str:
    verdict = [part for part in _verdict(one.comparison)[::2] if part]
    p95 = _verdict(one.comparison)[1] if one.comparison else one.problem
    cells = (
        f"{one.at:%H:%M:%S}",
        one.intent,
        f"{one.baseline} -> {one.candidate}",
        " ".join(verdict) or _UNMEASURED,
        p95,
        one.run,
    )
    return f"| {' | '.join(escaped(cell) for cell in cells)} |"
