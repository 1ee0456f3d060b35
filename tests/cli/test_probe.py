"""`mangaops probe` against the sandbox's models, sound and faulty."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from mangaops.cli.app import app
from mangaops.cli.context import AppContext
from mangaops.cli.terminal import Terminal
from support.done import Done
from support.started import Started, started

SETTINGS = """\
schema: mangaops.config/1
environments:
  staging:
    region: ap-northeast-1
    endpoint_url: {endpoint}
    fm:
      intents:
        "*": {{first_token: 1s, idle: 1s}}
        returns: {{model: haiku, alternates: [], template: We call you., ping: Say yes.}}
        nowhere: {{model: anthropic.claude-none, alternates: [], backups: []}}
"""
NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
HAIKU = "jp.anthropic.claude-haiku-4-5-20251001-v1:0"
SONNET = "jp.anthropic.claude-sonnet-4-6"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    home = tmp_path_factory.mktemp("home")
    with started(home, "--empty", pauses=0.02) as one:
        settings = SETTINGS.format(endpoint=one.variables["AWS_ENDPOINT_URL"])
        (home / "mangaops.yaml").write_text(settings, encoding="utf-8")
        one.put("models", {"speed": 0.02})
        yield one


def probe(shop: Started, *words: str, faults: tuple[dict[str, Any], ...] = (), **more: str) -> Done:
    shop.put("models", {"faults": list(faults)})
    return shop.command.run("probe", *words, "--env", "staging", **shop.variables, **more)


def told(done: Done, code: int) -> dict[str, Any]:
    assert done.code == code, (done.err, done.out)
    document: dict[str, Any] = json.loads(done.out)
    assert document["schema"] == "mangaops.probe/1"
    return document


def records(document: dict[str, Any], log_type: str) -> list[dict[str, Any]]:
    found = document["calls"][0]["records"]
    return [one for one in found if one["log_type"] == log_type]


def test_a_model_that_answers_is_healthy_and_all_of_its_call_is_told(shop: Started) -> None:
    document = told(probe(shop, "--stream", "--output", "json"), 0)
    (call,) = document["calls"]
    assert (document["status"], document["model_id"], call["mode"]) == ("healthy", SONNET, 1)
    assert call["model_answered"] == {"model_id": SONNET, "region": "ap-northeast-1"}
    assert 0 < call["first_token_ms"] <= call["total_ms"]
    assert call["usage"]["output_tokens"] > 0
    (record,) = records(document, "bedrock_call")
    assert (record["status"], record["attempts"], record["streamed"]) == ("success", 1, True)
    assert record["correlation_id"] == call["correlation_id"]
    assert len(records(document, "bedrock_attempt")) == 1
    assert {one["state"] for one in document["breakers"]} == {"closed"}
    assert document["next"] == "mangaops logs latency --env staging"
    assert 0 < document["usd"] < 0.01
    assert "Reply with the word" not in json.dumps(call["records"])


def test_a_throttle_that_a_retry_mends_is_no_alarm_but_a_warning(shop: Started) -> None:
    hinted = {"chaos": "throttled-with-hint"}
    done = probe(shop, "--model", "haiku", faults=(hinted,))
    assert done.code == 0, done.err
    assert done.out.startswith("RETRIED  probe  staging\n")
    assert "note: the first choice answered only at a later attempt" in done.out
    first, second = re.findall(r"^ +\d  haiku .*$", done.out, re.MULTILINE)
    assert "throttled  429 Throttling" in first
    assert re.search(r"success +200 +1,000 ms", second)
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_model_in_trouble_is_degraded_and_every_step_down_is_told(shop: Started) -> None:
    faults = ({"chaos": "unavailable", "model": "*sonnet*"},)
    document = told(probe(shop, "--output", "json", faults=faults), 3)
    (call,) = document["calls"]
    assert (document["status"], call["mode"], call["attempts"]) == ("degraded", 3, 7)
    assert call["model_answered"]["model_id"] == HAIKU
    assert [SONNET in one for one in call["descended_because"]] == [True, True]
    attempts = records(document, "bedrock_attempt")
    assert [one["model"] for one in attempts] == ["sonnet"] * 6 + ["haiku"]
    assert document["next"] == "mangaops logs errors --env staging"


def test_a_stream_that_breaks_after_text_is_degraded(shop: Started) -> None:
    done = probe(shop, "--stream", faults=({"chaos": "error-in-stream"},))
    assert done.code == 3
    assert "  broken   jp.anthropic.claude-sonnet-4-6 in ap-northeast-1" in done.out
    assert done.err == ""


def test_an_intent_is_asked_its_own_way_down_to_its_own_template(shop: Started) -> None:
    document = told(
        probe(shop, "--intent", "returns", "--output", "json", faults=({"chaos": "unavailable"},)),
        3,
    )
    (call,) = document["calls"]
    assert (document["model_id"], call["mode"], call["text"]) == (HAIKU, 4, "We call you.")
    assert call["model_answered"] is None


def test_what_no_other_time_would_mend_is_a_failure(shop: Started) -> None:
    denied = ({"chaos": "denied"},)
    document = told(probe(shop, "--intent", "returns", "--output", "json", faults=denied), 1)
    assert document["status"] == "failed"
    assert document["next"] == "mangaops doctor --env staging"


def test_a_written_id_that_aws_refuses_is_wrong_input_in_its_own_words(shop: Started) -> None:
    document = told(probe(shop, "--intent", "nowhere", "--output", "json"), 2)
    assert document["status"] == "refused"
    assert document["calls"][0]["aws_said"]
    done = probe(shop, "--model", "anthropic.claude-sonnet-4-6", "--intent", "nowhere")
    assert (done.code, done.out.splitlines()[0]) == (2, "REFUSED  nowhere  staging")
    said = " ".join(done.out.split())
    assert "AWS said" in said
    assert "on-demand throughput" in said
    assert done.out.endswith(f"next: mangaops probe --model {SONNET} --env staging\n")


def test_a_written_id_that_nobody_knows_is_wrong_input_also_when_a_backup_answered(
    shop: Started,
) -> None:
    line = ("--model", "nosuch.model-v1", "--intent", "recommendation", "--output", "json")
    document = told(probe(shop, *line), 2)
    (call,) = document["calls"]
    assert (document["status"], call["status"], call["mode"]) == ("refused", "refused", 3)
    assert call["model_answered"]["model_id"] == HAIKU
    assert call["aws_said"]
    assert "AWS does not know nosuch.model-v1: correct --model" in document["notes"]
    assert document["next"] == "mangaops probe --model sonnet --env staging"
    document = told(probe(shop, "--intent", "nowhere", "--output", "json"), 2)
    assert document["notes"][-1].endswith("correct fm.intents.nowhere.model in mangaops.yaml")


def test_somebody_who_is_there_and_breaks_off_is_degraded(shop: Started) -> None:
    fault = ({"chaos": "connection-reset"},)
    document = told(probe(shop, "--intent", "returns", "--output", "json", faults=fault), 3)
    (call,) = document["calls"]
    assert (document["status"], document["usd"], call["spent"]) == ("degraded", None, None)
    assert (call["first_token_ms"], call["attempts_without_usage"] > 0) == (None, True)


def test_the_ladder_gets_over_a_model_that_spoils_its_json(shop: Started) -> None:
    done = shop.command.run("probe", "--chaos", "malformed-json:sonnet", "--output", "json")
    (call,) = told(done, 3)["calls"]
    assert (call["mode"], call["model_answered"]["model_id"]) == (3, HAIKU)


def test_a_fault_that_no_call_met_is_told(shop: Started) -> None:
    refused = shop.command.run("probe", "--chaos", "throttled:nosuch")
    assert (refused.code, refused.out) == (2, "")
    assert "no model of probe has `nosuch` in its id" in refused.err
    again = ("mangaops", "probe", "--chaos", "throttled:sonnet", "--model", "sonnet", "--stream")
    assert shop.command.run(*again[1:]).out.endswith(f"next: {' '.join(again)} --repeat 6\n")
    unmet = shop.command.run("probe", "--stream", "--chaos", "throttled:haiku")
    assert (unmet.code, "note: no call met this fault" in unmet.out) == (0, True)


def test_percentiles_are_told_where_there_are_calls_enough(shop: Started) -> None:
    faults = ({"where": "nothing", "times": 4}, {"chaos": "denied"})
    words = ("--intent", "returns", "--repeat", "5", "--output", "json")
    document = told(probe(shop, *words, faults=faults), 1)
    assert [one["status"] for one in document["calls"]] == ["healthy"] * 4 + ["failed"]
    assert document["total_ms"]["p50"] > 0
    assert document["total_ms"]["p95"] is None
    text = probe(shop, *words[:4], faults=faults).out
    assert max(map(len, text.splitlines())) <= 80
    assert "calls    5 of 5: 4 healthy, 1 failed" in text
    assert "no p95 of fewer than 20 calls" in text


def test_ctrl_c_keeps_the_calls_that_were_made(
    shop: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second call waits for its retry when it comes."""
    shop.put("models", {"faults": [{"where": "nothing", "times": 1}, {"chaos": "throttled"}]})
    for name, value in shop.variables.items():
        monkeypatch.setenv(name, value)
    out, err = StringIO(), StringIO()
    terminal = Terminal(stdin=StringIO(), stdout=out, stderr=err, environ={})

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    context = AppContext(terminal=terminal, environ={}, clock=lambda: NOW, sleep=stop)
    words = ["probe", "--repeat", "9", "--env", "staging", "--output", "json"]
    config = ["--config", str(shop.command.home / "mangaops.yaml")]
    with pytest.raises(SystemExit) as end:
        app(args=[*words, *config], obj=context)
    document = json.loads(out.getvalue())
    assert (end.value.code, document["interrupted"], document["wanted"]) == (130, True, 9)
    assert [one["status"] for one in document["calls"]] == ["healthy"]


def test_a_table_for_a_ticket_and_the_records_themselves(shop: Started) -> None:
    markdown = probe(shop, "--intent", "returns", "--output", "markdown").out
    assert markdown.startswith("## Probe of returns: healthy\n")
    assert '"log_type": "bedrock_call"' in markdown
    lines = probe(shop, "--intent", "returns", "-v").out.splitlines()
    found = [json.loads(line)["log_type"] for line in lines if line.startswith("{")]
    assert found == ["bedrock_attempt", "bedrock_call"]


@pytest.mark.parametrize(
    ("words", "variables", "code", "said"),
    [
        (("--intent", "retuns"), {}, 2, 'did you mean "returns"?'),
        (("--repeat", "0"), {}, 2, "0 calls cannot be made"),
        (("--model", "my model"), {}, 2, "`my model` is no model"),
        (("--model", "sonet"), {}, 2, 'did you mean "sonnet"?'),
        (("--chaos", "throtled"), {}, 2, 'did you mean "throttled"?'),
        (("--chaos", "connect-refused:sonnet"), {}, 2, "is not of one model"),
        (("--chaos", "stall", "--sandbox", "cold-connections"), {}, 2, "--chaos conflicts with"),
        ((), {"MANGAOPS_DRY_RUN": "1"}, 5, "calls to a model cost money"),
        ((), {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, 1, "no AWS credentials"),
    ],
    ids=["intent", "repeat", "model", "short", "chaos", "reach", "both", "dry", "nobody"],
)
def test_what_cannot_be_is_told_before_anything_is_sent(
    shop: Started, words: tuple[str, ...], variables: dict[str, str], code: int, said: str
) -> None:
    line = ("probe", *words, "--env", "staging")
    done = shop.command.run(*line, **{**shop.variables, **variables})
    assert (done.code, said in done.err, done.out) == (code, True, ""), done.err


def test_a_fault_is_tried_on_an_endpoint_of_its_own(shop: Started) -> None:
    line = ("probe", "--chaos", "fenced-json", "--intent", "returns", "--output", "json")
    document = told(shop.command.run(*line), 3)
    (call,) = document["calls"]
    assert (document["environment"], document["chaos"]) == ("sandbox", "fenced-json")
    assert (call["mode"], call["json"]) == (2, "repaired")
    assert document["next"] == "mangaops probe --chaos fenced-json --intent returns --repeat 6"


def test_the_faults_are_listed_and_offered(shop: Started) -> None:
    listed = json.loads(shop.command.run("probe", "--chaos", "list", "--output", "json").out)
    assert listed["schema"] == "mangaops.chaos/1"
    names = [one["fault"] for one in listed["faults"]]
    assert {"throttled", "stall", "outage"} <= set(names)
    offered = shop.command.run(
        COMP_WORDS="mangaops probe --chaos thr", COMP_CWORD="3", _MANGAOPS_COMPLETE="complete_bash"
    )
    assert offered.out.split() == sorted(one for one in names if one.startswith("thr"))
