from __future__ import annotations

import pytest

from mangaops.model.redaction import is_secret_name, redacted, redacted_row, redacted_value


@pytest.mark.parametrize(
    "name",
    [
        "API_KEY",
        "apiToken",
        "DB_PASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "/app/client-secret",
        "APIKEY",
        "API_KEYS",
        "signingKeys",
        "DB_PASS",
        "DBPASS",
        "PWD",
        "MONKEY_TOKEN",
    ],
)
def test_names_with_a_secret_word_are_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "BEDROCK_KEEPALIVE_INTERVAL",
        "max_output_tokens",
        "MAX_TOKENS",
        "CHUNK_BATCH_SIZE",
        "",
        "42",
        "MONKEY_PATCH",
        "PRIVATE_KEY_PATH",
        "TLS_KEY_FILE",
        "KMS_KEY_ID",
        "DB_SECRET_ARN",
        "MAX_KEYS",
        "keys",
        "PASS_RATE",
        "BYPASS",
    ],
)
def test_other_names_are_not(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("id AKIAIOSFODNN7EXAMPLE is unknown", "id [redacted] is unknown"),
        ("Authorization: Bearer abc.def-123456", "Authorization: Bearer [redacted]"),
        ("redis://:hunter2@cache:6379/0 refused", "redis://:[redacted]@cache:6379/0 refused"),
        ("rediss://ana:p%40ss@cache", "rediss://ana:[redacted]@cache"),
        ("DB_PASSWORD=hunter2, POOL=5", "DB_PASSWORD=[redacted], POOL=5"),
        ("token = 'a b c' rest", "token = [redacted] rest"),
        ('{"apiToken": "s3cr3t", "n": "1"}', '{"apiToken": "[redacted]", "n": "1"}'),
        ("x-amz-security-token=FwoGZX&a=1", "x-amz-security-token=[redacted]&a=1"),
        ("Credential=AKIAIOSFODNN7EXAMPLE/20261121", "Credential=[redacted]"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxw", "[redacted]"),
        ("password: hunter2zz", "password: [redacted]"),
        ("host: db\npassword: 'a b'\nport: 5", "host: db\npassword: [redacted]\nport: 5"),
        ("{user: ana, api_key: x1}", "{user: ana, api_key: [redacted]}"),
        ("sk-ant-api03-Abc123Def456Ghi789", "[redacted]"),
        ("use ghp_16C7e42F292c6912E7710c838347Ae178B4a", "use [redacted]"),
        ("github_pat_11ABCDEFG0abcdefghijkl_x", "[redacted]"),
        ("slack xoxb-123456789012-abcDEF", "slack [redacted]"),
        (
            "AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "[redacted] [redacted]",
        ),
        ("the secret is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.", "the secret is [redacted]."),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
            "[redacted]",
        ),
    ],
)
def test_a_secret_in_a_text_is_replaced(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "ExpiredToken: The security token included in the request is expired",
        "NoSuchKey: The specified key does not exist.",
        "http://127.0.0.1:5000/index@2",
        "precompute:genre:mystery:top_picks",
        "max_output_tokens=512",
        "arn:aws:sts::123456789012:assumed-role/OnCall/ana",
        "secret scan of e83c5163316f89bfbde7d9ab23ca2e25604af290",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "image@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        "precompute:token:abc",
        "PRIVATE_KEY_PATH=/etc/k",
        "risk-assessment-2026-of-the-desk",
    ],
)
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


def test_redacting_twice_changes_nothing_more() -> None:
    once = redacted("redis://:hunter2@cache DB_PASSWORD=x Bearer abcdefghijk\npassword: x, pwd: y")
    assert redacted(once) == once


def test_nothing_is_shown_of_a_value_whose_name_looks_secret() -> None:
    assert redacted_value("API_KEY", "5") == "[redacted]"
    assert redacted_value("CACHE_URL", "redis://:x@h") == "redis://:[redacted]@h"


def test_a_row_keeps_what_is_no_text() -> None:
    row = {"at": 1.0, "flag": True, "none": None, "what": "secret=x"}
    assert redacted_row(row) == {**row, "what": "secret=[redacted]"}
