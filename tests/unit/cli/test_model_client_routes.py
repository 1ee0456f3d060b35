"""From what mangaops.yaml writes about models to the client's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from mangaops.aws.session import Aws
from mangaops.cli.model_client import (
    PROBE,
    Routes,
    config_of,
    every_target,
    intents_of,
    model_behind,
    odd_intents,
    refuse_unknown_intent,
)
from mangaops.errors import InputError
from mangaops.fm.defaults import HAIKU, OSAKA, SONNET, TOKYO, manga_assist
from mangaops.fm.requests.registry import Capability
from mangaops.fm.target import Target
from mangaops.model.condition import Place
from mangaops.model.settings import (
    Environment,
    IntentCalls,
    ModelClient,
    ModelFacts,
    ModelPlace,
    Written,
)

NEXT = "anthropic.claude-next"
PROFILE = "arn:aws:bedrock:ap-northeast-1:123456789012:application-inference-profile/abc"
NAMES = {"sonnet": SONNET, "haiku": HAIKU}


def routes(
    settings: ModelClient, *, region: str = TOKYO, names: Mapping[str, str] = NAMES
) -> tuple[Routes, list[str]]:
    notes: list[str] = []

    def named(name: str) -> str:
        if name not in names:
            raise InputError(f"nobody knows {name}")
        return names[name]

    made = Routes(
        settings=settings,
        region=region,
        short=frozenset(NAMES),
        named=named,
        note=notes.append,
    )
    return made, notes


def at(model: str, region: str = TOKYO) -> Target:
    return Target(model_id=model, region=region)


def written(**calls: IntentCalls) -> ModelClient:
    return ModelClient(intents=calls)


def test_without_a_configuration_the_routes_are_manga_assists() -> None:
    made, notes = routes(ModelClient())
    for intent in intents_of(Environment()):
        assert made.policy(intent) == manga_assist().policy(intent)
    assert notes == []


def test_the_parameters_say_which_models_they_are_and_the_environment_where() -> None:
    names = {"sonnet": "us.anthropic.claude-sonnet-4-6", "haiku": f"us.{HAIKU[3:]}"}
    made, _ = routes(ModelClient(), region="us-east-1", names=names)
    policy = made.policy("recommendation")
    assert policy.route == at(names["sonnet"], "us-east-1")
    assert (policy.alternates, policy.backups) == ((), (at(names["haiku"], "us-east-1"),))


def test_what_is_written_of_an_intent_replaces_its_own_and_no_other() -> None:
    calls = IntentCalls(
        model=ModelPlace(model=SONNET, region="us-west-2"),
        alternates=(
            ModelPlace(model="global.anthropic.claude-sonnet-4-6"),
            ModelPlace(model=SONNET, region="us-west-2"),
        ),
        backups=(ModelPlace(model="haiku"), ModelPlace(model=PROFILE), ModelPlace(model="haiku")),
        max_tokens=77,
        deadline_s=3.5,
        first_token_s=20,
        idle_s=0.5,
        template="Later.",
        re_ask=False,
    )
    made, _ = routes(written(faq=calls))
    policy = made.policy("faq")
    assert policy.route == at(SONNET, "us-west-2")
    assert policy.alternates == (at("global.anthropic.claude-sonnet-4-6"),)
    assert policy.backups == (at(HAIKU), at(PROFILE))
    assert (policy.max_tokens, policy.deadline, policy.template) == (77, 3.5, "Later.")
    assert policy.re_ask is False
    limits = policy.limits
    assert (limits.first_token, limits.idle, limits.total) == (20, 0.5, 20)
    assert made.policy("greeting") == manga_assist().policy("greeting")


def test_the_entry_of_the_others_holds_where_an_intent_has_none() -> None:
    made, _ = routes(written(**{"*": IntentCalls(max_tokens=9), "faq": IntentCalls(idle_s=1)}))
    assert [made.policy(one).max_tokens for one in (PROBE, "greeting", "faq")] == [9, 9, 300]


@pytest.mark.parametrize(
    ("model", "alternates", "backups"),
    [
        ("haiku", (at(HAIKU, OSAKA),), ()),
        (SONNET, (at(SONNET, OSAKA),), (at(HAIKU),)),
        (NEXT, (), (at(HAIKU),)),
        (PROFILE, (), (at(HAIKU),)),
    ],
)
def test_a_model_that_is_named_is_the_first_choice_and_the_rest_stays_behind_it(
    model: str, alternates: tuple[Target, ...], backups: tuple[Target, ...]
) -> None:
    policy = routes(ModelClient())[0].policy("recommendation", model)
    assert policy.route == at(NAMES.get(model, model))
    assert (policy.alternates, policy.backups) == (alternates, backups)


def test_a_backup_that_nobody_knows_is_left_out_and_told_and_a_first_choice_is_an_error() -> None:
    made, notes = routes(ModelClient(), names={"sonnet": SONNET})
    assert made.policy("recommendation").backups == ()
    assert notes == ["one way less to an answer: nobody knows haiku"]
    with pytest.raises(InputError, match="nobody knows haiku"):
        made.policy("faq")


def test_the_figures_of_breaker_and_retries_are_the_written_ones_over_the_clients_own() -> None:
    settings = ModelClient(
        breaker={"consecutive": None, "open_schedule": (1.0, 2.0)},
        retry={"max_retries": 1},
        human_link="https://example.com/help",
    )
    own = manga_assist()
    config = config_of(Environment(model_client=settings), "faq", own.policy("faq"))
    assert (config.breaker.consecutive, config.breaker.open_schedule) == (None, (1.0, 2.0))
    assert config.breaker.failure_rate == own.breaker.failure_rate
    assert (config.retry.max_retries, config.retry.cap) == (1, own.retry.cap)
    assert config.human_link == "https://example.com/help"
    assert config.policy("faq") == config.policy("any") == own.policy("faq")


def test_a_model_is_known_by_configuration_by_profile_or_as_one_of_which_little_is_known() -> None:
    facts = ModelFacts(
        name="next", context_tokens=9000, max_output_tokens=900, takes=("tools", "top_k")
    )
    settings = ModelClient(models={NEXT: facts}, profiles={PROFILE: NEXT})
    environment = Environment(model_client=settings)
    policy = routes(settings)[0].policy("faq", "vendor.unheard-of")
    models = config_of(environment, "faq", policy).models
    known = models.of(f"jp.{NEXT}")
    assert known is not None
    assert known == models.of(PROFILE)
    assert known.capabilities == {Capability.TOOLS, Capability.TOP_K}
    stranger = models.of("vendor.unheard-of")
    assert stranger is not None
    assert (stranger.name, stranger.capabilities) == ("other", frozenset())


def test_every_target_of_every_intent_is_told_without_reading_anything() -> None:
    calls = IntentCalls(backups=(ModelPlace(model=NEXT, region="us-east-1"),))
    environment = Environment(model_client=written(faq=calls))
    found = every_target(environment)
    assert {at(SONNET), at(HAIKU), at(SONNET, OSAKA), at(NEXT, "us-east-1")} <= set(found)
    assert {at("sonnet"), at("haiku")} <= set(found)


def test_an_intent_that_nobody_has_is_refused_with_the_nearest() -> None:
    environment = Environment(model_client=written(returns=IntentCalls()))
    for known in ("faq", "returns", PROBE):
        refuse_unknown_intent(environment, known)
    with pytest.raises(InputError, match="no intent is named `returnes`") as caught:
        refuse_unknown_intent(environment, "returnes")
    assert caught.value.hint == 'did you mean "returns"?'


def test_a_configured_way_that_is_none_is_left_out_and_told() -> None:
    calls = IntentCalls(
        alternates=(ModelPlace(model="haiku"),), backups=(ModelPlace(model="sonnet"),)
    )
    made, notes = routes(written(recommendation=calls))
    policy = made.policy("recommendation")
    assert (policy.alternates, policy.backups) == ((), ())
    assert [one.rpartition(" is ")[2] for one in notes] == [
        "the first choice itself",
        "another model than the first choice",
        "not asked",
    ]


def test_an_alternate_that_is_the_first_choice_itself_is_told_and_the_one_it_replaced() -> None:
    itself, other = ModelPlace(model="haiku"), ModelPlace(model=HAIKU, region="us-west-2")
    made, notes = routes(written(faq=IntentCalls(alternates=(itself,))))
    assert made.policy("faq").alternates == ()
    itself_told, replaced = notes
    assert itself_told.endswith(f"alternate {at(HAIKU)} is the first choice itself")
    assert replaced.endswith(f"replaces the client's own: {at(HAIKU, OSAKA)} is not asked")
    made, notes = routes(written(faq=IntentCalls(alternates=(itself, other))))
    assert made.policy("faq").alternates == (at(HAIKU, "us-west-2"),)
    assert len(notes) == 1
    made, notes = routes(written(faq=IntentCalls(alternates=())))
    assert (made.policy("faq").alternates, notes) == ((), [])


def test_an_intent_that_is_almost_one_of_the_clients_is_told_with_its_place() -> None:
    place = Written(place=Place(file="mangaops.yaml", line=7, column=9), line="")
    names = ("recomendation", "returns", "faq", "*")
    settings = ModelClient(written=dict.fromkeys(names, place))
    assert list(odd_intents(Environment(model_client=settings))) == [
        'mangaops.yaml:7:9: `recomendation` is an intent of its own; did you mean "recommendation"?'
    ]


def test_only_an_id_that_no_parameter_says_is_a_written_one() -> None:
    made, _ = routes(written(faq=IntentCalls(model=ModelPlace(model=NEXT))))
    assert [made.is_written(one) for one in ("faq", "greeting")] == [True, False]
    assert [made.is_written("faq", one) for one in ("haiku", SONNET)] == [False, True]


def test_the_model_behind_an_application_profile_is_looked_up() -> None:
    policy = routes(ModelClient())[0].policy("faq", PROFILE)
    models = config_of(Environment(), "faq", policy, {PROFILE: HAIKU}.get).models
    assert models.name_of(PROFILE) == "haiku"
    assert config_of(Environment(), "faq", policy).models.name_of(PROFILE) == "other"


class _Bedrock:
    """Knows one profile; `asked` are regions and ids."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def client(self, service: str, *, region: str) -> Any:
        assert service == "bedrock"
        self._region = region
        return self

    def get_inference_profile(self, *, inferenceProfileIdentifier: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        self.asked.append((self._region, inferenceProfileIdentifier))
        if inferenceProfileIdentifier != PROFILE:
            told = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
            raise ClientError(cast("Any", told), "GetInferenceProfile")
        return {"models": [{"modelArn": f"arn:aws:bedrock:{TOKYO}::foundation-model/{NEXT}"}]}


def test_a_profile_is_looked_up_once_where_it_is_and_a_failure_is_told() -> None:
    bedrock, notes = _Bedrock(), list[str]()
    behind = model_behind(cast("Aws", bedrock), notes.append)
    assert [behind(PROFILE), behind(PROFILE), behind(SONNET)] == [NEXT, NEXT, None]
    other = PROFILE.replace(TOKYO, "us-east-1")
    assert (behind(other), behind(other)) == (None, None)
    assert bedrock.asked == [(TOKYO, PROFILE), ("us-east-1", other)]
    (note,) = notes
    assert note.startswith(f"which model {other} is of could not be looked up: ")
