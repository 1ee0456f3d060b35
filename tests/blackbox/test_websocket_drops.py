"""websocket-drops, by close reports that a stranger puts into an empty sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from blackbox.cases import Answers, Case, check
from blackbox.seeding import Log, Sandbox
from blackbox.streams import (
    AGES,
    DOCOMO,
    KDDI,
    LOG,
    QUARTILES,
    WIDER,
    cancelled,
    case,
    closed,
    gone,
    silence,
    spread,
)

PROXY = "corp-proxy-b"
LIFETIME, VANISHED = "gateway-lifetime-limit confirmed", "client-vanished likely"
PROXIED, MAYBE_PROXIED = "proxy-idle-timeout confirmed", "proxy-idle-timeout likely"
IDLE, CONSTANT = "gateway-idle-timeout confirmed", "timeout-configuration confirmed"


AT_LIFETIME = closed(20, 1001, connection_age_s=7200)
TRIGGER = [
    case("50 in the hour", "healthy", [AT_LIFETIME], metrics=[cancelled(50)]),
    case("51 in the hour", LIFETIME, [AT_LIFETIME], metrics=[cancelled(51)]),
    case("51, an hour ago to the minute", LIFETIME, [AT_LIFETIME], metrics=[cancelled(51, ago=59)]),
    case(
        "51, more than an hour ago",
        "inconclusive",
        [AT_LIFETIME],
        metrics=[cancelled(51, ago=60)],
        missing=("cancellations",),
        at="trigger",
    ),
    case(
        "nobody counts cancellations",
        "inconclusive",
        [AT_LIFETIME],
        metrics=[],
        missing=("cancellations",),
        at="trigger",
    ),
    case(
        "51, with a limit of one's own",
        "healthy",
        [AT_LIFETIME],
        metrics=[cancelled(51)],
        words=("--set", "cancellation_limit=51"),
    ),
]
REPORTS = [
    case("19 close reports, 6 clients gone", VANISHED, [closed(19, 1001), gone(6)]),
    case("20 close reports, 6 clients gone", LIFETIME, [AT_LIFETIME, gone(6)]),
    case("no close reports, 6 clients gone", VANISHED, [gone(6)], missing=()),
    case(
        "19 close reports, 5 clients gone",
        "inconclusive",
        [closed(19, 1001, connection_age_s=7200), gone(5)],
        at="clients-gone",
    ),
    case(
        "19 close reports, posts fail otherwise",
        "inconclusive",
        [closed(19, 1001), gone(5), gone(400, "LimitExceededException")],
        at="clients-gone",
    ),
    case(
        "6 clients gone, one of them before the hour",
        "inconclusive",
        [gone(5), gone(1, ago_s=3700)],
        missing=("closes",),
        at="clients-gone",
    ),
    case(
        "no logs at all",
        "inconclusive",
        [],
        missing=("closes", "post_errors"),
        at="clients-gone",
    ),
    case(
        "close reports before the hour only",
        "inconclusive",
        [closed(60, 1001, connection_age_s=7200, ago_s=3700)],
        missing=("closes", "post_errors"),
    ),
    case(
        "reports that are not JSON",
        "inconclusive",
        [Log(LOG, 'INFO {"log_type": "ws_close", "close_code": 1006, "idle_s": 60}', times=40)],
        missing=("closes", "post_errors"),
        at="clients-gone",
    ),
]
PATTERN = [
    case(
        "1001 and 1006 equal",
        "inconclusive other-close-codes",
        [closed(15, 1001), closed(15, 1006)],
        at="pattern",
    ),
    case(
        "1001 leads, but 1006 and no code together are more",
        CONSTANT,
        [
            closed(11, 1001, connection_age_s=7200),
            closed(6, 1006),
            closed(6, None, client_network=DOCOMO),
        ],
    ),
    case(
        "1011 leads",
        "inconclusive other-close-codes",
        [closed(12, 1011), closed(10, 1001, connection_age_s=7200), closed(8, None)],
        at="pattern",
    ),
    case(
        "1011 as many as 1001",
        "inconclusive other-close-codes",
        [closed(12, 1011), closed(12, 1001, connection_age_s=7200)],
        at="pattern",
    ),
]
GOING_AWAY = [
    case("5 % before two hours", LIFETIME, [closed(24, 1001, connection_age_s=6840)]),
    case("5 % after two hours", LIFETIME, [closed(24, 1001, connection_age_s=7560)]),
    case("idle, 5 % below ten minutes", LIFETIME, [closed(24, 1001, idle_s=570)]),
    case("idle, 5 % above ten minutes", LIFETIME, [closed(24, 1001, idle_s=630)]),
    case(
        "some by age and some by idleness",
        LIFETIME,
        [
            closed(7, 1001, connection_age_s=7191),
            closed(7, 1001, idle_s=600.4),
            closed(13, 1001),
        ],
    ),
    case(
        "at two hours, and nobody says how idle",
        LIFETIME,
        [closed(22, 1001, connection_age_s=7200, idle_s=None)],
    ),
    case(
        "neither age nor idleness is reported",
        "inconclusive reports-incomplete",
        [closed(22, 1001, connection_age_s=None, idle_s=None)],
        at="gateway-limit",
    ),
    case(
        "2 of 22 report age and idleness",
        "inconclusive reports-incomplete",
        [
            closed(2, 1001, connection_age_s=7200),
            closed(20, 1001, connection_age_s=None, idle_s=None),
        ],
        at="gateway-limit",
    ),
]
PROXIES = [
    case(
        "60 % of one network, silent as long as it allows",
        PROXIED,
        [
            closed(12, None, idle_s=90, client_network=PROXY),
            closed(8, None, idle_s=33),
        ],
        metrics=[cancelled(), silence(90_000)],
    ),
    case(
        "silences of the streams end 1 ms before",
        MAYBE_PROXIED,
        [closed(20, 1006, idle_s=90, client_network=PROXY)],
        metrics=[cancelled(), silence(89_999)],
    ),
    case(
        "the seed's own story: 60 s idle, 8 s of silence",
        MAYBE_PROXIED,
        [closed(34, 1006, idle_s=60, client_network="AS17676 SoftBank"), closed(13, 1006)],
        metrics=[cancelled(89), silence(8_200)],
    ),
    case(
        "nobody measures silences",
        MAYBE_PROXIED,
        [closed(20, 1006, idle_s=90, client_network=PROXY)],
        missing=("frame_gap",),
    ),
    case(
        "idle times spread by exactly 20 %",
        PROXIED,
        spread(None, PROXY, 20, idle_s=QUARTILES),
        metrics=[cancelled(), silence(100_000)],
    ),
    case(
        "idle times spread by a little more",
        MAYBE_PROXIED,
        spread(None, PROXY, 20, idle_s=WIDER),
        metrics=[cancelled(), silence(100_000)],
    ),
    case(
        "idle times are not reported",
        MAYBE_PROXIED,
        [closed(25, 1006, idle_s=None, client_network=PROXY)],
        metrics=[cancelled(), silence(120_000)],
    ),
    case(
        "60 % of the abnormal, which are fewer than the others of another network",
        PROXIED,
        [
            closed(12, 1006, idle_s=90, client_network=PROXY),
            closed(8, None, idle_s=90, client_network=DOCOMO),
            closed(15, 1001),
            closed(15, 1000),
        ],
        metrics=[cancelled(), silence(95_000)],
    ),
    case(
        "12 of 20 of one network, the others of none that is known",
        PROXIED,
        [
            closed(12, 1006, idle_s=90, client_network=PROXY),
            closed(8, 1006, idle_s=90, client_network=None),
        ],
        metrics=[cancelled(), silence(95_000)],
    ),
    case(
        "11 of 20 of one network, the others of none that is known",
        "inconclusive reports-incomplete",
        [
            closed(11, 1006, idle_s=600, client_network=PROXY),
            closed(9, 1006, idle_s=600, client_network=None),
        ],
        at="shared-network",
    ),
    case(
        "no network is reported",
        "inconclusive reports-incomplete",
        [closed(20, 1006, idle_s=600, client_network=None)],
        at="shared-network",
    ),
]
TWO_NETWORKS: dict[str, Any] = {"client_network": DOCOMO}
ABNORMAL = [
    case(
        "55 % of one network, idle for ten minutes",
        IDLE,
        [closed(11, 1006, idle_s=600), closed(9, None, idle_s=600, **TWO_NETWORKS)],
    ),
    case(
        "idle, 5 % below and above ten minutes",
        IDLE,
        [closed(10, None, idle_s=570), closed(10, None, idle_s=630, **TWO_NETWORKS)],
    ),
    case(
        "idle a second too short or too long; one age",
        CONSTANT,
        [closed(10, None, idle_s=569), closed(10, None, idle_s=631, **TWO_NETWORKS)],
    ),
    case(
        "half of them idle for ten minutes is not most; one age",
        CONSTANT,
        [closed(10, None, idle_s=600), closed(10, None, idle_s=9, **TWO_NETWORKS)],
    ),
    case(
        "ages spread by exactly 20 %",
        CONSTANT,
        [
            log
            for network in (KDDI, DOCOMO)
            for log in spread(1006, network, 20, connection_age_s=QUARTILES)
        ],
    ),
    case(
        "idleness is not reported",
        "inconclusive reports-incomplete",
        [closed(12, 1006, idle_s=None), closed(12, None, idle_s=None, **TWO_NETWORKS)],
        at="idle-at-limit",
    ),
    case(
        "ages are not reported",
        "inconclusive reports-incomplete",
        [
            closed(12, 1006, connection_age_s=None),
            closed(12, None, connection_age_s=None, **TWO_NETWORKS),
        ],
        at="constant-age",
    ),
    case(
        "no one age, and ECS remembers no tasks of that time",
        "inconclusive",
        [
            *spread(1006, KDDI, 21, connection_age_s=AGES),
            *spread(None, DOCOMO, 21, connection_age_s=AGES),
        ],
        at="restarts",
        missing=("stopped_tasks",),
    ),
    case(
        "going away, and ECS remembers no tasks of that time",
        "inconclusive",
        [closed(24, 1001)],
        at="draining",
        missing=("stopped_tasks",),
    ),
]
CASES = [*TRIGGER, *REPORTS, *PATTERN, *GOING_AWAY, *PROXIES, *ABNORMAL]


@pytest.fixture(scope="module")
def answers(sandbox: Sandbox) -> Iterator[Answers]:
    asked = Answers(sandbox, "websocket-drops", CASES)
    yield asked
    asked.close()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_close_reports_lead_to(case: Case, answers: Answers) -> None:
    check(case, answers.of(case))


def test_the_network_of_the_abnormal_ones_is_named(answers: Answers) -> None:
    named = next(case for case in PROXIES if "fewer than the others" in case.name)
    assert f"one network ({PROXY})" in answers.of(named).cause


def test_the_seed_s_own_numbers_do_not_reach_its_time_out(answers: Answers) -> None:
    seeds = next(case for case in PROXIES if "seed's own" in case.name)
    assert "(8,200 ms) does not reach the idle time at closing (60 s)" in json.dumps(
        answers.of(seeds).document, ensure_ascii=False
    )


def test_other_codes_come_with_the_table_of_codes(answers: Answers) -> None:
    table = next(case for case in PATTERN if case.name == "1011 leads")
    assert "1001 (33.3 %), 1011 (40 %), none (26.7 %)" in json.dumps(answers.of(table).document)
