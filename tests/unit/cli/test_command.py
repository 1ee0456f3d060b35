from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from mangaops.cli.command import command


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A group of options."""

    region: Annotated[str | None, typer.Option("--region", rich_help_panel="Where")] = None
    tags: Annotated[list[str] | None, typer.Option("--tag")] = None


def application(seen: list[object]) -> typer.Typer:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @command(app, examples=("look here", "look there", "look up"))
    def look(
        name: Annotated[str, typer.Argument(metavar="NAME")],
        place: Place,
        *,
        twice: Annotated[bool, typer.Option("--twice")] = False,
    ) -> None:
        """Look at something.

        For long.
        """
        seen.append((name, place, twice))

    return app


def test_a_group_of_options_arrives_as_one_value() -> None:
    seen: list[object] = []
    words = ["x", "--region", "eu", "--tag", "a", "--tag", "b", "--twice"]
    done = CliRunner().invoke(application(seen), words)
    assert (done.exit_code, seen) == (0, [("x", Place(region="eu", tags=["a", "b"]), True)])


def test_what_is_not_typed_has_its_default() -> None:
    seen: list[object] = []
    CliRunner().invoke(application(seen), ["x"])
    assert seen == [("x", Place(), False)]


def test_help_says_what_for_then_examples_then_usage_then_details() -> None:
    text = CliRunner().invoke(application([]), ["--help"]).output
    places = [
        text.index(part)
        for part in (
            "Look at",
            "$ look here",
            "Usage:",
            "For long.",
            "Arguments:",
            "--twice",
            "Where:",
            "--help",
        )
    ]
    assert places == sorted(places)
