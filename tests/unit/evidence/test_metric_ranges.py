from hypothesis import given
from hypothesis import strategies as st

from mangaops.evidence.sources.metric_ranges import (
    SPARE_POINTS,
    Batch,
    Want,
    batches,
    period_kept,
)
from mangaops.model.telemetry import MetricRequest

END = 1_795_000_800  # a whole hour
DAY = 86400


def request(period: int = 60, name: str = "m") -> MetricRequest:
    return MetricRequest(namespace="N", name=name, dimensions=(), stat="p95", period=period)


def want(minutes: int, period: int = 60, *, name: str = "m", end: int = END) -> Want:
    return Want(request(period, name), end - minutes * 60, end)


def test_one_range_is_one_call():
    one, two = want(30), want(30, name="n")
    assert batches([one, two, one]) == (Batch(END - 1800, END, (one, two)),)


def test_a_pool_that_divides_the_window_shares_its_call():
    wide, pool = want(30), want(10, 600)
    assert batches([wide, pool]) == (Batch(END - 1800, END, (wide, pool)),)


def test_a_call_is_widened_so_that_the_last_bucket_ends_where_it_must():
    wide, pool = want(32), want(10, 600)
    assert batches([wide, pool]) == (Batch(END - 2400, END, (wide, pool)),)


def test_a_range_of_another_day_is_a_call_of_its_own_when_sharing_would_read_much():
    today, week_ago = want(30), want(30, end=END - 7 * DAY)
    assert batches([week_ago, today]) == (
        Batch(END - 1800, END, (today,)),
        Batch(END - 7 * DAY - 1800, END - 7 * DAY, (week_ago,)),
    )


def test_a_week_of_coarse_buckets_is_one_call():
    days = [want(60, 3600, end=END - n * DAY) for n in range(8)]
    assert batches(days) == (Batch(END - 7 * DAY - 3600, END, tuple(days)),)


def test_grids_that_do_not_meet_are_not_merged():
    one, two = want(10, 600), want(10, 600, name="n", end=END - 60)
    assert len(batches([one, two])) == 2


def test_old_data_is_kept_in_coarser_buckets():
    assert [period_kept(60, age * DAY) for age in (1, 15, 63)] == [60, 300, 3600]
    assert period_kept(600, 20 * DAY) == 600


@given(
    st.lists(
        st.tuples(
            st.integers(1, 12),
            st.sampled_from([60, 120, 300, 600, 3600]),
            st.sampled_from(["a", "b"]),
            st.integers(0, 3),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_every_want_is_in_one_call_and_on_its_grid(shapes):
    wants = [
        Want(request(period, name), END - day * DAY - buckets * period, END - day * DAY)
        for buckets, period, name, day in shapes
    ]
    made = batches(wants)
    placed = [each for batch in made for each in batch.wants]
    assert sorted(placed, key=repr) == sorted(set(wants), key=repr)
    for batch in made:
        assert len(batch.wants) == 1 or batch.spare <= SPARE_POINTS
        for each in batch.wants:
            assert batch.start <= each.start < each.end <= batch.end
            assert (each.start - batch.start) % each.request.period == 0
