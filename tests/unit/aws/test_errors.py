import botocore.discovery  # noqa: F401 - declares a family of its own
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from mangaops.aws.errors import FAMILIES, family_of, translated
from mangaops.errors import (
    AwsCredentials,
    AwsDenied,
    AwsError,
    AwsFault,
    AwsNotFound,
    AwsRejected,
    AwsThrottled,
    AwsUnreachable,
    InputError,
)


def families(kind: type[Exception] = BotoCoreError) -> list[type[Exception]]:
    ours = [k for k in kind.__subclasses__() if k.__module__.startswith("botocore.")]
    return [each for k in ours for each in (k, *families(k))]


def translate(error: Exception, operation: str = "logs:StartQuery") -> AwsError:
    with pytest.raises((AwsError, InputError)) as caught, translated(operation):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def refusal(code: str, message: str = "text", status: int = 400) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "id-1"},
        },
        "StartQuery",
    )


def test_every_family_of_botocore_has_one_of_ours_and_a_hint():
    uncovered = [kind.__name__ for kind in families() if family_of(kind) is None]
    assert uncovered == []
    assert all(hint for _, _, hint in FAMILIES)


def test_every_name_in_the_map_is_one_of_botocores():
    names = {kind.__name__ for kind in families()}
    assert [name for name, _, _ in FAMILIES if name not in names] == []


@pytest.mark.parametrize(
    ("code", "status", "kind", "hint"),
    [
        ("AccessDeniedException", 400, AwsDenied, "allow logs:StartQuery to this identity"),
        ("UnauthorizedOperation", 403, AwsDenied, "allow logs:StartQuery"),
        ("SomethingNew", 403, AwsDenied, "allow logs:StartQuery"),
        ("ExpiredTokenException", 400, AwsCredentials, "aws sso login"),
        ("UnrecognizedClientException", 400, AwsCredentials, "AWS_PROFILE"),
        ("InvalidClientTokenId", 403, AwsCredentials, "AWS_PROFILE"),
        ("RequestTimeTooSkewed", 403, AwsCredentials, "clock of this machine"),
        ("SignatureDoesNotMatch", 403, AwsCredentials, "clock of this machine"),
        ("InvalidSignatureException", 403, AwsCredentials, "clock of this machine"),
        ("ThrottlingException", 400, AwsThrottled, "wait a minute"),
        ("TooManyRequestsException", 429, AwsThrottled, "wait a minute"),
        ("Unheard", 429, AwsThrottled, "wait a minute"),
        ("ResourceNotFoundException", 400, AwsNotFound, "check the name"),
        ("ParameterNotFound", 400, AwsNotFound, "check the name"),
        ("ClusterNotFoundException", 400, AwsNotFound, "check the name"),
        ("ValidationException", 400, AwsRejected, ""),
        ("InternalFailure", 500, AwsFault, "a fault at AWS"),
    ],
)
def test_a_refusal_is_sorted_by_its_code(code, status, kind, hint):
    error = translate(refusal(code, status=status))
    assert type(error) is kind
    assert hint in error.hint
    assert (error.what, error.code) == (f"{code}: text", code)
    assert (error.where, error.operation) == ("logs:StartQuery", "logs:StartQuery")
    assert error.request_id == "id-1"


def test_a_denial_names_the_action_that_aws_names():
    message = "User: arn:aws:iam::1:user/a is not authorized to perform: logs:GetLogEvents on x"
    assert "allow logs:GetLogEvents" in translate(refusal("AccessDenied", message)).hint


def test_an_explicit_deny_is_not_answered_with_allow_it():
    message = (
        "User: x is not authorized to perform: logs:StartQuery on y "
        "with an explicit deny in a service control policy"
    )
    assert translate(refusal("AccessDeniedException", message)).hint == (
        "a policy denies logs:StartQuery explicitly: ask its owner, allowing it is not enough"
    )


@pytest.mark.parametrize(
    ("error", "kind", "hint"),
    [
        (NoCredentialsError(), AwsCredentials, "aws configure"),
        (TokenRetrievalError(provider="sso", error_msg="old"), AwsCredentials, "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://x", error="no"), AwsUnreachable, "region"),
        (ResponseParserError("<html>"), AwsUnreachable, "endpoint_url"),
        (ProfileNotFound(profile="prd"), InputError, "list-profiles"),
        (NoRegionError(), InputError, "--region"),
    ],
)
def test_what_botocore_says_by_itself(error, kind, hint):
    translated_error = translate(error)
    assert type(translated_error) is kind
    assert hint in translated_error.hint
    assert translated_error.where == "logs:StartQuery"


def test_the_name_of_an_endpoint_stays_in_the_message():
    error = EndpointConnectionError(endpoint_url="https://logs.ap-north-9.amazonaws.com/", error="")
    assert "https://logs.ap-north-9.amazonaws.com/" in translate(error).what
