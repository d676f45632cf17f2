"""Reviews: the page, who is absent, and closing. What is said in a live one: reviews.views.live."""

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects.access import load, load_program, may_write
from projects.limiting import layers_of, matches, path_of
from projects.models import Team
from projects.time import today_in
from reviews.cadence_forms import GuestForm
from reviews.forms import LEVELS, AbsenceForm, CloseForm, EntryForm
from reviews.live import cursor_of, entries_of, known_stops, known_to_page, turns_of
from reviews.models import Comment, Review
from reviews.room import for_scripts
from reviews.services import sessions as service
from reviews.services import turns as turn_service


@require_POST
def review_start(request, slug):
    program = load_program(request.user, slug, write=True)
    if program.archived_at:
        messages.warning(request, _("%(name)s is archived. Restore it, then start its review.") % {"name": program})
        return redirect(program)
    review = service.start_review(program=program, by=request.user)
    return redirect(review)


def load_review(user, pk: int, *, write: bool = False) -> Review:
    """A review with what its page shows around it, or to write into it: then with what is checked only."""
    around = ("program",) if write else ("program__ranking", "team", "led_by")
    return load(user, Review.objects.select_related(*around), program="program", pk=pk, write=write)


@require_safe
def review(request, pk):
    """The live page, or what was said once it is closed."""
    found = load_review(request.user, pk)
    writer = may_write(request.user, found.program)
    if found.state == Review.State.SCHEDULED and found.cadence_id:
        return redirect("slot", found.cadence_id, f"{found.slot_on:%Y%m%d}")
    turn_service.join_roster(found)
    if not found.live:
        context = review_context(found, writer)
        since = [row for row in context["entries"] if found.closed_at and row.at > found.closed_at]
        answers = Comment.objects.filter(datapoint__review=found).select_related("by", "datapoint__goal")
        context |= {"summary": found.summary, "since": since, "answers": answers}
        return render(request, "reviews/review_closed.html", context)
    wanted = {name: request.GET[name] for name in ("engineer", "goal") if request.GET.get(name, "").isdigit()}
    return show_room(request, found, entry_form(found, initial=wanted) if writer else None)


def show_room(request, review: Review, form: EntryForm | None, status: int = 200, **more) -> HttpResponse:
    """The live page; `form` is None for a reader."""
    context = review_context(review, form is not None)
    context |= room_context(review, request.user, context) | {"form": form} | more
    return render(request, "reviews/review.html", context, status=status)


def review_context(review: Review, writer: bool) -> dict:
    turns, entries = turns_of(review), entries_of(review)
    limit = review.program.limits.filter(until__isnull=True).select_related("factor").first()
    ranking = getattr(review.program, "ranking", None)
    return {
        "review": review,
        "program": review.program,
        "turns": turns,
        "entries": entries,
        "limit": limit,
        "ranking": ranking,
        "agrees": matches(path_of(limit, layers_of(limit)), ranking.proposal if ranking else None),
        "may_write": writer,
    }


def room_context(review: Review, user: User, context: dict) -> dict:
    """What only a live page needs."""
    turns, stops = context["turns"], known_stops(review)
    known = known_to_page(review, turns, context["entries"])
    return {
        "close_form": CloseForm(),
        "guest_form": GuestForm(teams=teams_of(review)),
        "blockers": stops,
        "levels": LEVELS,
        "room": for_scripts(review, user, known, str(cursor_of(review, turns)), stops),
    }


def teams_of(review: Review) -> list[Team]:
    """With whom a guest of this review may speak."""
    return [review.team] if review.team else list(review.program.teams.active())


def entry_form(review: Review, data=None, initial=None) -> EntryForm:
    today = today_in(review.program.zone)
    return EntryForm(data, program=review.program, team=review.team, review=review, today=today, initial=initial)


@require_POST
def turn_absent(request, pk, turn):
    """Say that an engineer is not there, and why, or take it back."""
    review = load_review(request.user, pk, write=True)
    found = get_object_or_404(review.turns.select_related("engineer"), pk=turn)
    form, refusal, status = AbsenceForm(request.POST), "", 200
    if form.is_valid():
        try:
            turn_service.mark_absent(turn=found, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            refusal, status = " ".join(error.messages), 422
    if not request.htmx:
        if refusal:
            messages.error(request, _("%(name)s: %(why)s") % {"name": found.engineer, "why": refusal})
        return redirect(review)
    context = review_context(review, True) | {"refused_turn": found.pk, "refusal": refusal}
    return render(request, "reviews/_roster.html", context, status=status)


@require_POST
def review_close(request, pk):
    """Close a review in which everyone was heard; otherwise say who or what is missing."""
    review = load_review(request.user, pk, write=True)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            closed = service.close_review(review=review, by=request.user, notes=form.cleaned_data["notes"])
        except ValidationError as error:
            return show_room(request, review, entry_form(review), status=422, close_form=form, missing=error.messages)
        if closed:
            messages.success(request, _("The review is closed. One question is left: what limits the program now?"))
    return redirect(review)
