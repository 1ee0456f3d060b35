"""Whether what is said about a request, and about the answer, is of the right kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from mangaops.fm.answers.keywords import unusable
from mangaops.fm.requests.issue import Issue, IssueCode
from mangaops.fm.requests.request import Operation, Request

MOST = 20
"""So many places of a schema are told."""


def form_issues(request: Request) -> Iterator[Issue]:
    yield from _schema(request.schema)
    yield from _free_text(request.free_text)
    yield from _metadata(request.metadata)
    if not isinstance(request.operation, Operation):
        yield _malformed("operation", f"an Operation, {' or '.join(Operation)}")


def _schema(schema: object) -> Iterator[Issue]:
    if schema is None:
        return
    if not isinstance(schema, Mapping):
        yield _malformed("schema", f"a JSON Schema is a mapping, not {type(schema).__name__}")
        return
    for path, sentence in islice(unusable(schema), MOST):
        yield _unusable(f"schema{path}", sentence)
    said = schema.get("type", "object")
    if said != "object" and not (isinstance(said, list | tuple) and "object" in said):
        told = "an answer is one JSON object, which this schema never allows"
        yield _unusable("schema.type", told)


def _free_text(pointers: object) -> Iterator[Issue]:
    if not isinstance(pointers, list | tuple):
        told = f"a tuple of JSON pointers, not {type(pointers).__name__}"
        yield _malformed("free_text", told)
        return
    for index, one in enumerate(pointers):
        if not isinstance(one, str) or not one.startswith("/"):
            yield _malformed(f"free_text[{index}]", "a JSON pointer begins with /")


def _metadata(metadata: object) -> Iterator[Issue]:
    """Lengths and letters are no issue: they are made to fit when it is sent."""
    if not isinstance(metadata, Mapping):
        yield _malformed("metadata", f"a mapping, not {type(metadata).__name__}")
    elif not all(isinstance(one, str) for pair in metadata.items() for one in pair):
        yield _malformed("metadata", "its names and values are texts")


def _unusable(path: str, message: str) -> Issue:
    return Issue(code=IssueCode.SCHEMA_UNUSABLE, path=path[:200], message=message)


def _malformed(path: str, message: str) -> Issue:
    return Issue(code=IssueCode.FIELD_MALFORMED, path=path, message=message)
