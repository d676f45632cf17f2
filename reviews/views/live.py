"""What is said in a review: each entry has a key of its own, is saved once, and is answered with what it changed.

A plain form posts one entry and is redirected. The page's scripts (static/live/) ask for JSON and may send the same
entry again until they have an answer.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from projects.access import may_write
from projects.models import Outlook
from projects.services.outlooks import as_outlook
from projects.views.saving import add_errors
from reviews.forms import EntryForm, SpellForm, StatementForm, UndoForm
from reviews.live import Row, changes_since, entries_of, known_to_page, last_value, read_cursor, turns_of
from reviews.models import Review, Statement
from reviews.services.datapoints import KeyReused, Logged, NotInForce, correct_datapoint, log_datapoint
from reviews.services.statements import make_statement, withdraw_statement
from reviews.services.turns import join_roster, keep_spell
from reviews.views.sessions import entry_form, load_review, show_room
from reviews.views.words import surprise_words

REUSED = gettext_lazy("This entry was sent before with other content; the first one stands. Reload to log another.")


def wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def of_another(request: HttpRequest) -> bool:
    """Whether an entry that waited in the browser belongs to another login than the one it is sent under."""
    owner = request.POST.get("owner")
    return bool(owner) and owner != str(request.user.pk)


def belongs_to_another() -> JsonResponse:
    words = _("This was entered by somebody else. It waits here until they sign in again.")
    return JsonResponse({"state": "other", "message": words}, status=409)


def refused(form: Form) -> JsonResponse:
    """Why an entry was not saved, by field; the browser keeps what was typed."""
    errors = {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    said = " ".join(text for texts in errors.values() for text in texts)
    return JsonResponse({"state": "refused", "errors": errors, "message": said}, status=422)


# ---- a number --------------------------------------------------------------------------------------------------------


@require_POST
def review_log(request, pk):
    """Log one entry. The same key again gives the row that stands, with other content 422."""
    if of_another(request):
        return belongs_to_another()
    review = load_review(request.user, pk, write=True)
    form = entry_form(review, data=request.POST)
    if not review.live and not wants_json(request):  # who types into a page of before is told; what waited is late
        form.is_valid()
        form.add_error(None, _("This review was closed meanwhile. Log it on the goal's page: it will be marked late."))
    elif form.is_valid():
        before = getattr(form.cleaned_data["goal"], "outlook", None)
        logged = log(review, form, request.user)
        if logged:
            return saved(request, review, logged, before)
    if wants_json(request):
        return refused(form)
    return show_room(request, review, form, status=422)


def log(review: Review, form: EntryForm, by: User) -> Logged | None:
    """The entry as saved, or None with the refusal on the form."""
    try:
        return log_datapoint(goal=form.cleaned_data["goal"], entry=form.entry(), by=by, review=review)
    except ValidationError as error:
        add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("memo", error)
    except KeyReused:
        form.add_error(None, REUSED)
    return None


def saved(request, review: Review, logged: Logged, before: Outlook | None) -> HttpResponse:
    """The row that stands, and what it changed."""
    point = logged.datapoint
    if logged.outlook:
        point.goal.outlook = as_outlook(logged.outlook)
    surprise = surprise_words(point.surprise)
    if not wants_json(request):
        messages.success(request, _("Saved. %(surprise)s") % {"surprise": surprise})
        return redirect(review)
    result = {
        "goal": point.goal,
        "outlook": point.goal.outlook,
        "datapoint": point,
        "before": before if logged.created else None,
        "surprise": surprise,
        "again": not logged.created,
        "gap": logged.gap,
    }
    return JsonResponse(
        {
            "state": "saved",
            "row": row_html(request, review, Row(point=point), writer=True),
            "result": render_to_string("reviews/_result.html", {"result": result}, request),
            "goal": {"id": point.goal_id, "memo": point.memo, **last_value(point.goal)},
        }
    )


def row_html(request, review: Review, row: Row, writer: bool) -> str:
    return render_to_string("reviews/_entry_row.html", {"row": row, "review": review, "may_write": writer}, request)


# ---- what is said beside a number, and what is taken back ------------------------------------------------------------


@require_POST
def review_say(request, pk):
    """Nothing new and why, or what stops an engineer."""
    if of_another(request):
        return belongs_to_another()
    review = load_review(request.user, pk, write=True)
    form = StatementForm(request.POST, review=review)
    if form.is_valid():
        try:
            said = make_statement(turn=form.turn, said=form.said(), by=request.user)
        except ValidationError as error:
            add_errors(form, error) if hasattr(error, "error_dict") else form.add_error("text", error)
        except KeyReused:
            form.add_error(None, REUSED)
        else:
            return JsonResponse({"state": "saved", "row": row_html(request, review, Row(said=said), writer=True)})
    return refused(form)


@require_POST
def review_undo(request, pk):
    """Take an entry of this review back: it counts no more, and stays visible on its goal."""
    if of_another(request):
        return belongs_to_another()
    review = load_review(request.user, pk, write=True)
    form = UndoForm(request.POST)
    if not form.is_valid():
        return refused(form)
    take_back(review, form.cleaned_data["entry"], form.cleaned_data["uuid"], request.user)
    if not wants_json(request):
        messages.success(request, _("Withdrawn: it counts no more, and stays visible."))
        return redirect(review)
    return JsonResponse({"state": "saved", "gone": [str(form.cleaned_data["entry"])]})


def take_back(review: Review, entry: UUID, uuid: UUID, by: User) -> None:
    """Withdraw an entry by a correction known as `uuid`; one that was taken back before stays so."""
    point = review.datapoints.select_related("goal__team__program").filter(uuid=entry).first()
    statements = Statement.objects.filter(turn__review=review).select_related("turn", "goal__team__program")
    said = statements.filter(uuid=entry).first()
    if point:
        memo = _("Withdrawn by %(user)s: entered by mistake.") % {"user": by}
        try:
            correct_datapoint(datapoint=point, value=point.value, memo=memo, by=by, withdraw=True, uuid=uuid)
        except NotInForce:
            return
    elif said:
        withdraw_statement(statement=said, uuid=uuid, by=by)
    else:
        raise Http404


@require_POST
def review_spell(request, pk):
    """How long an engineer was in focus: the turn's minutes."""
    if of_another(request):
        return belongs_to_another()
    review = load_review(request.user, pk, write=True)
    form = SpellForm(request.POST)
    if not form.is_valid():
        return refused(form)
    turn = review.turns.filter(engineer=form.cleaned_data["engineer"]).first()
    if turn is None:
        raise Http404
    keep_spell(uuid=form.cleaned_data["uuid"], turn=turn, seconds=form.cleaned_data["seconds"], by=request.user)
    return JsonResponse({"state": "saved"})


# ---- following -------------------------------------------------------------------------------------------------------


@require_safe
@ensure_csrf_cookie  # a token that another sign-in turned is renewed here
def review_changes(request, pk):
    """What is new since `after`: asked every two seconds by every page that follows the review."""
    review = load_review(request.user, pk)
    join_roster(review)
    turns = turns_of(review)
    changes = changes_since(review, read_cursor(request.GET.get("after", "")), turns)
    writer = may_write(request.user, review.program)
    answer = {
        "user": request.user.pk,
        "cursor": str(changes.cursor),
        "live": review.live,
        "rows": [{"uuid": row.uuid, "html": row_html(request, review, row, writer)} for row in changes.rows],
        "gone": changes.gone,
        "goals": changes.goals,
    }
    if changes.roster:
        context = {"review": review, "turns": turns, "may_write": writer}
        answer["roster"] = render_to_string("reviews/_roster.html", context, request)
    if changes.people and writer:
        answer["engineers"] = known_to_page(review, turns, entries_of(review))["engineers"]
    return JsonResponse(answer)


@require_safe
def signed_in(request):
    """Where a sign-in from the live page ends: it tells the page, and closes itself."""
    return render(request, "reviews/signed_in.html")
