import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models import Program
from projects.models.constraints import holds, meant
from projects.time import validate_zone
from reviews.digests.periods import Rhythm

DAYS = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class Weekly(models.Model):
    """When a week ends for whom it is told to, and how far its weeks have been planned."""

    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=DAYS, default=0)
    hour = models.PositiveSmallIntegerField(_("time"), choices=HOURS, default=7)
    zone = models.CharField(_("time zone"), max_length=60, default="UTC", validators=[validate_zone])
    on = models.BooleanField(_("on"), default=True)
    planned_to = models.DateField()  # the Monday that names the last week of which there is, or need be, a delivery
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.weekday, self.hour, self.zone)


class Subscription(Weekly):
    """What one person is mailed: the digest of a week, or of each program after its review, and alerts between."""

    class Pace(models.TextChoices):
        WEEKLY = "weekly", _("Once a week, all programs in one mail")
        REVIEW = "review", _("Each program by itself, on the morning after its review")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    pace = models.CharField(_("how often"), max_length=6, choices=Pace.choices, default=Pace.WEEKLY)
    every_program = models.BooleanField(_("all programs that I may see"), default=True)
    programs = models.ManyToManyField(Program, verbose_name=_("programs"), blank=True, related_name="+")
    alerts = models.BooleanField(_("alerts between digests"), default=True)
    bound = models.FloatField(
        _("odds of a deadline below which I am told"),
        default=0.25,
        validators=[MinValueValidator(0.01), MaxValueValidator(0.99)],
    )

    class Meta:
        constraints = [
            holds(Q(weekday__lte=6), "subscription_weekday", _("Not a weekday.")),
            holds(Q(hour__lte=23), "subscription_hour", _("Not an hour.")),
            holds(Q(pace__in=["weekly", "review"]), "subscription_pace", _("Weekly, or after each review.")),
            holds(Q(bound__gte=0.01, bound__lte=0.99), "subscription_bound", _("Odds lie between 1 and 99 %.")),
        ]

    def __str__(self):
        return str(self.user)


class Hook(Weekly):
    """An address of a Slack or Mattermost channel to which a program's week is posted."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=80, help_text=_("As people know it: #engines."))
    url = models.CharField(_("address"), max_length=500)  # a secret: who knows it may post there
    alerts = models.BooleanField(_("alerts between digests"), default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "url"],
                name="hook_once",
                violation_error_message=_("The program posts there already."),
            ),
            holds(meant("name"), "hook_name_meant", _("Give it a name.")),
            holds(Q(weekday__lte=6), "hook_weekday", _("Not a weekday.")),
            holds(Q(hour__lte=23), "hook_hour", _("Not an hour.")),
        ]

    def __str__(self):
        return self.name


class Delivery(models.Model):
    """One thing to be told once: to whom, of what, by which channel, and how far it is.

    The row comes before the mail. `key` says of what: a week, a review, a cause; whoever would plan it a second time
    meets the unique constraint. A worker claims the row for a while before it sends, and marks `handed_at` in the
    moment from which on nobody but the receiving server knows: cut off after it, the row's fate is unknown, and it is
    not sent again unless a person says so.
    """

    class Kind(models.TextChoices):
        DIGEST = "digest", _("Digest")
        ALERT = "alert", _("Alert")
        REPORT = "report", _("Report of refused mail")

    class Channel(models.TextChoices):
        MAIL = "mail", _("Mail")
        HOOK = "hook", _("Channel")

    class State(models.TextChoices):
        DUE = "due", _("Due")
        CLAIMED = "claimed", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Fate unknown")
        SUPERSEDED = "superseded", _("Superseded")

    OVER = (State.SENT, State.FAILED, State.UNKNOWN, State.SUPERSEDED)
    TOLD = (State.SENT, State.UNKNOWN)  # what the next digest may rest on

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # in its address
    kind = models.CharField(max_length=6, choices=Kind.choices)
    channel = models.CharField(max_length=4, choices=Channel.choices)
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliveries"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    hook = models.ForeignKey(Hook, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries")
    program = models.ForeignKey(Program, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)  # "week 2026-11-23", "review 7", "now UUID", "factor 12"
    since = models.DateTimeField(null=True, blank=True)  # what it tells lies from here
    until = models.DateTimeField(null=True, blank=True)  # to, but not at, here
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    attempts = models.PositiveIntegerField(default=0)
    next_try = models.DateTimeField()
    claim = models.UUIDField(null=True, blank=True)  # of the worker that has it
    lease_until = models.DateTimeField(null=True, blank=True)
    handed_at = models.DateTimeField(null=True, blank=True)  # from here on its fate is the receiving server's to know
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200, blank=True)  # fixed when it is planned: each try has the same
    why = models.CharField(max_length=500, blank=True)  # what the last try met, or why it is not sent
    value = models.JSONField(null=True, blank=True)  # what it told: reviews.digests.value
    acknowledged_at = models.DateTimeField(null=True, blank=True)  # of an alert, by its reader
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-due_at", "-pk"]
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "key", "channel"],
                condition=Q(subscription__isnull=False),
                name="delivery_once_a_subscription",
            ),
            models.UniqueConstraint(
                fields=["hook", "key"], condition=Q(hook__isnull=False), name="delivery_once_a_hook"
            ),
            models.UniqueConstraint(
                fields=["user", "key", "channel"], condition=Q(user__isnull=False), name="delivery_once_a_person"
            ),
            holds(
                Q(channel="mail", user__isnull=False, hook__isnull=True)
                | Q(channel="hook", user__isnull=True, hook__isnull=False),
                "delivery_to_somebody",
                _("A delivery goes to a person by mail, or to a channel."),
            ),
            holds(Q(kind__in=["digest", "alert", "report"]), "delivery_kind_known", _("Not a kind of delivery.")),
            holds(
                Q(state="claimed", claim__isnull=False, lease_until__isnull=False)
                | Q(state="sent", sent_at__isnull=False)
                | Q(state="unknown", handed_at__isnull=False)
                | Q(state__in=["due", "failed", "superseded"], claim__isnull=True),
                "delivery_state_matches",
                _("State and times of the delivery disagree."),
            ),
            holds(
                Q(since__isnull=True, until__isnull=True)
                | Q(since__isnull=False, until__isnull=False, since__lte=F("until")),
                "delivery_bounds_ordered",
                _("What it tells ends before it begins."),
            ),
            holds(meant("key"), "delivery_key_meant", _("A delivery says of what it is.")),
        ]
        indexes = [
            models.Index(fields=["next_try"], condition=Q(state="due"), name="delivery_due"),
            models.Index(fields=["lease_until"], condition=Q(state="claimed"), name="delivery_claimed"),
            models.Index(fields=["user", "-due_at"], name="delivery_of_person"),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}"

    def get_absolute_url(self):
        return reverse("digest", args=[self.uuid])


class Watch(models.Model):
    """What a reader or a channel was last told of a program, or saw when the watch began; alerts tell what differs."""

    subscription = models.ForeignKey(Subscription, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    hook = models.ForeignKey(Hook, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="+")
    facts = models.CharField(max_length=64, blank=True)  # the digest of the program's facts that it was compared with
    # {"limit": id, "named": words, "decision": instant or null, "below", "odds": {goal id or "": …}}
    seen = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = _("watches")
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "program"],
                condition=Q(subscription__isnull=False),
                name="watch_once_a_subscription",
            ),
            models.UniqueConstraint(
                fields=["hook", "program"], condition=Q(hook__isnull=False), name="watch_once_a_hook"
            ),
            holds(
                Q(subscription__isnull=False, hook__isnull=True) | Q(subscription__isnull=True, hook__isnull=False),
                "watch_of_one",
                _("A watch is of a reader or of a channel."),
            ),
        ]

    def __str__(self):
        return f"{self.subscription or self.hook}: {self.program}"
