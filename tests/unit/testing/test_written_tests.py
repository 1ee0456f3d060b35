"""A test that is made of recorded evidence passes, and says exactly what was recorded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaops.errors import InputError, MangaopsError
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.walking import recorded_runbook, rewalked
from mangaops.model.evidence import EvidenceSet, Series
from mangaops.model.runbook import Runbook
from mangaops.model.settings import DEFAULT_RESOURCES
from mangaops.model.time import Window
from mangaops.testing.case import Case
from mangaops.testing.notation import minutes
from mangaops.testing.write import Recorded, Written, why_not
from mangaops.testing.write import test_of as written_of
from mangaops.testing.write_words import flow, moment, number, series
from support.capsules import END
from support.slow_capsule import BOOK, T, capsule, per


class Held:
    """Satisfies `testing.given.Sources`."""

    def __init__(self, held: Capsule) -> None:
        self.held = held
        self.asked: list[Path] = []

    def scenario(self, name: str, runbook: Runbook, case: Case) -> tuple[EvidenceSet, Window]:
        raise AssertionError((name, runbook.name, case.name))

    def capsule(self, path: Path) -> Capsule:
        self.asked.append(path)
        return self.held


def recorded(held: Capsule, **more: str) -> Recorded:
    fields = {"path": "held.capsule", "file": "books/slow.test.yaml", **more}
    return Recorded(capsule=held, runbook=recorded_runbook(held), **fields)


def written(held: Capsule, **more: str) -> Written:
    return written_of(recorded(held, **more), Held(held))


EXPECTED = """\
schema: mangaops.runbook-test/1
runbook: slow
tests:
  - name: the wave of Friday
    now: 2026-01-07T12:00:00Z
    set: {limit: 2500, sustained: 5m, simple: [faq, greeting]}
    answers: {person: "yes"}
    evidence:
      latency: {p95: 900.25x18 _x2 3400+1x10}
      by_intent:
        - {labels: {Intent: comparison}, p95: 800.1, SampleCount: 40}
        - {labels: {Intent: faq}, p95: 3100.0000000000005 _x2, SampleCount: 7 _x2}
      errors: {Sum: 3 _x14 4 _x4 0.0000001 _x4}
      usual: {p95: 900x30, earlier: [{p95: 300x30}, {p95: 310x30}]}
      calls:
        rows:
          - {intent: "no", slot: "-10m", calls: 12}
          - {intent: "it's: \\"x\\", {y}", slot: "2026-01-07T11:29:59.750000Z", calls: 5.5}
          - {slot: "-25m", calls: 1}
      threshold:
        fields:
          value: "0.4"
          number: 0.4
          version: 3
          modified_at: "2026-01-06T10:59:59.500000Z"
          history:
            - {version: 3, value: "0.4", modified_at: "-2h"}
      health: {state: denied, detail: "no: plan"}
    # not needed: later
    expect:
      status: diagnosed
      diagnosis: busy
      verdict: confirmed
      severity: SEV-2
      path: [{which: simple ones}, {person: "yes"}]
      remedies: [{scale-out: scale-out --to 8}, wait]
      missing: []
"""


def test_evidence_of_every_shape_is_written_and_the_test_passes() -> None:
    assert written(capsule(), name="the wave of Friday") == Written(text=EXPECTED)


def test_a_test_without_a_name_is_named_by_what_was_found() -> None:
    name = '  - name: "busy of 2026-01-07T12:00:00Z (r-7f3a)"\n'
    assert name in written(capsule()).text


def test_names_of_the_environment_that_the_runbook_uses_are_written() -> None:
    held = capsule(resources={**DEFAULT_RESOURCES, "orchestrator_log": "/own", "cluster": "mine"})
    assert "\nresources: {orchestrator_log: /own}\n" in written(held).text


def test_what_the_notation_cannot_say_is_taken_from_the_capsule() -> None:
    """A cut-off read weighs less, and no test file can say that it was cut off."""
    held = capsule()
    part = replace(held.evidence.items["calls"], partial=True)
    held = replace(held, evidence=held.evidence.with_items(part))
    found, sources = written(held), Held(held)
    assert found.why == "verdict: expected likely, got confirmed"
    assert "    capsule: held.capsule\n    expect:\n" in found.text
    assert why_not(found.text, recorded(held), sources) == ""
    assert sources.asked == [Path("books/held.capsule")]


@pytest.mark.parametrize(
    ("series_held", "why"),
    [
        (replace(per(60, *[3000.0] * 30), end=T + 7), "latency does not end with the window"),
        (
            replace(
                per(60, *[3000.0] * 30), points=tuple((T - 1790 + n * 60, 3e3) for n in range(29))
            ),
            "datapoints that are not on whole minutes were recorded",
        ),
    ],
)
def test_times_that_no_minute_has_are_taken_from_the_capsule(series_held: Series, why: str) -> None:
    held = capsule()
    item = replace(held.evidence.items["latency"], value=series_held)
    assert written(replace(held, evidence=held.evidence.with_items(item))).why == why


def test_a_test_that_no_form_lets_pass_is_an_error() -> None:
    other = BOOK.replace("goto: busy}", "goto: quiet}")
    held = capsule()
    changed = replace(recorded(held), runbook=recorded_runbook(replace(held, text=other)))
    with pytest.raises(MangaopsError, match=r"no test of r-7f3a passes: diagnosis: expected busy"):
        written_of(changed, Held(held))


def test_a_capsule_and_its_test_conclude_the_same() -> None:
    diagnosis = rewalked(capsule()).diagnosis
    assert (diagnosis.id, diagnosis.verdict) == ("busy", "confirmed")


VALUE = st.one_of(
    st.none(),
    st.integers(0, 5).map(float),
    st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).map(lambda v: v + 0.0),
)


@given(st.lists(VALUE, min_size=1, max_size=30))
def test_a_series_is_read_back_as_it_was(values: list[float | None]) -> None:
    assert minutes(str(series(values)) if len(values) > 1 else flow(series(values)).strip('"')) == (
        tuple(values)
    )


def test_repeats_ramps_and_gaps_are_put_together() -> None:
    ramp = [round(0.1 + 0.1 * n, 9) for n in range(6)]
    assert series([*[5.0] * 3, *ramp, None, 7.0, 8.0, *[0.0] * 4]) == "5x3 0.1+0.1x6 _ 7 8 0x4"


def test_words_that_yaml_would_take_for_something_else_are_quoted() -> None:
    told = [flow(word) for word in ("yes", "0x30", "1e3", "2026-01-07", "", "a: b", "-5", "a b-1")]
    assert told == ['"yes"', '"0x30"', '"1e3"', '"2026-01-07"', '""', '"a: b"', '"-5"', "a b-1"]


def test_times_within_the_last_days_are_ages() -> None:
    told = [moment(T - 90, END), moment(T, END), moment(T + 60, END), moment(T - 200_000, END)]
    assert told == ["-1m30s", "-0s", "2026-01-07T12:01:00Z", "2026-01-05T04:26:40Z"]


def test_numbers_without_end_cannot_be_written() -> None:
    assert number(1e-07) == "0.0000001"
    with pytest.raises(InputError, match="inf cannot be written"):
        number(float("inf"))
