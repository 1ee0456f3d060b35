"""Templates into sentences and commands, over the same facts as conditions."""

from __future__ import annotations

import shlex

from mangaops.diagnose.evaluate import evaluate_value
from mangaops.diagnose.facts import Facts
from mangaops.diagnose.formats import UNKNOWN_WORD, formatted
from mangaops.model.condition import Slot, Template

_NOTHING = "none"


def sentence(template: Template, facts: Facts) -> str:
    """Text for people: what is unknown is the word `unknown`, an empty list `none`."""
    parts = [p if isinstance(p, str) else _told(p, facts) or _NOTHING for p in template.parts]
    return " ".join("".join(parts).split())


def command(template: Template, facts: Facts) -> str:
    """Text to type in a shell: a value is one word there, whatever characters it has; one
    that is not there becomes a word in capitals to replace.
    """
    parts = [p if isinstance(p, str) else _typed(p, facts) for p in template.parts]
    return " ".join("".join(parts).split())


def _told(slot: Slot, facts: Facts) -> str:
    return formatted(evaluate_value(slot.condition, facts).value, slot.format)


def _typed(slot: Slot, facts: Facts) -> str:
    text = _told(slot, facts)
    if text and text != UNKNOWN_WORD:
        return shlex.quote(text)
    name = slot.condition.source
    return name.upper() if name.isidentifier() else "VALUE"
