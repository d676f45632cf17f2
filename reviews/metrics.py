"""What Prometheus reads: requests as the web processes counted them, jobs and health as the database has them."""

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Max
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from reviews.health import check_health
from reviews.models import JobRun, Upload

DAY = dt.timedelta(days=1)


class FromDatabase:
    """The same whichever process is asked."""

    def collect(self) -> Iterator[Metric]:
        parts = check_health()
        yield gauge("up", "1 where the part is at work", "part", {part.name: float(part.ok) for part in parts})
        if not all(part.ok for part in parts if part.name == "database"):
            return
        runs = JobRun.objects.filter(started_at__gt=timezone.now() - DAY).order_by()
        counts = GaugeMetricFamily(
            "limiting_factor_job_runs", "Jobs of the last 24 hours by what became of them", labels=["task", "state"]
        )
        for task, state, count in runs.values_list("task", "state").annotate(Count("pk")):
            counts.add_metric([task, state], count)
        yield counts
        done = JobRun.objects.filter(state=JobRun.State.DONE).order_by().values_list("task")
        last = {task: at.timestamp() for task, at in done.annotate(Max("finished_at"))}
        yield gauge("job_last_done_timestamp_seconds", "When a job was last done", "task", last)
        yield GaugeMetricFamily("limiting_factor_jobs_failed", "Failed and not asked for again", failed())
        open_uploads = Upload.objects.open().count()
        yield GaugeMetricFamily("limiting_factor_uploads_open", "Files on their way in", open_uploads)


def failed() -> int:
    return JobRun.objects.failed().count()


def gauge(name: str, what: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"limiting_factor_{name}", what, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def as_text() -> tuple[bytes, str]:
    """The page, and its content type."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.METRICS_FOLDER))
    registry.register(FromDatabase())
    return generate_latest(registry), CONTENT_TYPE_LATEST
