from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.models.constraints import holds


class Heartbeat(models.Model):
    """When a part of the installation was last seen at work."""

    class Part(models.TextChoices):
        BEAT = "beat"  # asked for a job
        WORKER = "worker"  # its process lives
        ANSWER = "answer"  # a worker did the job that beat asks for every half minute

    part = models.CharField(max_length=10, choices=Part.choices, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [holds(Q(part__in=["beat", "worker", "answer"]), "heartbeat_part_known", _("Not a part."))]

    def __str__(self):
        return self.part


class JobRunQuerySet(models.QuerySet):
    def failed(self) -> "JobRunQuerySet":
        """What needs somebody: failed or cut off, and not asked for again."""
        return self.filter(state__in=[JobRun.State.FAILED, JobRun.State.LOST])


class JobRun(models.Model):
    """One message to the workers and what became of it. Written by the worker that took it."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        WAITING = "waiting", _("tries again")  # failed, and asked for again by itself
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        LOST = "lost", _("cut off")  # its worker ended before it did
        RETRIED = "retried", _("asked for again")

    key = models.CharField(max_length=64, unique=True)  # the message's id: delivered twice, it is one run
    task = models.CharField(max_length=200, db_index=True)
    arguments = models.JSONField(default=list)  # ids
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    tries = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    retried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = JobRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "-started_at"], name="job_run_by_state"),
            models.Index(fields=["-started_at"], name="job_run_newest"),
        ]
        constraints = [
            holds(
                Q(state__in=["running", "waiting", "done", "failed", "lost", "retried"]),
                "job_run_state_known",
                _("Not a state."),
            ),
            holds(
                Q(state="running", finished_at=None) | (~Q(state="running") & Q(finished_at__isnull=False)),
                "job_run_finished_unless_running",
                _("A job that is not running has an end."),
            ),
        ]

    def __str__(self):
        return self.task

    @property
    def seconds(self) -> float | None:
        """How long it took, in seconds; None while it runs."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None
