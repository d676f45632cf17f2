"""Attention: where next week's hours go, and where they went."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects.access import WRITERS, programs_of
from projects.time import WEEK, monday
from projects.views.saving import add_errors
from reviews.attention import days_gained
from reviews.attention_forms import PlanForm, SpentForm
from reviews.models import AttentionEntry, Cadence
from reviews.services import attention as service
from reviews.services.cadences import open_cadence
from reviews.services.double_cadence import may_double

ROWS_SHOWN = 30


@require_safe
def attention(request):
    """Next week's plan, who can be skipped, and the ledger."""
    return page(request)


def page(request, *, plan_form: PlanForm | None = None, spent_form: SpentForm | None = None):
    today = timezone.localdate()
    status = 422 if plan_form or spent_form else 200
    shown = plan_context(request, plan_form, today) | ledger_context(request, spent_form, today)
    return render(request, "reviews/attention.html", shown, status=status)


def next_week(today: dt.date) -> dt.date:
    return monday(today) + WEEK


def plan_context(request, form: PlanForm | None, today: dt.date) -> dict:
    """What the engine proposes for next week, under what was typed and, where nothing was, what was kept."""
    week = next_week(today)
    found = service.candidates(request.user)
    form = form or PlanForm(request.GET, found=found)
    form.is_valid()
    last = service.last_plan(request.user, week)
    hours = last.minutes / 60 if last and form.cleaned_data.get("hours") is None else form.total
    expected = service.expectations(request.user) | form.of("expected")
    kept = last if last and last.week == week else None
    given = form.of("hours")
    if kept and not form.data:
        given = {line.program_id: line.minutes / 60 for line in kept.lines.all()}
    plan = service.propose(found, hours, expected)
    of = {str(one.program.pk): one for one in found}
    rows = []
    for line in plan.lines:
        one = of[line.key]
        worth = expected.get(one.program.pk, one.relief_days)
        own = given.get(one.program.pk, line.hours)
        rows.append(
            {
                "candidate": one,
                "line": line,
                "expected": expected.get(one.program.pk),
                "hours": own,
                "days": days_gained(worth, own),
            }
        )
    return {
        "week": week,
        "form": form,
        "hours": hours,
        "kept": kept,
        "rows": rows,
        "given": sum(row["hours"] for row in rows),
        "left": hours - sum(row["hours"] for row in rows),
        "decisions": [one for one in found if one.decision],
        "skipped": [one for one in found if one.no_hours and not one.decision],
        "candidates": found,
        **rhythm_context(found),
    }


def rhythm_context(found: list[service.Candidate]) -> dict:
    """Whom to review twice a week, and whom that is done for already (M9)."""
    hottest = service.worst(found)
    weekly = open_cadence(hottest.program, None) if hottest else None
    doubled = Cadence.objects.filter(program__in=[one.program.pk for one in found], last_day__isnull=True)
    return {
        "hottest": hottest if may_double(weekly) else None,
        "weekly": weekly,
        "doubled": doubled.exclude(doubled_for="").select_related("program"),
    }


def ledger_context(request, form: SpentForm | None, today: dt.date) -> dict:
    since = monday(today) - (service.LEDGER_WEEKS - 1) * WEEK
    rows = service.ledger(request.user, since, next_week(today))
    weeks = service.by_week(request.user, rows, today)
    return {
        "weeks": weeks,
        "most": max(max(week.spent.minutes, week.planned) for week in weeks),
        "programs": service.by_program(rows),
        "ledger": rows[:ROWS_SHOWN],
        "spent_form": form or spent_form(request, None, today),
    }


def spent_form(request, data, today: dt.date) -> SpentForm:
    programs = programs_of(request.user, WRITERS).active().order_by("name")
    return SpentForm(data, programs=programs, today=today, initial={"on": today})


@require_POST
def plan_keep(request):
    """Keep next week's hours; kept again they are replaced."""
    found = service.candidates(request.user)
    form = PlanForm(request.POST, found=found)
    if not form.is_valid():
        return page(request, plan_form=form)
    expected = form.of("expected")
    plan = service.propose(found, form.total, expected)
    proposed = {int(line.key): line.hours for line in plan.lines}
    week = next_week(timezone.localdate())
    service.keep_plan(
        user=request.user,
        week=week,
        hours=form.total,
        found=found,
        given=proposed | form.of("hours"),
        expected=expected,
    )
    messages.success(request, _("Kept for the week of %(day)s.") % {"day": week})
    return redirect("attention")


@require_POST
def entry_create(request):
    """Minutes spent outside a review."""
    form = spent_form(request, request.POST, timezone.localdate())
    if form.is_valid():
        try:
            service.log_minutes(user=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_errors(form, error)
        else:
            return redirect("attention")
    return page(request, spent_form=form)


@require_POST
def entry_remove(request, pk):
    entry = get_object_or_404(AttentionEntry.objects.select_related("program"), pk=pk, user=request.user)
    service.remove_entry(entry=entry, by=request.user)
    messages.success(request, _("Removed."))
    return redirect("attention")
