"""`mangaops iam`: the policy on stdout, what it cannot say on stderr; AWS need not answer."""

from __future__ import annotations

import json

import pytest

from support.command import Command, credentials

ACCOUNT = ("--account", "210987654321")
CONFIG = """\
schema: mangaops.config/1
environments:
  prod: {region: eu-west-1, account: "111122223333", resources: {cluster: chat, service: api}}
"""


def test_a_runbook_has_its_policy_with_the_names_of_the_environment(mangaops: Command) -> None:
    (mangaops.home / "mangaops.yaml").write_text(CONFIG, encoding="utf-8")
    done = mangaops.run("iam", "diagnose", "first-token", **credentials())
    policy = json.loads(done.out)
    services = [one for one in policy["Statement"] if one["Sid"] == "Services"]
    assert (done.code, policy["Version"]) == (0, "2012-10-17")
    assert services == [
        {
            "Sid": "Services",
            "Effect": "Allow",
            "Action": "ecs:DescribeServices",
            "Resource": "arn:aws:ecs:eu-west-1:111122223333:service/chat/api",
        }
    ]
    last = "note: sts:GetCallerIdentity is called too, and needs no permission"
    assert done.err.splitlines()[-1] == last


def test_remedies_have_one_policy_together(mangaops: Command) -> None:
    done = mangaops.run(
        "iam", "remedy", "scale-out", "flash-sale-mode", *ACCOUNT, "--output", "json",
        **credentials(),
    )  # fmt: skip
    document = json.loads(done.out)
    assert (done.code, document["schema"], document["characters"] < 6144) == (
        0,
        "mangaops.policy/1",
        True,
    )
    resources = {one["Sid"]: one["Resource"] for one in document["policy"]["Statement"]}
    path = "ap-northeast-1:210987654321:parameter/mangaassist/features/flash_sale_mode"
    assert resources["Parameters"] == f"arn:aws:ssm:{path}"
    assert sorted(resources) == ["NotByResource", "Parameters", "ScalableTargets", "Services"]


def test_an_account_that_nobody_knows_is_a_placeholder_and_said(mangaops: Command) -> None:
    no_one = {"AWS_REGION": "ap-northeast-1"}
    done = mangaops.run("iam", "remedy", "restart-service", **no_one)
    assert "ap-northeast-1:ACCOUNT_ID:service/mangaassist-prod/orchestrator" in done.out
    first = "note: replace ACCOUNT_ID, or pass --account: neither mangaops.yaml nor AWS told it"
    assert (done.code, done.err.splitlines()[0]) == (0, first)


@pytest.mark.parametrize("kind", ["diagnose", "remedy"])
def test_all_of_them_fit_into_one_managed_policy(mangaops: Command, kind: str) -> None:
    done = mangaops.run("iam", kind, "--all", *ACCOUNT, "--output", "json", **credentials())
    assert (done.code, json.loads(done.out)["characters"] < 6144) == (0, True)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["diagnose"], "for which runbook?"),
        (["remedy"], "for which remedy?"),
        (["diagnose", "first-tokn"], "no runbook is named `first-tokn`"),
        (["remedy", "scale-uot"], "no remedy is named `scale-uot`"),
        (["remedy", "scale-out", "--all"], "--all conflicts with a REMEDY"),
        (["remedy", "scale-out", "--account", "12"], "`12` is no account id"),
    ],
)
def test_wrong_words_are_refused(mangaops: Command, words: list[str], what: str) -> None:
    done = mangaops.run("iam", *words, "--output", "json", **credentials())
    assert (done.code, json.loads(done.out)["error"]["what"]) == (2, what)
