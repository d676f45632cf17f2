"""Digests: one's archive, the next one so far, one now, and the settings of what is mailed."""

import uuid as uuid_module
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import programs_of
from projects.views.saving import show_form
from reviews import tasks
from reviews.digest_forms import NowForm, SubscriptionForm
from reviews.digests import words
from reviews.digests.build import build_digest
from reviews.digests.pictures import finish_spec
from reviews.digests.render import subscription_of
from reviews.digests.value import Alert, Digest, from_json
from reviews.models import Delivery, Subscription
from reviews.services import deliveries
from reviews.services import subscriptions as service

PER_PAGE = 20


def load_delivery(user, uuid) -> Delivery:
    """One's own; anybody else's does not exist."""
    return get_object_or_404(Delivery.objects.select_related("subscription"), uuid=uuid, user=user)


@require_safe
def digests(request):
    """What I was sent, what is on its way, and what I have not yet said that I saw."""
    subscription = service.subscription_for(request.user)
    mine = Delivery.objects.filter(user=request.user).exclude(kind=Delivery.Kind.REPORT)
    page = Paginator(mine.defer("value"), PER_PAGE).get_page(request.GET.get("page"))
    alerts = mine.filter(kind=Delivery.Kind.ALERT, acknowledged_at__isnull=True, state__in=Delivery.TOLD)
    allowed = set(programs_of(request.user).values_list("pk", flat=True))
    name_each(page.object_list, allowed)
    waiting = [row for row in alerts[:PER_PAGE] if row.program_id in allowed]
    context = {
        "subscription": subscription,
        "page": page,
        "alerts": [(row, from_json(Alert, row.value)) for row in waiting],
        "under_way": any(row.state in (Delivery.State.DUE, Delivery.State.CLAIMED) for row in page),
        "next": service.next_period(subscription, timezone.now()) if subscription and subscription.on else None,
        "key": uuid_module.uuid4(),
    }
    return render(request, "reviews/digests.html", context)


def name_each(rows: list[Delivery], allowed: set[int]) -> None:
    """Give each row what it told as `subject`; read in one query, and only those of this page."""
    values = Delivery.objects.filter(pk__in=[row.pk for row in rows], value__isnull=False)
    found: dict[int, dict] = dict(values.values_list("pk", "value"))  # type: ignore[arg-type]  # none is null
    for row in rows:
        row.subject = ""  # type: ignore[attr-defined]  # for the page
        if row.pk in found and row.kind == Delivery.Kind.ALERT:
            alert = from_json(Alert, found[row.pk])
            row.subject = words.alert_subject(alert) if alert.program in allowed else ""  # type: ignore[attr-defined]
        elif row.pk in found:
            row.subject = words.subject(visible(from_json(Digest, found[row.pk]), allowed))  # type: ignore[attr-defined]


def visible(digest: Digest, allowed: set[int]) -> Digest:
    """What its reader may still see of it: a program that they left is gone from what they once were told."""
    kept = {name: getattr(digest, name) for name in digest.__dataclass_fields__}
    for name in ("programs", "plan", "findings"):
        kept[name] = tuple(one for one in kept[name] if one.program in allowed)
    gone = {one.name for one in digest.programs if one.program not in allowed}
    kept["heads"] = tuple(one for one in digest.heads if one.rpartition(" ")[0] not in gone)
    return Digest(**kept)


@require_safe
def digest(request, uuid):
    """The same as the mail, for who may see it now."""
    row = load_delivery(request.user, uuid)
    allowed = set(programs_of(request.user).values_list("pk", flat=True))
    if row.kind == Delivery.Kind.ALERT:
        alert = from_json(Alert, row.value)
        if alert.program not in allowed:
            raise Http404
        return render(request, "reviews/alert.html", {"row": row, "alert": alert})
    if row.value is None:
        return render(request, "reviews/digest_empty.html", {"row": row})
    return show_digest(request, visible(from_json(Digest, row.value), allowed), row=row)


def show_digest(request, told: Digest, **context):
    with timezone.override(ZoneInfo(told.zone)):
        loud = [{"week": week, "spec": finish_spec(week)} for week in told.loud]
        shown = {"digest": told, "subject": words.subject(told), "loud": loud}
        return render(request, "reviews/digest.html", shown | context)


@require_safe
def digest_preview(request):
    """The next one, as it would be if it were sent now."""
    now = timezone.now()
    mine = service.subscription_for(request.user) or unsaved(request, now)
    since, until = service.so_far(mine, now) if mine.pk else (service.next_period(mine, now).start, now)
    programs = deliveries.programs_followed(mine) if mine.pk else programs_of(request.user).active()
    told = build_digest(
        user=request.user,
        programs=programs,
        zone=mine.zone,
        since=since,
        until=until,
        due_at=now,
        now=now,
        late=False,
    )
    return show_digest(request, told, preview=service.next_period(mine, now))


def unsaved(request, now) -> Subscription:
    """What a subscription would be by default."""
    zone = timezone.get_current_timezone_name()
    made = Subscription(user=request.user, zone=zone, changed_at=now)
    made.planned_to = now.astimezone(ZoneInfo(zone)).date() - service.WEEK * 2
    return made


@require_POST
def digest_now(request):
    """One more, at once. The same form again is the same mail."""
    form, subscription = NowForm(request.POST), service.subscription_for(request.user)
    if not request.user.email or subscription is None:
        messages.warning(request, _("Say first where and when you want it."))
        return redirect("subscription")
    if form.is_valid():
        deliveries.plan_now(owner=subscription, key=form.cleaned_data["key"], now=timezone.now())
        tasks.send_deliveries.delay_on_commit()
    return redirect("digests")


@require_POST
def digest_again(request, uuid):
    """Its fate is unknown, or it was refused: send it once more."""
    row = load_delivery(request.user, uuid)
    if deliveries.send_again(row=row, now=timezone.now()):
        tasks.send_deliveries.delay_on_commit()
    return redirect("digests")


@require_POST
def alert_seen(request, uuid):
    service.acknowledge(row=load_delivery(request.user, uuid), now=timezone.now())
    return redirect("digests")


@require_http_methods(["GET", "HEAD", "POST"])
def subscription(request):
    """Which programs, when, and alerts."""
    current = service.subscription_for(request.user)
    form = SubscriptionForm(
        request.POST or None,
        programs=programs_of(request.user).active().order_by("name"),
        current=current,
        zone=timezone.get_current_timezone_name(),
    )
    if request.method == "POST" and form.is_valid():
        service.subscribe(user=request.user, now=timezone.now(), **form.chosen())
        messages.success(request, _("Saved."))
        return redirect("digests")
    return show_form(request, "reviews/subscription.html", form, current=current)


@csrf_exempt  # a mail program posts it, without a cookie: the token is the key (RFC 8058)
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def digest_unsubscribe(request, token):
    """No more mail. Asking for the page changes nothing: machines open every link of a mail."""
    pk = subscription_of(token)
    if pk is None:
        raise Http404
    if request.method == "POST":
        service.unsubscribe(pk=pk)
    return render(request, "reviews/unsubscribe.html", {"done": request.method == "POST"})
