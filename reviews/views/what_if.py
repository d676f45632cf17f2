"""What if: a question asked of a program by an address; nothing is saved until one of its changes is really made."""

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from projects.access import load_program, may_write
from projects.bottleneck import HORIZON_DAYS
from projects.charts import spans
from projects.form_fields import DayField, NumberField
from projects.models import Goal, Program, Supply
from projects.services.flows import supplies_of
from projects.time import today_in
from reviews.services import what_if as service

SHORTEST_SCALE = 180  # days that a slider spans at least
SMALLEST, LARGEST = 10, 400  # % of a capacity


@require_safe
def what_if(request, slug):
    """Drag a goal's date, take a factor away, move a target: the finish and the next limit follow."""
    program = load_program(request.user, slug)
    today = today_in(program.zone)
    asked = throughput_context if program.kind == Program.Kind.THROUGHPUT else delivery_context
    context = asked(program, request.GET, today)
    ranking = getattr(program, "ranking", None)
    before = service.as_it_stands(ranking) if ranking else None
    answers = [one for one in (before, context["after"]) if one]
    context |= {
        "program": program,
        "today": today,
        "before": before,
        "may_write": may_write(request.user, program),
        "picture": spans([(one.p10, one.p50, one.p90) for one in answers], context["deadline"], today),
    }
    return render(request, "reviews/what_if.html", context)


# ---- a delivery program ----------------------------------------------------------------------------------------------


def delivery_context(program: Program, data: QueryDict, today: dt.date) -> dict[str, Any]:
    goals = service.open_goals(program)
    still_open = [goal for goal in goals if not done(goal)]
    scale = scale_of(still_open, today)
    errors: dict[str, str] = {}
    question = read_question(data, still_open, today, scale, errors)
    return {
        "goals": [goal_row(goal, data, question, today, scale) for goal in in_order(still_open, program)],
        "factors": factor_rows(still_open, question),
        "scale": scale,
        "errors": errors,
        "question": question,
        "deadline": question.deadline or program.deadline,
        "after": service.ask(program, goals, question, today) if question else None,
    }


def done(goal: Goal) -> bool:
    return hasattr(goal, "outlook") and goal.outlook.verdict == "done"


def in_order(goals: Sequence[Goal], program: Program) -> list[Goal]:
    """As the ranking has them: what is worth most first."""
    ranking = getattr(program, "ranking", None)
    lines = [line["id"] for line in ranking.lines if line["kind"] == "goal"] if ranking else []
    return sorted(goals, key=lambda goal: (lines.index(goal.pk) if goal.pk in lines else len(lines), goal.name))


def scale_of(goals: Sequence[Goal], today: dt.date) -> int:
    """The last day of the sliders, from today: beyond the latest P50, within five years."""
    middles = [(goal.outlook.p50 - today).days for goal in goals if hasattr(goal, "outlook") and goal.outlook.p50]
    return min(max(SHORTEST_SCALE, round(1.5 * max(middles, default=0))), int(HORIZON_DAYS))


def days_of(goal: Goal, today: dt.date, scale: int) -> int:
    """Where a goal's slider stands: its P50 in days, or the end of the scale where that is never or unknown."""
    middle = goal.outlook.p50 if hasattr(goal, "outlook") else None
    return min(max((middle - today).days, 0), scale) if middle else scale


def read_question(
    data: QueryDict, goals: Sequence[Goal], today: dt.date, scale: int, errors: dict[str, str]
) -> service.Question:
    """What differs from how it stands; what cannot be read is said in `errors` and left out."""
    days, targets = {}, {}
    for goal in goals:
        day = read_number(data, f"days-{goal.pk}", errors, low=0, high=HORIZON_DAYS)
        if day is not None and day != days_of(goal, today, scale):
            days[goal.pk] = day
        target = read_number(data, f"target-{goal.pk}", errors)
        if target is not None and target != goal.target:
            targets[goal.pk] = target
    there = {goal.pk for goal in goals}
    deadline = read(data, "deadline", DayField(required=False), errors)
    return service.Question(
        finished=frozenset(ids_of(data, "done")) & there,
        days=days,
        targets=targets,
        gone=frozenset(ids_of(data, "gone")),
        deadline=deadline,
    )


def read(data: QueryDict, name: str, field, errors: dict[str, str]):
    try:
        return field.clean(data.get(name, ""))
    except ValidationError as error:
        errors[name] = " ".join(error.messages)
        return None


def read_number(
    data: QueryDict, name: str, errors: dict[str, str], low: float = -math.inf, high: float = math.inf
) -> float | None:
    value = read(data, name, NumberField(required=False), errors)
    if value is not None and not low <= value <= high:
        errors[name] = _("A number between %(low)g and %(high)g.") % {"low": low, "high": high}
        return None
    return value


def ids_of(data: QueryDict, name: str) -> list[int]:
    return [int(value) for value in data.getlist(name) if value.isascii() and value.isdigit()]


def goal_row(goal: Goal, data: QueryDict, question: service.Question, today: dt.date, scale: int) -> dict[str, Any]:
    base = days_of(goal, today, scale)
    days = round(question.days.get(goal.pk, base))
    outlook = getattr(goal, "outlook", None)
    return {
        "goal": goal,
        "outlook": outlook,
        "base": base,
        "days": days,
        "day": today + dt.timedelta(days=days) if goal.pk in question.days else outlook and outlook.p50,
        "moved": goal.pk in question.days,
        "target": data.get(f"target-{goal.pk}", ""),
        "finished": goal.pk in question.finished,
        "retargeted": question.targets.get(goal.pk),
    }


def factor_rows(goals: Sequence[Goal], question: service.Question) -> list[dict[str, Any]]:
    """The factors that gate an open goal, each with the goals it gates."""
    gated: dict[int, dict[str, Any]] = {}
    for goal in goals:
        for gate in goal.gates.all():
            row = gated.setdefault(gate.factor_id, {"factor": gate.factor, "goals": []})
            row["goals"].append(goal.name)
            row["gone"] = gate.factor_id in question.gone
    return sorted(gated.values(), key=lambda row: row["factor"].name)


# ---- a throughput program --------------------------------------------------------------------------------------------


def throughput_context(program: Program, data: QueryDict, today: dt.date) -> dict[str, Any]:
    supplies = supplies_of(program)
    errors: dict[str, str] = {}
    times = {}
    for supply in supplies:
        percent = read_number(data, f"capacity-{supply.factor_id}", errors, low=SMALLEST, high=LARGEST)
        if percent is not None and percent != 100:
            times[supply.factor_id] = percent / 100
    target = read_number(data, "target", errors)
    if target is not None and target <= 0:
        errors["target"] = _("The target output must be a number above 0.")
        target = None
    gone = frozenset(ids_of(data, "gone")) & {supply.factor_id for supply in supplies}
    question = service.SupplyQuestion(gone, times, None if target == program.output_target else target)
    return {
        "supplies": [supply_row(supply, question) for supply in supplies],
        "smallest": SMALLEST,
        "largest": LARGEST,
        "errors": errors,
        "question": question,
        "target": data.get("target", ""),
        "deadline": program.deadline,
        "after": service.ask_supplies(program, question, today) if question else None,
    }


def supply_row(supply: Supply, question: service.SupplyQuestion) -> dict[str, Any]:
    pk = supply.factor_id
    return {"supply": supply, "gone": pk in question.gone, "percent": round(100 * question.times.get(pk, 1))}
