"""What the rate fallback hears of a call: one outcome for each model that it was sent to.

Rule: one answer, also by a retry or another route, and the model did not fail the call. It did
when there was none, and an attempt failed in a way that says something about the model: a
second route that nobody may use does not hide what is wrong with the first. A call that was
cancelled before its answer says nothing.
Reason: the template is for users who get no answer of the model, not for requests that fail.
"""

from __future__ import annotations

from mangaops.fm.failure import FailureClass
from mangaops.fm.ladder.parts import Parts
from mangaops.fm.ladder.so_far import SoFar
from mangaops.fm.rate import COUNTED


def count_call(parts: Parts, call: SoFar) -> None:
    for model, outcomes in call.heard.items():
        if None in outcomes:
            parts.rate.record(call.kind, model, None)
        elif FailureClass.CANCELLED not in outcomes:
            failed = [one for one in outcomes if one in COUNTED]
            if failed:
                parts.rate.record(call.kind, model, failed[-1])
