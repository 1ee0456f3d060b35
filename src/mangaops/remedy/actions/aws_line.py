"""The same change as a line of the AWS CLI, ready to paste into a shell."""

from __future__ import annotations

import json
import shlex

from mangaops.model.evidence import JSON
from mangaops.model.settings import Environment


def aws_line(environment: Environment, *words: str) -> str:
    """`aws WORDS --region R`, each word quoted; without a region the CLI takes its own.

    What a shell itself is to read (`> FILE`, `"$NAME"`) is put behind it by the caller.
    """
    where = ("--region", environment.region) if environment.region else ()
    return shlex.join(("aws", *words, *where))


def json_word(value: JSON) -> str:
    """A structure as one word of a command line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
