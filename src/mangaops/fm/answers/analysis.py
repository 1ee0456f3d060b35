"""What an answer is worth: why it stopped, its text, its JSON, and the products it names.

The ladder reads it: what is usable is given, what is not is asked for again or elsewhere.
Nothing here is text of the answer but `text`, `value` and `tools`; `problem` and `note` can
be logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mangaops.fm.answers.keywords import unusable
from mangaops.fm.answers.mentions import USUAL, ProductRules
from mangaops.fm.answers.products import CheckedProducts, Known, check_products
from mangaops.fm.answers.repair.mend import repair_json
from mangaops.fm.answers.repaired import Repaired, RepairState
from mangaops.fm.answers.schema import satisfies
from mangaops.fm.answers.stop_reason import StopKind, kind_of
from mangaops.fm.answers.tools import blocks_in, tool_problem, tools_of
from mangaops.fm.requests.request import Request
from mangaops.fm.transport.raw import RawAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """`problem` says in half a sentence why the answer cannot be used, None when it can;
    `note` what a usable one lacks. `cut`: more room might have helped.

    `value` is the JSON value without the products that were removed; `tools` are calls that
    came whole, of tools that were offered. Of an answer that cannot be used there are none, and
    of its `value` may be shown only what the request declared as free text.
    """

    text: str
    kind: StopKind
    value: Any = None
    repair: Repaired | None = None
    products: CheckedProducts | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    problem: str | None = None
    note: str | None = None

    @property
    def usable(self) -> bool:
        return self.problem is None

    @property
    def cut(self) -> bool:
        by_text = self.repair is not None and self.repair.state is RepairState.TRUNCATED
        return self.kind is StopKind.TRUNCATED or by_text


def analyse(
    raw: RawAnswer,
    request: Request,
    *,
    known_products: Known | None = None,
    product_rules: ProductRules = USUAL,
) -> Analysis:
    """Never raises. `known_products` is asked once, for all ids of the answer together."""
    text = text_of(raw.blocks)
    kind = kind_of(raw.stop_reason)
    if kind is StopKind.BLOCKED:
        return Analysis(text=text, kind=kind, problem="the answer was blocked")
    if (problem := tool_problem(raw, request)) is not None:
        return Analysis(text=text, kind=kind, problem=problem)
    if tools := tools_of(raw):
        return Analysis(text=text, kind=kind, tools=tools)
    if request.schema is None:
        problem, note = _of_words(text, kind)
        return Analysis(text=text, kind=kind, problem=problem, note=note)
    if next(unusable(request.schema), None) is not None:
        return Analysis(text=text, kind=kind, problem="its schema cannot be checked")
    return _of_json(text, raw.stop_reason, request, known_products, product_rules)


def text_of(blocks: object) -> str:
    """Joined with nothing: a text may be split in the middle of a word, or of its JSON.
    Reasoning and tool calls are blocks of other kinds, and no text of the answer.
    """
    texts = (block.get("text") for block in blocks_in(blocks))
    return "".join(text for text in texts if isinstance(text, str))


def _of_words(text: str, kind: StopKind) -> tuple[str | None, str | None]:
    """The problem and the note."""
    if not text.strip():
        return "the answer is empty", None
    note = "the answer was cut" if kind is StopKind.TRUNCATED else None
    return _doubt(kind), note


def _of_json(
    text: str,
    stop_reason: str | None,
    request: Request,
    known: Known | None,
    rules: ProductRules,
) -> Analysis:
    repaired = repair_json(
        text, schema=request.schema, free_text=request.free_text, stop_reason=stop_reason
    )
    kind = kind_of(stop_reason, text=text)
    if repaired.value is None:
        return Analysis(text=text, kind=kind, repair=repaired, problem=_problem(repaired))
    checked = check_products(repaired.value, known=known, rules=rules)
    return Analysis(
        text=text,
        kind=kind,
        value=checked.value,
        repair=repaired,
        products=checked,
        problem=_problem(repaired) or _doubt(kind_of(stop_reason)) or _lost(checked, request),
        note=_note(repaired, checked),
    )


def _problem(repaired: Repaired) -> str | None:
    if repaired.may_act:
        return None
    if repaired.state is RepairState.TRUNCATED:
        return "the answer's JSON was cut"
    return f"the answer is no JSON that can be used ({repaired.state})"


def _doubt(kind: StopKind) -> str | None:
    """What the stop reason says against an answer that looks whole."""
    match kind:
        case StopKind.MALFORMED:
            return "the model says that its answer is malformed"
        case StopKind.UNKNOWN:
            return "nothing says that the answer is whole"
        case _:
            return None


def _lost(checked: CheckedProducts, request: Request) -> str | None:
    """What the products that were taken out were to the answer."""
    if not checked.removed:
        return None
    if checked.invented:
        return "none of the products that it names exists"
    if not checked.value:
        return "nothing is left of it without products that could not be shown to exist"
    if not satisfies(checked.value, request.schema):
        return "without the products that do not exist it has not the shape that was asked for"
    return None


def _note(repaired: Repaired, checked: CheckedProducts) -> str | None:
    told: list[str] = []
    if repaired.state is RepairState.REPAIRED:
        told.append(f"its JSON was mended ({', '.join(repaired.mends)})")
    if checked.removed:
        count = len(checked.removed)
        told.append(f"{count} product{'s' if count > 1 else ''} of it could not be shown to exist")
    if checked.still_named:
        told.append("its texts name what could not be shown to exist")
    return ", and ".join(told) or None
