"""CloudWatch metrics from raw values: percentiles, paging and metric math that hold.

Rules of the answers, all CloudWatch's: a result's points are stamped with the start of
their period; periods count from StartTime rounded down (to the minute within 15 days, to
5 minutes within 63, else to the hour); EndTime is exclusive; a metric that does not exist
has no values and is Complete; a percentile needs raw values, none of them negative, and a
period that holds an opaque statistic set has none.
Unlike AWS, PutMetricData takes the AWS/ namespaces too, so that anyone can seed them, and
a new metric is listed at once. What no rule covers is refused, never guessed: metric math
beyond `expressions`, SEARCH and Metrics Insights answer ValidationError.
Known cost: AWS estimates percentiles from a logarithmic histogram and may differ from
ours, which are exact with linear interpolation, in the third digit.
"""

from __future__ import annotations

from collections.abc import Mapping

from mangaops.sandbox.overlay import Handler
from mangaops.sandbox.services.cloudwatch.data import get_metric_data
from mangaops.sandbox.services.cloudwatch.legacy import get_metric_statistics
from mangaops.sandbox.services.cloudwatch.listing import list_metrics
from mangaops.sandbox.services.cloudwatch.put import put_metric_data

OPERATIONS: Mapping[str, Handler] = {
    "PutMetricData": put_metric_data,
    "GetMetricData": get_metric_data,
    "GetMetricStatistics": get_metric_statistics,
    "ListMetrics": list_metrics,
}
