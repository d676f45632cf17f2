"""Reviews: the list, the live page, and what is done in the room."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from projects.access import WRITERS, load, load_program, may_write, programs_of
from projects.limiting import layers_of, matches, path_of
from projects.models import Goal
from projects.time import today_in
from projects.views.saving import add_errors
from reviews.forms import CloseForm, EntryForm
from reviews.models import Datapoint, Review, Turn
from reviews.services import sessions as service
from reviews.services.datapoints import KeyReused, Logged, log_datapoint
from reviews.views.words import surprise_words


@require_safe
def reviews(request):
    """What is under way, what can be started, and what was held."""
    mine = programs_of(request.user)
    held = Review.objects.filter(program__in=mine).select_related("program", "team", "led_by")
    live = held.filter(state=Review.State.LIVE)
    startable = programs_of(request.user, WRITERS).active().exclude(pk__in=live.values("program")).order_by("name")
    page = Paginator(held.filter(state=Review.State.CLOSED), 30).get_page(request.GET.get("page"))
    return render(request, "reviews/reviews.html", {"live": live, "startable": startable, "page": page})


@require_POST
def review_start(request, slug):
    program = load_program(request.user, slug, write=True)
    if program.archived_at:
        messages.warning(request, _("%(name)s is archived. Restore it, then start its review.") % {"name": program})
        return redirect(program)
    review = service.start_review(program=program, by=request.user)
    return redirect(review)


def load_review(user, pk: int, *, write: bool = False) -> Review:
    return load(
        user, Review.objects.select_related("program__ranking", "team", "led_by"), program="program", pk=pk, write=write
    )


@require_safe
def review(request, pk):
    """The live page, or what was said once it is closed."""
    found = load_review(request.user, pk)
    writer = may_write(request.user, found.program)
    context = review_context(found, writer)
    if not found.live:
        return render(request, "reviews/review_closed.html", context)
    wanted = {name: request.GET[name] for name in ("engineer", "goal") if request.GET.get(name, "").isdigit()}
    context["form"] = entry_form(found, initial=wanted) if writer else None
    return render(request, "reviews/review.html", context)


def review_context(review: Review, writer: bool) -> dict:
    turns = list(review.turns.select_related("engineer", "team"))
    limit = review.program.limits.filter(until__isnull=True).select_related("factor").first()
    ranking = getattr(review.program, "ranking", None)
    return {
        "review": review,
        "program": review.program,
        "turns": turns,
        "waiting": sum(turn.state == Turn.State.WAITING for turn in turns),
        "entries": entries_of(review),
        "limit": limit,
        "ranking": ranking,
        "agrees": matches(path_of(limit, layers_of(limit)), ranking.proposal if ranking else None),
        "may_write": writer,
        "close_form": CloseForm(),
        "blockers": known_blockers(review),
    }


def entries_of(review: Review):
    entries = review.datapoints.in_force().select_related("goal__team", "goal__outlook", "engineer", "factor")
    return entries.order_by("-recorded_at", "-pk")


def known_blockers(review: Review) -> list[str]:
    """What was named before in this program, newest first: one key instead of a sentence."""
    said = Datapoint.objects.in_force().filter(goal__team__program=review.program).exclude(blocker="")
    recent = said.order_by("-recorded_at").values_list("blocker", flat=True)[:100]
    return list(dict.fromkeys(recent))[:20]


def entry_form(review: Review, data=None, initial=None) -> EntryForm:
    today = today_in(review.program.zone)
    return EntryForm(data, program=review.program, team=review.team, today=today, initial=initial)


@require_POST
def review_log(request, pk):
    """Log one entry. Answers with a fresh form, and with what the number changed."""
    review = load_review(request.user, pk, write=True)
    form = entry_form(review, data=request.POST)
    if not review.live:
        form.is_valid()
        form.add_error(None, _("This review was closed meanwhile. Log it on the goal's page: it will be marked late."))
    elif form.is_valid():
        goal = Goal.objects.select_related("team__program", "outlook").get(pk=form.cleaned_data["goal"].pk)
        before = goal.outlook.verdict if hasattr(goal, "outlook") else "unknown"
        try:
            logged = log_datapoint(goal=goal, entry=form.entry(), by=request.user, review=review)
        except ValidationError as error:
            add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("memo", error)
        except KeyReused:
            form.add_error(
                None, _("This entry was sent before with other content; the first one stands. Reload to log another.")
            )
        else:
            return logged_response(request, review, logged, before, form)
    if not request.htmx:
        return render(request, "reviews/review.html", review_context(review, True) | {"form": form}, status=422)
    return render(request, "reviews/_entry_form.html", review_context(review, True) | {"form": form}, status=422)


def logged_response(request, review: Review, logged: Logged, before: str, sent: EntryForm) -> HttpResponse:
    """Everything is read again: the page shows what the database holds."""
    goal = Goal.objects.select_related("team", "outlook").get(pk=logged.datapoint.goal_id)
    result = {
        "goal": goal,
        "outlook": goal.outlook,
        "datapoint": logged.datapoint,
        "before": before,
        "surprise": surprise_words(logged.percentile),
        "again": not logged.created,
    }
    if not request.htmx:
        messages.success(request, _("Saved. %(surprise)s") % {"surprise": result["surprise"]})
        return redirect(review)
    review = load_review(request.user, review.pk)
    kept = {"engineer": sent.cleaned_data["engineer"], "level": sent.cleaned_data["level"]}
    form = entry_form(review, initial=kept)
    return render(request, "reviews/_logged.html", review_context(review, True) | {"form": form, "result": result})


@require_POST
def turn_absent(request, pk, turn):
    """Say that an engineer is not there, or take it back."""
    review = load_review(request.user, pk, write=True)
    found = get_object_or_404(review.turns, pk=turn)
    service.mark_absent(turn=found, absent=request.POST.get("absent") == "1")
    if not request.htmx:
        return redirect(review)
    return render(request, "reviews/_roster.html", review_context(review, True))


@require_POST
def review_close(request, pk):
    review = load_review(request.user, pk, write=True)
    form = CloseForm(request.POST)
    if form.is_valid() and service.close_review(review=review, by=request.user, notes=form.cleaned_data["notes"]):
        messages.success(request, _("The review is closed. One question is left: what limits the program now?"))
    return redirect(review)
