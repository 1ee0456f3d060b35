"""`mangaops explain RUN --sensitivity`: a recorded run walked again over shifted numbers."""

from __future__ import annotations

from mangaops.cli.capsules import capsule_of
from mangaops.cli.context import AppContext
from mangaops.cli.options import Output, Show
from mangaops.cli.progress import one_line
from mangaops.diagnose.sensitivity import Sensitivity, sensitivity
from mangaops.evidence.capsule.capsule import Capsule
from mangaops.evidence.capsule.walking import bound_runbook, recorded_runbook, rewalked
from mangaops.model.diagnosis import Answers
from mangaops.render.json_text import to_json
from mangaops.runbook.bind import placeholders


def emit_sensitivity(context: AppContext, wanted: str, show: Show) -> None:
    """Raises InputError for a run whose evidence was not kept, or a file that is no capsule."""
    capsule = capsule_of(context, wanted)
    with one_line(context, show) as tell:
        tell(f"walking {capsule.runbook} again over shifted numbers")
        found = shifted(capsule)
    match show.output:
        case Output.JSON:
            from mangaops.render.sensitivity import sensitivity_document  # noqa: PLC0415 - rich

            document = sensitivity_document(found, run=capsule.run, runbook=capsule.runbook)
            context.terminal.emit(to_json(document))
        case Output.MARKDOWN:
            from mangaops.render.sensitivity import sensitivity_markdown  # noqa: PLC0415 - rich

            context.terminal.emit(sensitivity_markdown(found, run=capsule.run))
        case Output.TEXT:
            from mangaops.render.sensitivity import sensitivity_text  # noqa: PLC0415 - rich

            terminal = context.terminal
            terminal.emit(
                sensitivity_text(
                    found, run=capsule.run, width=terminal.width, colour=terminal.colour
                )
            )


def shifted(capsule: Capsule) -> Sensitivity:
    """With the runbook, parameters and answers of the recorded run.

    A question that nobody answered then stays unanswered now.
    """
    loaded = recorded_runbook(capsule)
    runbook = bound_runbook(capsule, loaded)
    rewalk = rewalked(capsule)
    silent = {step.node: "" for step in rewalk.diagnosis.path if step.missing}
    return sensitivity(
        runbook,
        rewalk.evidence,
        capsule.window,
        answers=Answers(given={**silent, **capsule.answers}),
        force=capsule.force,
        read_with=placeholders(loaded) & runbook.parameters.keys(),
    )
