"""What is removed from the cache, how it is saved, and how it comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mangaops.errors import ConfigError, InputError, MangaopsError, Refused
from mangaops.model.plan import Draft, NothingToDo, Risk, Standing, Step, UndoKind, compare
from mangaops.model.request import InvalidateCache
from mangaops.model.settings import Environment, Guardrails
from mangaops.remedy.action import Action, Progress, Settled
from mangaops.remedy.actions.cache.invalidate_cache import (
    ACTION,
    MOST_SAVED_BYTES,
    NEEDED,
    InvalidateCacheRemedy,
)
from mangaops.remedy.actions.cache.keys import batch_size
from support.fake_cache import SERVER, FakeCache, FakeInventory, FakePen, answer, digest

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
MYSTERY = {
    "precompute:genre:mystery:recommendations": answer("m1", "m2"),
    "precompute:genre:mystery:top_picks": answer("m1"),
}
ROMANCE = {"precompute:genre:romance:top_picks": answer("r1")}
UNKNOWN = "whether anything makes them again is not known"
REFERENCE = {"run": "r-1", "name": "saved-1.jsonl", "sha256": "0" * 64}


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def remedy(
    cache: FakeCache | None,
    *,
    stock: dict[str, float | None] | None = None,
    most: int = 10_000,
    clock: Clock | None = None,
) -> InvalidateCacheRemedy:
    return InvalidateCacheRemedy(
        cache=cache,
        stock=FakeInventory(stock or {}),
        environment=Environment(guardrails=Guardrails(most_keys=most)),
        clock=clock or Clock(),
        sleep=lambda _: None,
    )


def drafted(made: InvalidateCacheRemedy, request: InvalidateCache) -> Draft:
    draft = made.draft(request)
    assert isinstance(draft, Draft)
    return draft


def planned(
    cache: FakeCache, request: InvalidateCache, clock: Clock | None = None
) -> tuple[Step, Action]:
    made = remedy(cache, clock=clock)
    return drafted(made, request).steps[0], made.actions[ACTION]


def keys_of(draft: Draft) -> list[str]:
    return list(draft.steps[0].before)


def undoing(step: Step) -> Step:
    inverse = step.inverse(1)
    return replace(inverse, arguments={**inverse.arguments, "saved": REFERENCE})


def test_a_genre_is_one_step_that_pins_each_key_by_the_digest_of_its_value() -> None:
    draft = drafted(remedy(FakeCache(MYSTERY | ROMANCE)), InvalidateCache(genre="mystery"))
    assert draft == Draft(
        title="Remove 2 keys from the cache (genre mystery)",
        confirm="mystery",
        risk=Risk.MODERATE,
        steps=(
            Step(
                number=1,
                action="cache.keys",
                target="cache:6379/0",
                before={key: digest(text) for key, text in MYSTERY.items()},
                after=dict.fromkeys(MYSTERY),
                undo=UndoKind.EXACT,
                summary="remove 2 keys",
                arguments={
                    "genre": "mystery",
                    "products": [],
                    "pattern": "",
                    "stale": False,
                    "rate": 100.0,
                    "servers": [SERVER],
                },
            ),
        ),
        reach=(
            "customers who ask for mystery get answers of the model until they are cached again",
        ),
        aws_cli=(f"redis-cli -u redis://cache:6379/0 unlink {' '.join(MYSTERY)}",),
        notes=(
            "the reverse index keeps the names of removed keys, which does no harm",
            f"the Redis user needs {NEEDED}",
        ),
        settle=timedelta(minutes=1),
    )


def test_a_genre_with_glob_characters_means_only_itself() -> None:
    cache = FakeCache(
        {"precompute:genre:[a]*:top_picks": "1", "precompute:genre:ab:top_picks": "2"}
    )
    draft = drafted(remedy(cache), InvalidateCache(genre="[a]*"))
    assert keys_of(draft) == ["precompute:genre:[a]*:top_picks"]
    assert cache.scanned == [r"precompute:genre:\[a\]\*:*"]


def test_a_product_is_looked_up_in_the_reverse_index_without_a_scan() -> None:
    listed = [*MYSTERY, "precompute:genre:gone:top_picks"]
    cache = FakeCache(MYSTERY | ROMANCE, {"precompute:product:m1": listed})
    draft = drafted(remedy(cache), InvalidateCache(products=("m1",)))
    assert (keys_of(draft), cache.scanned) == (list(MYSTERY), [])
    assert "named, and not there any more: 1 key" in draft.notes


def test_products_without_a_reverse_index_are_looked_for_in_every_answer_at_once() -> None:
    cache = FakeCache(MYSTERY | ROMANCE, {"precompute:product:r1": list(ROMANCE)})
    draft = drafted(remedy(cache), InvalidateCache(products=("m2", "r1", "m9")))
    assert keys_of(draft) == ["precompute:genre:mystery:recommendations", *ROMANCE]
    assert draft.confirm == "m2,r1,m9"
    assert draft.notes[0] == "the reverse index has no m2, m9: 3 answers were looked into"
    assert cache.scanned == ["precompute:genre:*"]


def test_stale_is_what_offers_a_product_that_is_sold_out_and_unknown_stock_is_not() -> None:
    texts = MYSTERY | ROMANCE | {"precompute:genre:x:top_picks": "no JSON"}
    made = remedy(FakeCache(texts), stock={"m1": 4, "m2": 0, "r1": None})
    draft = drafted(made, InvalidateCache(stale=True))
    assert keys_of(draft) == ["precompute:genre:mystery:recommendations"]
    assert draft.confirm == "stale"
    assert draft.notes[:2] == (
        "stock is not known, so not taken for sold out: r1",
        "no product can be read in precompute:genre:x:top_picks",
    )


@pytest.mark.parametrize(
    "request_",
    [
        InvalidateCache(),
        InvalidateCache(genre="a", stale=True),
        InvalidateCache(products=("a", "")),
        InvalidateCache(genre="a", rate=-1),
        InvalidateCache(genre="a", rate=float("nan")),
        InvalidateCache(genre="a", rate=float("inf")),
        InvalidateCache(genre="a", rate=1e-300),
    ],
)
def test_what_cannot_be_meant_is_wrong_input(request_: InvalidateCache) -> None:
    with pytest.raises(InputError):
        remedy(FakeCache(MYSTERY)).draft(request_)


@pytest.mark.parametrize("pattern", ["*", "**", "*?*"])
def test_a_pattern_of_the_whole_cache_is_refused(pattern: str) -> None:
    with pytest.raises(Refused, match="means every key of the cache"):
        remedy(FakeCache(MYSTERY)).draft(InvalidateCache(pattern=pattern))


def test_more_keys_than_the_guardrail_allows_are_refused_by_number_and_name() -> None:
    made = remedy(FakeCache(MYSTERY | ROMANCE), most=2)
    with pytest.raises(Refused, match=r"about 3 keys match .*, and most_keys allows 2"):
        made.draft(InvalidateCache(pattern="precompute:*"))


def test_no_cache_url_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigError, match="no cache URL is set"):
        remedy(None).draft(InvalidateCache(stale=True))


def test_nothing_matches_is_an_answer_that_names_what_there_is() -> None:
    made = remedy(FakeCache(MYSTERY | ROMANCE))
    assert made.draft(InvalidateCache(genre="mistery")) == NothingToDo(
        reason="no key of the cache matches (genre mistery)", hint='did you mean "mystery"?'
    )
    assert made.draft(InvalidateCache(genre="zzz")) == NothingToDo(
        reason="no key of the cache matches (genre zzz)", hint="cached genres: mystery, romance"
    )
    assert made.draft(InvalidateCache(stale=True)) == NothingToDo(
        reason="no cached answer offers what is sold out",
        hint="stock is not known, so not taken for sold out: m1, m2, r1",
    )


def test_more_than_a_thousand_keys_are_severe_and_the_time_they_take_is_told() -> None:
    cache = FakeCache({f"precompute:genre:g:{n:04}": str(n) for n in range(1001)})
    draft = drafted(remedy(cache), InvalidateCache(genre="g"))
    assert draft.risk is Risk.SEVERE
    assert "at 100 keys a second this takes about 10 s" in draft.notes


def test_values_too_large_to_save_cannot_be_undone_and_the_plan_says_so() -> None:
    cache = FakeCache(MYSTERY)
    cache.grown = MOST_SAVED_BYTES
    draft = drafted(remedy(cache), InvalidateCache(genre="mystery"))
    assert draft.steps[0].undo is UndoKind.NONE
    assert draft.conflicts == (
        "cannot be undone: the values are 128 MiB, and at most 64 MiB are saved",
    )
    pen = FakePen()
    remedy(cache).actions[ACTION].write(draft.steps[0], pen)
    assert (pen.files, cache.texts) == ([], {})


def test_keys_that_are_no_answers_are_told_as_a_conflict() -> None:
    cache = FakeCache({"session:1": "x", "precompute:product:m1": "y"} | {"left": "alone"})
    draft = drafted(remedy(cache), InvalidateCache(pattern="*o*"))
    assert draft.conflicts == (
        "1 key of the reverse index: --product scans afterwards",
        f"no pre-computed answers: 1 key (session:1); {UNKNOWN}",
    )


def test_shell_lines_hide_the_password_and_send_one_key_at_a_time_to_a_cluster() -> None:
    cache = FakeCache({"precompute:genre:a b:x": "1", "precompute:genre:a b:y": "2"})
    cache.secured = cache.clustered = True
    draft = drafted(remedy(cache), InvalidateCache(genre="a b", rate=2))
    each = 'xargs -0 -n 1 redis-cli -c -u "$MANGAOPS_CACHE_URL" unlink'
    assert draft.aws_cli == (
        f"printf '%s\\0' 'precompute:genre:a b:x' | {each}",
        "sleep 0.5",
        f"printf '%s\\0' 'precompute:genre:a b:y' | {each}",
    )


def test_keys_are_saved_first_and_removed_in_batches_at_the_rate() -> None:
    cache = FakeCache({f"precompute:genre:g:{n}": str(n) for n in range(5)})
    step, action = planned(cache, InvalidateCache(genre="g", rate=4))
    pen = FakePen()
    action.write(step, pen)
    assert cache.texts == {}
    assert [len(batch) for batch in cache.unlinked] == [2, 2, 1]
    assert pen.pauses == [0.5, 0.5]
    assert len(pen.files[0]) == 5
    assert pen.calls[2] == (
        "redis:UNLINK",
        {"keys": ["precompute:genre:g:4"]},
        {"removed": 1},
    )
    assert pen.lines[-1] == "5 of 5 keys"


@pytest.mark.parametrize(("rate", "size"), [(100, 50), (0, 1000), (0.5, 1), (1e9, 1000)])
def test_a_batch_is_half_a_second_of_the_rate_and_never_over_a_thousand(
    rate: float, size: int
) -> None:
    assert batch_size(rate) == size


def test_a_key_that_expired_by_itself_is_no_drift_and_one_made_again_is() -> None:
    cache = FakeCache(MYSTERY)
    step, action = planned(cache, InvalidateCache(genre="mystery"))
    first, second = MYSTERY
    del cache.texts[first]
    assert compare(step, action.read(step)).standing is Standing.BEFORE
    cache.texts[second] = "fresh"
    assert [one.field for one in compare(step, action.read(step)).drift] == [second]


def test_a_key_made_again_during_the_write_is_left_alone() -> None:
    cache = FakeCache(MYSTERY)
    step, action = planned(cache, InvalidateCache(genre="mystery", rate=2))
    pen = FakePen()

    def made_again(seconds: float) -> None:
        assert seconds == 0.5
        cache.texts["precompute:genre:mystery:top_picks"] = "fresh"

    pen.pause = made_again  # type: ignore[method-assign]
    action.write(step, pen)
    assert cache.texts == {"precompute:genre:mystery:top_picks": "fresh"}
    assert action.settled(step) == Settled(
        progress=Progress.REACHED, detail="none of 2 keys is left; made again meanwhile: 1"
    )


def test_a_lost_answer_is_settled_by_looking_for_the_keys() -> None:
    cache = FakeCache(MYSTERY)
    step, action = planned(cache, InvalidateCache(genre="mystery"))
    action.write(step, pen := FakePen(lose=1))
    assert (cache.texts, len(cache.unlinked)) == ({}, 1)
    assert pen.calls[0][2] == {"removed": 2}


def test_the_reverse_index_naming_what_is_gone_is_not_taken_for_answers_made_again() -> None:
    cache = FakeCache(MYSTERY, {"precompute:product:m1": list(MYSTERY)})
    step, action = planned(cache, InvalidateCache(products=("m1",)))
    action.write(step, FakePen())
    assert action.settled(step).detail == "none of 2 keys is left"


def test_more_keys_made_again_than_may_be_removed_do_not_break_the_check() -> None:
    cache = FakeCache(MYSTERY)
    made = remedy(cache, most=2)
    step = drafted(made, InvalidateCache(genre="mystery")).steps[0]
    action = made.actions[ACTION]
    action.write(step, FakePen())
    cache.texts.update({f"precompute:genre:mystery:{n}": "fresh" for n in range(3)})
    assert action.settled(step) == Settled(
        progress=Progress.REACHED,
        detail="about 3 keys match (genre mystery), and most_keys allows 2",
    )


def test_keys_that_are_still_there_are_waited_for() -> None:
    cache = FakeCache(MYSTERY)
    step, action = planned(cache, InvalidateCache(genre="mystery"))
    assert action.settled(step).progress is Progress.WAITING
    assert action.touches(step).keys == 2


def test_answers_that_offer_what_is_sold_out_again_are_not_settled() -> None:
    cache = FakeCache(MYSTERY)
    made = remedy(cache, stock={"m1": 1, "m2": 0})
    step = drafted(made, InvalidateCache(stale=True)).steps[0]
    action = made.actions[ACTION]
    action.write(step, FakePen())
    assert action.settled(step).progress is Progress.REACHED
    cache.texts["precompute:genre:mystery:recommendations"] = answer("m2")
    settled = action.settled(step)
    assert settled.progress is Progress.WAITING
    assert settled.detail.startswith("offering what is sold out again: 1")


def test_undo_brings_back_every_value_with_what_is_left_of_its_time() -> None:
    clock, cache, pen = Clock(), FakeCache(MYSTERY), FakePen()
    first, second = MYSTERY
    cache.ttls[first] = 60_000
    step, action = planned(cache, InvalidateCache(genre="mystery"), clock)
    action.write(step, pen)
    clock.now += timedelta(seconds=20)
    back = undoing(step)
    assert compare(back, action.read(back)).standing is Standing.BEFORE
    cache.ttls = {}
    action.write(back, pen)
    assert (cache.texts, cache.ttls) == (MYSTERY, {first: 40_000})
    assert action.settled(back) == Settled(progress=Progress.REACHED, detail="2 of 2 keys are back")
    assert compare(back, action.read(back)).standing is Standing.AFTER
    assert second in cache.texts


def test_undo_leaves_out_what_would_have_expired_and_says_so() -> None:
    clock, cache, pen = Clock(), FakeCache(MYSTERY), FakePen()
    first, second = MYSTERY
    cache.ttls[first] = 60_000
    step, action = planned(cache, InvalidateCache(genre="mystery"), clock)
    action.write(step, pen)
    clock.now += timedelta(seconds=60)
    back = undoing(step)
    action.write(back, pen)
    assert set(cache.texts) == {second}
    assert action.settled(back) == Settled(
        progress=Progress.REACHED,
        detail="1 of 2 keys are back; expired meanwhile: 1",
    )


def test_undo_overwrites_no_key_that_was_made_again() -> None:
    cache, pen = FakeCache(MYSTERY), FakePen()
    first, _ = MYSTERY
    step, action = planned(cache, InvalidateCache(genre="mystery"))
    action.write(step, pen)
    cache.texts[first] = "fresh"
    back = undoing(step)
    assert compare(back, action.read(back)).standing is Standing.OTHER
    action.write(back, pen)
    assert cache.texts[first] == "fresh"
    assert pen.calls[-1][2] == {"made_again_meanwhile": [first]}


def test_undo_without_saved_values_says_what_to_expect() -> None:
    cache = FakeCache(MYSTERY)
    step, action = planned(cache, InvalidateCache(genre="mystery"))
    action.write(step, FakePen())
    with pytest.raises(MangaopsError, match="were not saved"):
        action.write(step.inverse(1), FakePen())
