from __future__ import annotations

import json
import time

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
        "X-Api-Key",
        "pin_token",
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
        "first_token",
        "time_to_first_token_ms",
        "token_count",
        "token_type",
        "cache_key",
        "PARTITION_KEY",
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
        ("token = 'a b c' rest", "token = '[redacted]' rest"),
        ('{"apiToken": "s3cr3t", "n": "1"}', '{"apiToken": "[redacted]", "n": "1"}'),
        ("x-amz-security-token=FwoGZX&a=1", "x-amz-security-token=[redacted]&a=1"),
        ("Credential=AKIAIOSFODNN7EXAMPLE/20261121", "Credential=[redacted]"),
        ("eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxw", "[redacted]"),
        ("password: hunter2zz", "password: [redacted]"),
        ("host: db\npassword: 'a b'\nport: 5", "host: db\npassword: '[redacted]'\nport: 5"),
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


SECRET = "SEKRIT08x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"pin_token": 998877665544}', '{"pin_token": "[redacted]"}'),
        ('{"password": 1234, "n": 5}', '{"password": "[redacted]", "n": 5}'),
        ('{"password": true}', '{"password": "[redacted]"}'),
        ('{"password": "cut o', '{"password": "[redacted]'),
        ('["--password", "x1"]', '["--password", "[redacted]"]'),
        ('{"name": "DB_PASS", "value": "x"}', '{"name": "DB_PASS", "value": "[redacted]"}'),
        ("login password:x failed", "login password:[redacted] failed"),
        ("login password: x7 failed", "login password: [redacted] failed"),
        ("X-Api-Key:x", "X-Api-Key:[redacted]"),
        ("run --password x -v", "run --password [redacted] -v"),
        ("run --token=x -v", "run --token=[redacted] -v"),
        ("authorization: basic U0VDUkVUOjEwMHg=", "authorization: basic [redacted]"),
        ("authorization: bearer hunter2-x", "authorization: bearer [redacted]"),
        ("Authorization: Token x", "Authorization: Token [redacted]"),
        ("Cookie: session=x; theme=y", "Cookie: session=[redacted]; theme=[redacted]"),
        ("Set-Cookie: sid=x; Path=/; HttpOnly", "Set-Cookie: sid=[redacted]; Path=/; HttpOnly"),
        ('{\\"cookie\\": \\"a=x\\"}', '{\\"cookie\\": \\"a=[redacted]\\"}'),
        ("pay sk_live_51HabcDEF", "pay [redacted]"),
        ("pay rk_live_51HabcDEF", "pay [redacted]"),
        ("pay sk_test_51HabcDEF", "pay [redacted]"),
        ("AIzaSyDabcdefghijklmnopqrstuvwxyz123456", "[redacted]"),
        ("ya29.a0AfH6SMBxyz-123", "[redacted]"),
        ("npm_abcdefghijklmnopqrstuvwxyz1234567890", "[redacted]"),
        ("hf_abcdefghijklmnopqrstuvwxyz", "[redacted]"),
        ("SG.abcdefghijklmnop.abcdefghijklmnopqrst", "[redacted]"),
        (
            "https://hooks.slack.com/services/T0/B0/x7",
            "https://hooks.slack.com/services/[redacted]",
        ),
        ("client_secret%3Dx%26a%3Db", "client_secret%3D[redacted]%26a%3Db"),
        ("%22password%22%3A%22x%22", "%22password%22%3A%22[redacted]%22"),
        ("client_secret=x&a=b", "client_secret=[redacted]&a=b"),
        ("<password>x</password>", "<password>[redacted]</password>"),
        ('<ns:ApiKey id="1">x</ns:ApiKey>', '<ns:ApiKey id="1">[redacted]</ns:ApiKey>'),
        ("rediss://ana:a@b@cache:1/0", "rediss://ana:[redacted]@cache:1/0"),
        ("postgres://ana:p/w@db/x", "postgres://ana:[redacted]@db/x"),
        ("user: a\npassphrase: two words\nn: 5", "user: a\npassphrase: [redacted]\nn: 5"),
        ('password=\\"x y\\"', 'password=\\"[redacted]\\"'),
    ],
)
def test_a_secret_is_found_in_every_notation(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert redacted(shown) == shown


@pytest.mark.parametrize("depth", range(5))
@pytest.mark.parametrize("secret", [f'{SECRET}"', f"{SECRET}, \\ {SECRET}", 998877665544])
def test_a_secret_is_found_in_json_at_any_depth(secret: object, depth: int) -> None:
    text = inner = json.dumps({"password": secret, "n": 1})
    for _ in range(depth):
        text = json.dumps({"body": text})
    read: object = redacted(text)
    for _ in range(depth):
        assert isinstance(read, str)
        read = json.loads(read)["body"]
    assert isinstance(read, str)
    assert (json.loads(read), inner != read) == ({"password": "[redacted]", "n": 1}, True)


@pytest.mark.parametrize(
    "again",
    [
        *(
            "a",
            "a.",
            "-eyJ",
            "-sk-",
            "://a:",
            "key",
            "key=",
            "\\",
            '\\"',
            "secret /",
            "%25",
            "--token ",
        ),
        *("password: ", "password='", '"password":"', "<password ", "cookie: a ;", "SG.aaaaaaaa."),
    ],
)
def test_no_line_takes_more_time_than_its_length(again: str) -> None:
    line = again * (200_000 // len(again))
    began = time.process_time()
    redacted(line)
    assert time.process_time() - began < 2


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
        "InvalidTokenException: The token is of another account",
        "InvalidTokenException: bad",
        "KeyError: 'intent'",
        "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
        "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/db-AbC123",
        "arn:aws:kms:ap-northeast-1:123456789012:key/12345678-1234-1234-1234-123456789012",
        "anthropic.claude-3-sonnet-20240229-v1:0",
        '{"max_tokens": 512, "prompt_tokens": 1234567, "token_count": 123456789}',
        '{"first_token": 1234567, "time_to_first_token_ms": 812, "tokens": 99}',
        "columns: {first_token: number, n: number}",
        "filter token == 'x' | stats count(*) as n by token",
        "Password: the field is required",
        "basic authentication failed",
        "bearer authentication required",
        "authorization: token expired",
        "http://localhost:8080/x?mail=a@b.com",
        "http://[::1]:8080/x@y",
        "cache key: precompute:genre",
        "aws s3api get-object --key a/b --bucket c",
        "<Code>NoSuchKey</Code><Key>a/b</Key>",
        "token usage: 45 of 100 at 2026-11-21T11:00:00Z",
        "cookies: disabled",
        '{"Key": "Name", "Value": "mangaassist"}',
        "key = precompute:genre:5",
        "stale_keys: >-",
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
