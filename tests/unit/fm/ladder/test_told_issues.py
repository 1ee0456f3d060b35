"""What is left out of a request, or doubtful in it, stands in the record of its call."""

from __future__ import annotations

from support.fm import Scripted, ask, desk


def test_what_a_model_does_not_take_is_told() -> None:
    here = desk(Scripted())

    answer = here.client.complete(ask(temperature=0.2, top_p=0.9))

    assert answer.mode == 1
    assert here.transport.sent[0].request.top_p is None
    assert here.call["issues"] == ["omitted_top_p"]


def test_a_plain_request_has_no_issue() -> None:
    here = desk(Scripted())

    here.client.complete(ask())

    assert "issues" not in here.call


def test_a_length_that_is_doubtful_is_told() -> None:
    here = desk(Scripted())
    long = "a" * int(5500 * 3.5)

    assert here.client.complete(ask(text=long)).mode == 1
    assert here.call["issues"] == ["input_over_budget"]


def test_a_request_that_is_refused_has_all_of_its_issues() -> None:
    here = desk(Scripted())

    here.client.complete(ask(temperature=2, top_p=0.9, text="あ" * 18_000))

    assert here.transport.sent == []
    assert {*here.call["issues"]} == {
        "out_of_range",
        "unsupported_parameter",
        "input_over_budget",
    }
