"""OpenSearch Serverless, the data plane: an index's settings, its vector fields, searches.

The collection's own endpoint wants a SigV4 signature for the service `aoss` and, besides
the IAM action `aoss:APIAccessAll`, a data access policy that names the caller. Only what
reads can be asked here: `_Question` has nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mangaops.aws.errors import translated
from mangaops.aws.session import Aws
from mangaops.errors import AwsDenied, AwsError, AwsFault, AwsNotFound, AwsRejected, AwsThrottled
from mangaops.model.evidence import JSON
from mangaops.model.resources import VectorField

if TYPE_CHECKING:
    from botocore.httpsession import URLLib3Session

_EF_SEARCH = "index.knn.algo_param.ef_search"
_ACCESS = "aoss:APIAccessAll"
CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0


class _Question(Enum):
    """What may be asked of an index; a search is a POST, and still only reads."""

    SETTINGS = ("GET", "_settings")
    MAPPING = ("GET", "_mapping")
    SEARCH = ("POST", "_search")


class SearchDataPlane:
    """Reads from a collection's own endpoint, over connections that are kept open.

    `signed_for` is the service that the signature names; AWS refuses every other one.
    """

    def __init__(self, aws: Aws, *, signed_for: str = "aoss") -> None:
        self._aws = aws
        self._signed_for = signed_for

    def ef_search(self, endpoint: str, index: str) -> float | None:
        """`index.knn.algo_param.ef_search` of the index; None when the index leaves it unset."""
        return ef_search_of(self._answer(endpoint, index, _Question.SETTINGS))

    def vector_fields(self, endpoint: str, index: str) -> tuple[VectorField, ...]:
        """The index's `knn_vector` fields by name. Raises AwsNotFound without such an index."""
        return vector_fields_of(self._answer(endpoint, index, _Question.MAPPING))

    def search(self, endpoint: str, index: str, body: Mapping[str, JSON]) -> int:
        """Sends one query, and gives the number of hits that came back.

        Raises AwsRejected when the query is wrong, and AwsFault when the search was cut
        short by its own time limit.
        """
        answer = _document(self._answer(endpoint, index, _Question.SEARCH, json.dumps(body)))
        if answer.get("timed_out"):
            raise AwsFault("the search ran into its time limit", operation=_ACCESS)
        hits = answer.get("hits")
        found = hits.get("hits") if isinstance(hits, dict) else None
        return len(found) if isinstance(found, list) else 0

    def close(self) -> None:
        """Closes the connections; the next question opens new ones."""
        session = self.__dict__.pop("_session", None)
        if session is not None:
            session.close()

    @cached_property
    def _session(self) -> URLLib3Session:
        """Checks certificates as botocore does, and tries nothing twice."""
        from botocore.httpsession import URLLib3Session  # noqa: PLC0415 - 0.1 s

        timeout: Any = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)  # the stubs know only one number
        return URLLib3Session(timeout=timeout)

    def _answer(self, endpoint: str, index: str, question: _Question, body: str = "") -> str:
        method, path = question.value
        url = f"{endpoint.rstrip('/')}/{quote(index, safe='')}/{path}"
        status, text = self._sent(method, url, body.encode())
        if status != 200:
            raise _refusal(status, text, index)
        return text

    def _sent(self, method: str, url: str, body: bytes) -> tuple[int, str]:
        """Status and text of a signed request."""
        from botocore.auth import SigV4Auth  # noqa: PLC0415 - 0.1 s
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - 0.1 s

        # aoss, unlike other services, wants the hash of the body as a signed header
        headers = {"X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest()}
        if body:
            headers["Content-Type"] = "application/json"
        request = AWSRequest(method=method, url=url, headers=headers, data=body)
        SigV4Auth(self._aws.credentials(), self._signed_for, self._aws.region).add_auth(request)
        self._aws.calls.count(_ACCESS)
        with translated(_ACCESS):
            answer = self._session.send(request.prepare())
            return answer.status_code, answer.text


def _refusal(status: int, body: str, index: str) -> AwsError:
    text = f"the collection's endpoint answered {status}: {body.strip()[:200] or 'no text'}"
    match status:
        case 401 | 403:
            hint = "allow aoss:APIAccessAll and add the caller to the data access policy"
            return AwsDenied(text, operation=_ACCESS, code=str(status), hint=hint)
        case 404:
            return AwsNotFound(
                f"the collection has no index {index}",
                operation=_ACCESS,
                code="404",
                hint="set resources.index in mangaops.yaml",
            )
        case 429:
            return AwsThrottled(text, operation=_ACCESS, code="429")
        case _:
            kind = AwsFault if status >= 500 else AwsRejected
            return kind(text, operation=_ACCESS, code=str(status))


def _document(body: str) -> Mapping[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise AwsRejected(
            "the collection's endpoint did not answer with JSON", operation=_ACCESS
        ) from error
    return answer if isinstance(answer, dict) else {}


def ef_search_of(body: str) -> float | None:
    """The setting out of `GET index/_settings`, written nested or with dots, as text or number."""
    for index in _document(body).values():
        settings = index.get("settings") if isinstance(index, dict) else None
        found = _flat(settings).get(_EF_SEARCH) if isinstance(settings, dict) else None
        if found is not None:
            return _number(found)
    return None


def vector_fields_of(body: str) -> tuple[VectorField, ...]:
    """The vector fields out of `GET index/_mapping`, also those inside of objects.

    Fields below a `nested` object are left out: they need a query of another form.
    """
    found: dict[str, VectorField] = {}
    for index in _document(body).values():
        mappings = index.get("mappings") if isinstance(index, dict) else None
        if isinstance(mappings, dict):
            found.update({field.name: field for field in _vectors(mappings, "")})
    return tuple(found[name] for name in sorted(found))


def _vectors(mapping: Mapping[str, Any], prefix: str) -> Iterator[VectorField]:
    properties = mapping.get("properties")
    for name, field in properties.items() if isinstance(properties, dict) else ():
        if not isinstance(field, dict) or field.get("type") == "nested":
            continue
        if field.get("type") == "knn_vector":
            dimension = field.get("dimension")
            yield VectorField(
                name=prefix + name,
                dimension=dimension if isinstance(dimension, int) else None,
                kind=str(field.get("data_type", "float")),
            )
        yield from _vectors(field, f"{prefix}{name}.")


def _flat(settings: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """`{"index": {"knn.x": 1}}` and any other mixture as `{"index.knn.x": 1}`."""
    flat: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}."))
        else:
            flat[prefix + name] = value
    return flat


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return int(number) if number.is_integer() else number
