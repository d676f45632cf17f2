"""What will limit next (M5): predicted by people and by the model, judged when the factor changes."""

import datetime as dt

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from projects.limiting import matches, path_of
from projects.memo import clean_memo
from projects.models import Factor, Goal, Layer, Limit, Program, Ranking, SuccessorPrediction
from projects.services.changes import record_event

Outcome = SuccessorPrediction.Outcome
FIVE_YEARS = dt.timedelta(days=1826)
WITHIN = 0.8  # the chance that what is forecast falls between its P10 and its P90


@transaction.atomic
def predict_successor(
    *,
    limit: Limit,
    factor: Factor | None,
    goal: Goal | None,
    window_from: dt.date,
    window_to: dt.date,
    probability: float,
    condition: str,
    memo: str,
    today: dt.date,
    by: User | None,
) -> SuccessorPrediction:
    """A person's prediction of what follows an open limit. The same one sent twice is one row."""
    Program.objects.select_for_update(no_key=True).get(pk=limit.program_id)
    if Limit.objects.filter(pk=limit.pk, until__isnull=False).exists():
        raise ValidationError(_("This limit has given way meanwhile: its successor is known."))
    if window_to < max(window_from, today):
        raise ValidationError({"window_to": _("The window must end after it begins, and not in the past.")})
    if factor is not None and factor.pk == limit.factor_id:
        raise ValidationError({"factor": _("%(name)s is what limits now.") % {"name": factor}})
    fields = {
        "limit": limit,
        "factor": factor,
        "goal": goal,
        "window_from": window_from,
        "window_to": window_to,
        "probability": probability,
        "condition": condition.strip(),
        "by": by,
    }
    made, created = SuccessorPrediction.objects.get_or_create(**fields, defaults={"memo": clean_memo(memo)})
    if created:
        record_event(by=by, verb="predicted", subject=made, program=limit.program, memo=made.memo)
    return made


def file_model_prediction(limit: Limit, layers: list[Layer], ranking: Ranking, goals: list[Goal]) -> None:
    """The model's own prediction, once for each limit, filed when it first ranks the program under it.

    Where it agrees with what is declared it predicts what limits once that is relieved; else what it proposes itself.
    The window is P10 to P90 of the last of the goals that the limit gates (of the program, where it gates none). The
    probability is the share of runs in which the predicted leads, times the chance that the window holds.
    """
    path = path_of(limit, layers)
    agreed = matches(path, ranking.proposal)
    line, share = (ranking.following, ranking.following_share) if agreed else (ranking.proposal, ranking.leads_share)
    if line is None or share is None:
        return
    first, last, chance = _window(path, ranking, goals)
    SuccessorPrediction.objects.get_or_create(
        limit=limit,
        by_model=True,
        defaults={
            "factor_id": line["id"] if line["kind"] == "factor" else None,
            "goal_id": line["id"] if line["kind"] == "goal" else None,
            "window_from": first,
            "window_to": last,
            "probability": round(share * chance, 4),
            "condition": _("%(name)s is relieved") % {"name": path[-1]},
            "memo": _("With it relieved, %(name)s leads in %(share)d %% of the runs.")
            % {"name": line["name"], "share": round(100 * share)},
        },
    )


def _window(path: list[Factor], ranking: Ranking, goals: list[Goal]) -> tuple[dt.date, dt.date, float]:
    """From, to, and the chance that what holds the program now ends between them."""
    factors = {factor.pk for factor in path}
    gated = [goal.outlook for goal in goals if factors & {gate.factor_id for gate in goal.gates.all()}]
    known = [outlook for outlook in gated if outlook.known and outlook.verdict != "done"]
    horizon = ranking.as_of + FIVE_YEARS
    slowest = max(known, key=lambda outlook: (outlook.p50 or horizon, outlook.p_never or 0), default=ranking)
    first, last = slowest.p10 or horizon, slowest.p90 or horizon
    chance = WITHIN if slowest.p90 else max(0.0, WITHIN + 0.1 - (slowest.p_never or 0))
    return max(first, ranking.as_of), max(last, first, ranking.as_of), chance


def resolve_predictions(program: Program) -> None:
    """Judge what is open, now that another factor limits; call it in the transaction that declares it."""
    open_ones = SuccessorPrediction.objects.filter(limit__program=program, outcome=Outcome.OPEN)
    for prediction in open_ones.select_related("limit", "goal"):
        _settle(prediction)


@transaction.atomic
def set_condition(*, prediction: SuccessorPrediction, held: bool, today: dt.date, by: User) -> None:
    """Say that a prediction's condition never held, which makes it void, or take that back.

    No rule can read a condition: it is taken to hold until a person says otherwise.
    """
    current = SuccessorPrediction.objects.select_for_update(no_key=True).get(pk=prediction.pk)
    if current.condition_held == held:
        return
    current.condition_held = held
    _settle(current, today)
    verb = "condition held" if held else "condition never held"
    record_event(by=by, verb=verb, subject=current, program=current.limit.program)


def _settle(prediction: SuccessorPrediction, today: dt.date | None = None) -> None:
    outcome, resolved = _judge(prediction, today)
    SuccessorPrediction.objects.filter(pk=prediction.pk).update(
        outcome=outcome, resolved_on=resolved, condition_held=prediction.condition_held
    )


def _judge(prediction: SuccessorPrediction, today: dt.date | None) -> tuple[str, dt.date | None]:
    """Its outcome, by the first limit after its own that is known: "not known yet" settles nothing."""
    if not prediction.condition_held:
        return Outcome.VOID, today
    later = Limit.objects.filter(program=prediction.limit.program_id, pk__gt=prediction.limit_id)
    successor = later.exclude(state=Limit.State.UNKNOWN).select_related("factor__parent").order_by("pk").first()
    if successor is None:
        return Outcome.OPEN, None
    in_time = prediction.window_from <= successor.since <= prediction.window_to
    came = in_time and successor.factor is not None and _names(prediction, successor.factor)
    return (Outcome.CAME if came else Outcome.OTHER), successor.since


def _names(prediction: SuccessorPrediction, factor: Factor) -> bool:
    """Whether what came is the predicted factor or a part of it; or gates the predicted goal, or bears its name."""
    if prediction.factor_id:
        return prediction.factor_id in {factor.pk, *(whole.pk for whole in factor.wholes())}
    goal = prediction.goal
    named = goal is not None and goal.name.lower() == factor.name.lower()
    return named or factor.gates.filter(goal=goal).exists()
