"""Where a failure leads, and which steps are then left."""

from __future__ import annotations

import pytest

from mangaops import fm
from mangaops.fm.ladder.descent import Onward, onward, steps_after
from mangaops.fm.ladder.steps import Way, steps_of

CLASSES = {
    "throttle": Onward.NEXT_STEP,
    "not_ready": Onward.NEXT_STEP,
    "transient": Onward.NEXT_STEP,
    "client_timeout": Onward.OTHER_MODEL,
    "model_timeout": Onward.OTHER_MODEL,
    "stream_cut": Onward.NEXT_STEP,
    "quota": Onward.NEXT_STEP,
    "request_bad": Onward.APOLOGY,
    "config": Onward.NO_MODEL,
    "blocked": Onward.REFUSAL,
    "cancelled": Onward.APOLOGY,
    "bug": Onward.APOLOGY,
}


@pytest.mark.parametrize("failure_class", list(fm.FailureClass), ids=str)
def test_each_class_leads_somewhere(failure_class: fm.FailureClass) -> None:
    failure = fm.Failure.of(failure_class, "Code")

    assert onward(failure) is CLASSES[failure_class.value]


def test_a_model_that_is_not_there_and_a_question_too_long_lead_to_other_models() -> None:
    missing = fm.Failure.of(fm.FailureClass.CONFIG, "ResourceNotFoundException", http_status=404)
    long = fm.Failure.of(fm.FailureClass.REQUEST_BAD, "ValidationException", context_overflow=True)

    assert onward(missing) is Onward.OTHER_MODEL
    assert onward(long) is Onward.LARGER_MODEL


@pytest.mark.parametrize(
    ("go", "left"),
    [
        (Onward.NEXT_STEP, [Way.ALTERNATE, Way.BACKUP]),
        (Onward.OTHER_MODEL, [Way.BACKUP]),
        (Onward.LARGER_MODEL, [Way.ALTERNATE]),
        (Onward.NO_MODEL, []),
        (Onward.REFUSAL, []),
        (Onward.APOLOGY, []),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_steps_that_are_left(go: Onward, left: list[Way]) -> None:
    _, *rest = steps_of(fm.manga_assist().policy("recommendation"))

    after = steps_after(rest, go, larger=lambda step: step.way is Way.ALTERNATE)

    assert [step.way for step in after] == left
