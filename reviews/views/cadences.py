"""The rhythm of reviews, and single slots: prepared, moved, cancelled, started."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from projects.access import load, load_program, may_write
from projects.limiting import layers_of, matches, path_of
from projects.models import Program, Team
from projects.services.changes import Conflict
from projects.time import today_in
from projects.views.saving import add_errors, show_conflict, show_form
from reviews.cadence_forms import CadenceForm, CancelForm, GuestForm, MoveForm
from reviews.models import Cadence, Review, Turn
from reviews.services import cadences as service
from reviews.services import double_cadence
from reviews.services.preparation import prepare
from reviews.services.sessions import start_review
from reviews.slots import Slot, next_slot, slot_of
from reviews.views.sessions import teams_of

# ---- the rhythm ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def cadence_edit(request, slug):
    """On which weekdays, when and for how long a program, or one of its teams, is reviewed."""
    program = load_program(request.user, slug, write=True)
    team = _asked_team(request, program)
    current = service.open_cadence(program, team)
    today = today_in(program.zone)
    form = CadenceForm(request.POST or None, program=program, current=current, today=today)
    shown = {
        "program": program,
        "team": team,
        "cadence": current,
        "others": _open_ones(program).exclude(team=team),
        "teams": program.teams.active(),
    }
    if request.method == "POST" and form.is_valid():
        try:
            service.set_cadence(program=program, team=team, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return show_conflict(request, "reviews/cadence_form.html", form, conflict.current, **shown)
        messages.success(request, _("The rhythm is set."))
        return redirect("reviews")
    return show_form(request, "reviews/cadence_form.html", form, **shown)


@require_POST
def cadence_double(request, slug):
    """A second review a week, for what limits the program now, with a note to the team (M9)."""
    program = load_program(request.user, slug, write=True)
    try:
        cadence = double_cadence.double(program=program, note=request.POST.get("note", ""), by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Conflict:
        messages.warning(request, _("Meanwhile somebody changed the rhythm. Look at it again."))
    else:
        messages.success(request, _("%(name)s: %(words)s.") % {"name": program, "words": cadence.words})
    return redirect("attention")


@require_POST
def cadence_fall_back(request, pk):
    """Once a week again."""
    cadence = load_cadence(request.user, pk, write=True)
    try:
        cadence = double_cadence.fall_back(cadence=cadence, by=request.user)
    except Conflict:
        messages.warning(request, _("Meanwhile somebody changed the rhythm. Look at it again."))
    else:
        messages.success(request, _("%(name)s: %(words)s.") % {"name": cadence.program, "words": cadence.words})
    return redirect("attention")


def _open_ones(program: Program):
    return Cadence.objects.filter(program=program, last_day__isnull=True).select_related("team")


def _asked_team(request, program: Program) -> Team | None:
    text = request.GET.get("team", "")
    if not text:
        return None
    return get_object_or_404(program.teams.active(), pk=int(text) if text.isdigit() and len(text) < 19 else 0)


def load_cadence(user, pk: int, *, write: bool = False) -> Cadence:
    found = Cadence.objects.select_related("program__ranking", "team")
    return load(user, found, program="program", pk=pk, write=write)


@require_POST
def cadence_end(request, pk):
    cadence = load_cadence(request.user, pk, write=True)
    service.end_cadence(cadence=cadence, today=today_in(cadence.zone), by=request.user)
    messages.success(request, _("The rhythm has ended. What was held or missed stays in the calendar."))
    return redirect("reviews")


# ---- a slot ----------------------------------------------------------------------------------------------------------


def load_slot(user, pk: int, day: int, *, write: bool = False) -> Slot:
    """The slot of a cadence on a day, 20261124."""
    cadence = load_cadence(user, pk, write=write)
    try:
        found = slot_of(cadence, dt.datetime.strptime(str(day), "%Y%m%d").date(), timezone.now())  # noqa: DTZ007  a day
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


@require_safe
def slot(request, pk, day):
    """Before a review: what changed since the last one, and who has not had their say."""
    found = load_slot(request.user, pk, day)
    return render(request, "reviews/prepare.html", slot_context(request, found))


def slot_context(request, slot: Slot, **forms) -> dict:
    writer = may_write(request.user, slot.program)
    teams = [slot.team] if slot.team else list(slot.program.teams.active())
    return prepare_context(slot.program, slot.team, slot.starts.date(), writer) | {
        "slot": slot,
        "guests": slot.review.turns.filter(guest=True).select_related("engineer", "team") if slot.review else [],
        "move_form": MoveForm(slot=slot),
        "cancel_form": CancelForm(slot=slot),
        "guest_form": GuestForm(teams=teams),
        **forms,
    }


def prepare_context(program: Program, team: Team | None, day: dt.date, writer: bool) -> dict:
    limit = program.limits.filter(until__isnull=True).select_related("factor").first()
    ranking = getattr(program, "ranking", None)
    return {
        "program": program,
        "team": team,
        "prepared": prepare(program, team, day),
        "limit": limit,
        "ranking": ranking,
        "agrees": matches(path_of(limit, layers_of(limit)), ranking.proposal if ranking else None),
        "may_write": writer,
    }


@require_safe
def review_prepare(request, slug):
    """The next review of a program, in its slot where its rhythm has one."""
    program = load_program(request.user, slug)
    coming = next_slot(program, timezone.now())
    if coming and coming.cadence:
        return render(request, "reviews/prepare.html", slot_context(request, coming))
    context = prepare_context(program, None, today_in(program.zone), may_write(request.user, program))
    return render(request, "reviews/prepare.html", context | {"slot": None})


@require_POST
def slot_move(request, pk, day):
    found = load_slot(request.user, pk, day, write=True)
    form = MoveForm(request.POST, slot=found)
    if form.is_valid():
        try:
            data = form.cleaned_data
            service.move_slot(slot=found, to=form.moment, memo=data["memo"], by=request.user, seen=data["seen"])
        except Conflict:
            return _changed_meanwhile(request, pk, day, move_form=form)
        except ValidationError as error:
            add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("memo", error)
        else:
            messages.success(request, _("Moved."))
            return redirect("slot", pk, day)
    return _refused(request, found, move_form=form)


@require_POST
def slot_cancel(request, pk, day):
    found = load_slot(request.user, pk, day, write=True)
    form = CancelForm(request.POST, slot=found)
    if form.is_valid():
        try:
            data = form.cleaned_data
            service.cancel_slot(slot=found, memo=data["memo"], by=request.user, seen=data["seen"])
        except Conflict:
            return _changed_meanwhile(request, pk, day, cancel_form=form)
        except ValidationError as error:
            add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("memo", error)
        else:
            messages.success(request, _("Cancelled, with its reason."))
            return redirect("slot", pk, day)
    return _refused(request, found, cancel_form=form)


def _refused(request, slot: Slot, **forms):
    return render(request, "reviews/prepare.html", slot_context(request, slot, **forms), status=422)


def _changed_meanwhile(request, pk: int, day: int, **forms):
    """How the slot stands now, by whom and why, beside what was typed; sending it again overwrites knowingly."""
    current = load_slot(request.user, pk, day, write=True)
    (form,) = forms.values()
    form.data = request.POST.copy()
    form.data[form.add_prefix("seen")] = current.seen
    yours = [_("cancelled") if "cancel_form" in forms else _moment(form.moment, current), form.cleaned_data["memo"]]
    both = [{"label": _("This review"), "theirs": _standing(current), "yours": " · ".join(yours)}]
    context = slot_context(request, current, **forms) | {"conflict": both, "current": current}
    return render(request, "reviews/prepare.html", context, status=409)


def _standing(slot: Slot) -> str:
    if slot.change is None:
        return _("at its own time")
    what = _moment(slot.change.moved_to, slot) if slot.change.moved_to else _("cancelled")
    return " · ".join(filter(None, [what, slot.change.memo, str(slot.change.by or "")]))


def _moment(moment: dt.datetime, slot: Slot) -> str:
    return date_format(moment.astimezone(ZoneInfo(slot.shown_zone)), "DATETIME_FORMAT")


@require_POST
def slot_restore(request, pk, day):
    found = load_slot(request.user, pk, day, write=True)
    service.restore_slot(slot=found, by=request.user)
    return redirect("slot", pk, day)


@require_POST
def slot_start(request, pk, day):
    """Start the review of a slot; where it was started already, open it."""
    found = load_slot(request.user, pk, day, write=True)
    if found.program.archived_at:
        said = _("%(name)s is archived. Restore it, then start its review.")
        messages.warning(request, said % {"name": found.program})
        return redirect(found.program)
    return redirect(start_review(program=found.program, team=found.team, by=request.user, slot=found))


@require_POST
def slot_guest(request, pk, day):
    """Ask somebody to the review of a slot, before it is held."""
    found = load_slot(request.user, pk, day, write=True)
    teams = [found.team] if found.team else list(found.program.teams.active())
    form = GuestForm(request.POST, teams=teams)
    if form.is_valid():
        review = service.plan_review(slot=found, by=request.user)
        try:
            service.add_guest(review=review, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("slot", pk, day)
    return _refused(request, found, guest_form=form)


# ---- guests of a review that is planned or under way -----------------------------------------------------------------


def _load_review(user, pk: int) -> Review:
    return load(user, Review.objects.select_related("program", "team"), program="program", pk=pk, write=True)


@require_POST
def guest_add(request, pk):
    """Ask somebody to this review. The live page swaps its form alone: what is half typed elsewhere stays."""
    review = _load_review(request.user, pk)
    teams = teams_of(review)
    form, asked = GuestForm(request.POST, teams=teams), None
    if form.is_valid():
        try:
            asked = service.add_guest(review=review, by=request.user, **form.cleaned_data).engineer
        except ValidationError as error:
            form.add_error(None, error)
        else:
            form = GuestForm(teams=teams)
    if request.htmx:
        shown = {"guest_form": form, "action": request.path, "live": True, "asked": asked}
        return render(request, "reviews/_guest_form.html", shown, status=200 if asked else 422)
    if asked:
        return redirect(review)
    return show_form(request, "reviews/guest_form.html", form, review=review, program=review.program)


@require_POST
def guest_remove(request, pk, turn):
    review = _load_review(request.user, pk)
    found = get_object_or_404(Turn.objects.filter(review=review).select_related("review__program", "engineer"), pk=turn)
    if not service.remove_guest(turn=found, by=request.user):
        messages.warning(request, _("%(name)s has said something already, and stays.") % {"name": found.engineer})
    if review.cadence_id and review.state == Review.State.SCHEDULED:
        return redirect("slot", review.cadence_id, f"{review.slot_on:%Y%m%d}")
    return redirect(review)
