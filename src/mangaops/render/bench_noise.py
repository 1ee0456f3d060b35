"""The noise of a benchmark: which margin means something, and how many calls another needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mangaops.bench.noise import POWER, SHIFTS, Noise, Standing
from mangaops.model.evidence import JSON
from mangaops.render.bench_document import said
from mangaops.render.bench_words import change, evident, limits, percent
from mangaops.render.escaping import escaped, visible
from mangaops.render.figures import counted, dollars, margin
from mangaops.render.painted import aligned, painted, wrapped

SCHEMA = "mangaops.bench-noise/1"
_WORDS = {
    Standing.MEANINGFUL: ("ok", "fine"),
    Standing.BELOW: ("FAIL", "fail"),
    Standing.UNKNOWN: ("INCONCLUSIVE", "unsure"),
}


def noise_document(noises: Sequence[Noise]) -> dict[str, JSON]:
    """Shares and margins as fractions: 0.15 is 15 %. Null is not known."""
    return {"schema": SCHEMA, "intents": [_document(one) for one in noises]}


def _document(one: Noise) -> JSON:
    return {
        "intent": one.intent,
        "version": one.version,
        "run": one.run,
        "observed": one.observed,
        "failures": one.failures,
        "calls_a_side": one.calls,
        "margin": one.margin,
        "standing": one.standing.value,
        "why": one.why or None,
        "noise_floor": said(one.floor),
        "spread": None if one.spread is None else [said(edge) for edge in one.spread],
        "false_alarms": said(one.false_alarms),
        "passed": said(one.passed),
        "detectable": said(one.detectable),
        "calls_for_margin": one.needed,
        "calls_tried": one.tried,
        "usd_for_margin": said(one.needed_usd),
        "found": [
            {
                "calls_a_side": row.calls,
                "passed": said(row.passed),
                "shares": {f"{s:.2f}": x for s, x in zip(SHIFTS, row.shares, strict=True)},
            }
            for row in one.found
        ],
        "arms": None
        if one.arms is None
        else {
            "ratio": said(one.arms.ratio),
            "low": said(one.arms.low),
            "high": said(one.arms.high),
        },
    }


def noise_text(noises: Sequence[Noise], *, width: int, colour: bool) -> str:
    lines: list[str] = []
    for one in noises:
        lines += ["", *_lines(one, width=width, colour=colour)]
    return "".join(f"{line}\n" for line in lines[1:])


def _lines(one: Noise, *, width: int, colour: bool) -> Iterator[str]:
    name = painted(visible(one.intent), "strong", colour=colour)
    calls = counted(one.observed, "call")
    failed = f", {one.failures:,} failed" if one.failures else ""
    yield f"{name} {visible(one.version)}  {calls} of run {visible(one.run)}{failed}"
    word, style = _WORDS[one.standing]
    verdict = f"{word}  {_verdict(one)}"
    first, *rest = wrapped(verdict, width=width - 2, hanging=2)
    yield "  " + first.replace(word, painted(word, style, colour=colour), 1)
    yield from (f"  {line}" for line in rest)
    for told in _told(one):
        yield from wrapped(told, width=width, indent=2, hanging=2)
    if one.found:
        yield ""
        yield "  By calls a side: how often an unchanged prompt passes, a slow-down is found"
        yield from aligned(tuple(_rows(one)), indent=2)


def _verdict(one: Noise) -> str:
    if one.standing is Standing.UNKNOWN or one.floor is None:
        return one.why
    floor = f"the noise floor with {one.calls:,} calls a side is {percent(round(one.floor, 3))}"
    if one.standing is Standing.BELOW:
        return f"a margin of {percent(one.margin)} is lost in the noise: {floor}"
    return f"a margin of {percent(one.margin)} means something: {floor}"


def _told(one: Noise) -> Iterator[str]:
    """Sentences, each where its figure is known."""
    if one.spread is not None:
        low, high = one.spread
        yield f"one version against itself: nine ratios of ten are {margin(low)} to {margin(high)}"
    if one.false_alarms is not None and one.passed is not None:
        alarms, passed = percent(one.false_alarms), percent(round(one.passed, 2))
        yield f"an unchanged prompt fails in {alarms} of comparisons, and passes in {passed}"
    if one.detectable is not None:
        found = margin(one.detectable)
        yield f"found with a chance of {percent(POWER)}: slow-downs from {found} on"
    if one.needed is not None:
        usd = "" if one.needed_usd is None else f", {dollars(one.needed_usd)} for both"
        yield f"to find one of {percent(one.margin)} so: about {one.needed:,} calls a side{usd}"
    elif one.tried is not None:
        yield f"to find one of {percent(one.margin)} so: more than {one.tried:,} calls a side"
    if one.arms is not None:
        yield _arms_words(one)


def _arms_words(one: Noise) -> str:
    if one.arms is None or one.arms.ratio is None:
        return "the two arms of this A/A run: both are infinite"
    edges = limits(one.arms.low, one.arms.high)
    odd = "; they differ, which one of ten do by chance: is one arm treated otherwise?"
    doubt = odd if evident(one.arms.low, one.arms.high) else ""
    return f"the two arms of this A/A run: {change(one.arms.ratio)} ({edges}){doubt}"


def _rows(one: Noise) -> Iterator[tuple[str, ...]]:
    yield ("calls", "passes", *(f"+{percent(shift)}" for shift in SHIFTS))
    for row in one.found:
        shares = (row.passed, *row.shares)
        yield (f"{row.calls:,}", *(f"{share:.0%}".replace("%", " %") for share in shares))


def noise_markdown(noises: Sequence[Noise]) -> str:
    lines: list[str] = []
    for one in noises:
        word, _ = _WORDS[one.standing]
        lines += [f"### {escaped(one.intent)}: {word}", "", escaped(f"{_verdict(one)}."), ""]
        lines += [f"- {escaped(told)}" for told in _told(one)]
        if one.found:
            head, *rows = _rows(one)
            lines += ["", f"| {' | '.join(head)} |", f"|{' ---: |' * len(head)}"]
            lines += [f"| {' | '.join(row)} |" for row in rows]
        lines.append("")
    return "".join(f"{line}\n" for line in lines)
