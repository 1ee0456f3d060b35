from mangaops.evidence.budget import ScanBudget, cost
from mangaops.model.diagnosis import Cost


def test_bytes_are_counted_once_a_query_and_never_shrink():
    budget = ScanBudget(1)
    budget.scanned_so_far("a", 100)
    budget.scanned_so_far("a", 300)
    budget.scanned_so_far("a", 0)
    budget.scanned_so_far("b", 5)
    assert (budget.used, budget.exhausted) == (305, False)
    budget.scanned_so_far("b", 2**30)
    assert budget.exhausted


def test_the_cost_is_that_of_metrics_and_scanned_logs():
    assert cost(calls=4, metrics=1000, scanned=2**30, log_price_per_gb=0.0076) == Cost(
        api_calls=4, metrics_requested=1000, log_bytes_scanned=2**30, usd_estimate=0.0176
    )
