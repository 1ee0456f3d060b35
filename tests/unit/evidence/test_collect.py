import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mangaops.errors import AwsCredentials, AwsDenied, AwsUnreachable
from mangaops.evidence.budget import ScanBudget
from mangaops.evidence.collect import Collector
from mangaops.evidence.progress import Finished, Started, Waiting
from mangaops.evidence.readers import Readers
from mangaops.evidence.source import Stopped, found, missing
from mangaops.model.diagnosis import Cost, Needs
from mangaops.model.evidence import Evidence, EvidenceSet, EvidenceState, Record
from mangaops.model.query import EcsServiceQuery, EcsStoppedTasksQuery, InventoryQuery
from support.declared import WINDOW, declared, log, metric, runbook

OK, TIMEOUT = EvidenceState.OK, EvidenceState.TIMEOUT
NOT_NEEDED, FAILED = EvidenceState.NOT_NEEDED, EvidenceState.FAILED
SERVICE = EcsServiceQuery(cluster="c", service="s")
VALUE = Record(fields={"x": 1})


class Metrics:
    """Answers all at once, unless it is given an error to raise."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def prepare(self) -> None: ...

    def read_all(self, declarations, _asked) -> Iterator[list[Evidence]]:
        if self.error:
            raise self.error
        yield [found(declaration, VALUE, query={}) for declaration in declarations]


class Source:
    """A reader that takes a while, and notes what it was asked and whether it was stopped."""

    def __init__(self, *slow: str, error: Exception | None = None) -> None:
        self.slow = slow
        self.error = error
        self.read_ids: list[str] = []
        self.stopped: list[str] = []
        self.saw: dict[str, EvidenceSet] = {}
        self.prepared = threading.Event()

    def prepare(self) -> None:
        self.prepared.set()

    def read(self, declaration, asked) -> Evidence:
        self.read_ids.append(declaration.id)
        self.saw[declaration.id] = asked.evidence
        if declaration.id in self.slow and asked.stop.wait(30):
            self.stopped.append(declaration.id)
            raise Stopped
        if self.error:
            raise self.error
        return found(declaration, VALUE, query={})


class Calls:
    sent = 7
    metrics = 2000


def collector(source: Source, *, metrics: Metrics | None = None, deadline=5.0, tell=None):
    kinds = ("logs", "ecs_service", "ecs_stopped_tasks", "inventory", "cached_answers")
    return Collector(
        Readers(batch=metrics or Metrics(), make=lambda: dict.fromkeys(kinds, source)),
        budget=ScanBudget(),
        calls=Calls(),
        tell=tell or (lambda _: None),
        deadline=deadline,
        log_price_per_gb=0.01,
    )


def collect(source: Source, decide, *declarations, known=None, **options):
    with collector(source, **options) as one:
        return one.collect(runbook(*declarations), WINDOW, decide, known=known)


def wanting(*needed: str, soon: tuple[str, ...] = ()):
    """Decides once every needed id is there: the states of all there is."""

    def decide(evidence: EvidenceSet):
        for one in needed:
            if one not in evidence:
                return Needs(evidence=frozenset({one}), soon=frozenset(soon))
        return {item.id: item.state for item in evidence}

    return decide


def states(collected) -> dict[str, EvidenceState]:
    return {item.id: item.state for item in collected.evidence}


def test_metrics_are_read_at_once_and_the_rest_only_when_needed():
    source = Source()
    got = collect(source, wanting("m", "l"), metric("m"), metric("n"), log("l"), log("rest"))
    assert states(got) == {"m": OK, "n": OK, "l": OK, "rest": NOT_NEEDED}
    assert source.read_ids == ["l"]
    assert got.interrupted is False
    assert got.cost == Cost(api_calls=7, metrics_requested=2000, usd_estimate=0.02)


def test_what_may_come_soon_is_read_ahead_if_it_is_one_free_call():
    source = Source("l")
    decide = wanting("m", "s", soon=("s", "l"))
    got = collect(source, decide, metric("m"), declared("s", "ecs_service", SERVICE), log("l"))
    assert source.read_ids == ["s"]
    assert states(got)["l"] is NOT_NEEDED
    assert source.prepared.wait(5)


TASKS = declared("t", "ecs_stopped_tasks", EcsStoppedTasksQuery(cluster="c", service="s"))


def test_while_a_log_query_runs_what_takes_several_free_calls_is_read_ahead_too():
    source = Source()

    def decide(evidence: EvidenceSet):
        if "l" not in evidence:
            return Needs(evidence=frozenset({"l"}), soon=frozenset({"t", "rest"}))
        return "decided" if "t" in evidence else Needs(evidence=frozenset({"t"}))

    got = collect(source, decide, log("l"), TASKS, log("rest"))
    assert sorted(source.read_ids) == ["l", "t"]
    assert states(got) == {"l": OK, "t": OK, "rest": NOT_NEEDED}


def test_what_was_read_ahead_for_nothing_is_as_if_it_had_not_been_read():
    source = Source()
    seen: list[frozenset[str]] = []

    def decide(evidence: EvidenceSet):
        seen.append(frozenset(evidence.items))
        if "l" not in evidence:
            return Needs(evidence=frozenset({"l"}), soon=frozenset({"t"}))
        return "decided"

    got = collect(source, decide, log("l"), TASKS)
    assert frozenset().union(*seen) <= {"l"}
    assert got.evidence.get("t") == missing(TASKS, NOT_NEEDED, "")


def test_a_result_does_not_wait_for_evidence_that_it_does_not_need():
    source = Source("slow")

    def decide(evidence: EvidenceSet):
        if "fast" in evidence:
            return "decided"
        return Needs(evidence=frozenset({"fast", "slow"}))

    began = time.monotonic()
    got = collect(source, decide, log("fast"), log("slow"))
    assert time.monotonic() - began < 5
    assert got.result == "decided"
    assert source.stopped == ["slow"]
    assert got.evidence.get("slow") == missing(
        log("slow"), NOT_NEEDED, "stopped, as the diagnosis no longer needed it"
    )


def test_the_deadline_makes_what_is_missing_a_timeout_and_the_walk_has_the_last_word():
    source = Source("slow")
    decide = wanting("m", "slow", "later")
    got = collect(source, decide, metric("m"), log("slow"), log("later"), deadline=0.1)
    assert got.result == {"m": OK, "slow": TIMEOUT, "later": TIMEOUT}
    assert got.evidence.get("slow").detail == "not read within the deadline of 0.1 s"
    assert source.read_ids == ["slow"]
    assert source.stopped == ["slow"]


def test_the_first_interrupt_ends_with_what_there_is():
    source = Source("slow")

    def tell(progress) -> None:
        if isinstance(progress, Started) and progress.id == "slow":
            raise KeyboardInterrupt

    got = collect(source, wanting("m", "slow"), metric("m"), log("slow"), tell=tell)
    assert got.interrupted is True
    assert got.result == {"m": OK, "slow": TIMEOUT}
    assert got.evidence.get("slow").detail == "interrupted"


def test_the_second_interrupt_is_immediate():
    source = Source("slow")

    def tell(progress) -> None:
        if isinstance(progress, Started | Finished) and "slow" in str(progress):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(source, wanting("m", "slow"), metric("m"), log("slow"), tell=tell)


def test_a_reader_that_fails_is_evidence():
    denied = AwsDenied("no", operation="ecs:DescribeServices", hint="allow it")
    service = declared("s", "ecs_service", SERVICE)
    got = collect(Source(error=denied), wanting("s"), service)
    assert got.evidence.get("s").state is EvidenceState.DENIED
    assert got.evidence.get("s").detail == "ecs:DescribeServices: no; allow it"
    got = collect(Source(error=ZeroDivisionError("oh")), wanting("s"), service)
    assert got.evidence.get("s").state is FAILED
    assert got.evidence.get("s").detail == "a bug in mangaops: ZeroDivisionError: oh"


def test_a_broken_batch_is_evidence_for_each_of_its_metrics():
    metrics = Metrics(ZeroDivisionError("oh"))
    got = collect(Source(), wanting("m", "n"), metric("m"), metric("n"), metrics=metrics)
    assert got.result == {"m": FAILED, "n": FAILED}


@pytest.mark.parametrize("error", [AwsCredentials("none"), AwsUnreachable("gone")])
def test_without_any_answer_of_aws_there_is_nothing_to_diagnose(error):
    with pytest.raises(type(error)):
        collect(Source(), wanting("m"), metric("m"), metrics=Metrics(error))


@pytest.mark.parametrize("error", [AwsCredentials("none"), AwsUnreachable("gone")])
def test_nor_is_there_where_a_runbook_reads_no_metric(error):
    with pytest.raises(type(error)):
        collect(Source(error=error), wanting("l"), log("l"))


def test_one_service_that_cannot_be_reached_leaves_what_others_answer():
    source = Source(error=AwsUnreachable("gone"))
    got = collect(source, wanting("m", "l"), metric("m"), log("l"))
    assert got.result == {"m": OK, "l": FAILED}


def test_a_walk_never_sees_a_part_of_what_one_answer_brought():
    seen: list[int] = []

    def decide(evidence: EvidenceSet):
        seen.append(len(evidence.items))
        return "decided" if "m0" in evidence else Needs(evidence=frozenset({"m0"}))

    collect(Source(), decide, *(metric(f"m{n}") for n in range(50)))
    assert set(seen) <= {0, 50}


def test_metrics_that_are_denied_leave_the_rest():
    metrics = Metrics(AwsDenied("no"))
    got = collect(Source(), wanting("m", "l"), metric("m"), log("l"), metrics=metrics)
    assert got.result == {"m": EvidenceState.DENIED, "l": OK}


def test_inventory_waits_for_the_answers_that_name_its_products():
    source = Source()
    inventory = declared("stock", "inventory", InventoryQuery(table="t", products_from="answers"))
    answers = log("answers")
    got = collect(source, wanting("stock"), inventory, answers)
    assert source.read_ids == ["answers", "stock"]
    assert source.saw["stock"].get("answers").state is OK
    assert states(got) == {"stock": OK, "answers": OK}


def test_what_one_evidence_hides_is_seen_in_no_other_even_after_a_question():
    class Hiding(Source):
        def read(self, declaration, asked):
            evidence = super().read(declaration, asked)
            if declaration.id == "t":
                return replace(evidence, hidden=("s3cret-x",))
            return replace(evidence, detail="again s3cret-x")

    def decide(evidence: EvidenceSet):
        for one in needed:
            if one not in evidence:
                return Needs(evidence=frozenset({one}))
        return {item.id: item.detail for item in evidence}

    told: list[str] = []
    needed = ["l", "t"]
    declarations = (log("l"), TASKS, log("k"))
    tell = told.append
    got = collect(Hiding(), decide, *declarations, tell=tell)
    assert got.result == {"l": "again [redacted]", "t": ""}
    needed.append("k")
    got = collect(Hiding(), decide, *declarations, known=got.evidence, tell=tell)
    assert got.result == {"l": "again [redacted]", "t": "", "k": "again [redacted]"}
    assert told[-1].evidence.detail == "again [redacted]"


def test_a_question_is_handed_back_and_reading_goes_on_where_it_ended():
    source = Source()
    question = Needs(question="quality")
    first = collect(source, lambda _: question, metric("m"), log("l"))
    assert first.result is question
    again = collect(source, wanting("l"), metric("m"), log("l"), known=first.evidence)
    assert states(again) == {"m": OK, "l": OK}
    third = collect(source, wanting("l"), metric("m"), log("l"), known=again.evidence)
    assert third.evidence == again.evidence
    assert source.read_ids == ["l"]


def test_progress_is_told_in_order():
    told = []
    collect(Source(), wanting("l"), log("l"), tell=told.append)
    assert [type(one) for one in told] == [Started, Finished]
    assert told[0] == Started(id="l", kind="logs", title="l")


def test_waiting_is_told_every_second():
    told = []
    collect(Source("l"), wanting("l"), log("l"), tell=told.append, deadline=1.2)
    waits = [one for one in told if isinstance(one, Waiting)]
    assert waits[0].ids == ("l",)
    assert waits[0].seconds >= 1


def test_a_thing_beside_is_called_while_metrics_are_away():
    called = threading.Event()
    with collector(Source()) as one:
        one.collect(runbook(metric("m")), WINDOW, wanting("m"), beside=called.set)
        assert called.wait(5)


def test_no_thread_holds_the_process_up():
    collect(Source("slow"), wanting("m"), metric("m"), log("slow"))
    assert all(t.daemon for t in threading.enumerate() if t is not threading.main_thread())
