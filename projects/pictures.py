"""What the pages of programs draw, as values for `projects.charts`."""

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from projects.charts import (
    OddsOfReview,
    SupplyCurve,
    Takeover,
    binding_chances,
    finish_distribution,
    review_odds,
    supply_curves,
)
from projects.deadlines import CLEARS_AT, HOPELESS, REVIEWS, low_row
from projects.look.chart_words import chart_words
from projects.models import Program, Ranking
from projects.services.decisions import counted
from projects.time import day_after, day_in, today_in

MOST_NEVER = 0.9  # where hardly any dot has a date, the words beside it say all there is


def program_finish(program: Program, ranking: Ranking | None, today: dt.date) -> dict[str, Any] | None:
    """When the program is finished, as twenty dots; None where it is unknown, done, or hardly ever finished."""
    if ranking is None or not ranking.known or (ranking.p_never or 0) > MOST_NEVER:
        return None
    if not any(days is None or days > 0 for days in ranking.finish_days):
        return None
    return finish_distribution(
        title=program.name,
        finish=[
            None if days is None else ranking.as_of + dt.timedelta(days=math.ceil(days)) for days in ranking.finish_days
        ],
        today=today,
        deadline=program.deadline,
        last_acceptable=program.last_acceptable,
        p_deadline=ranking.p_deadline,
        p_never=ranking.p_never,
        words=chart_words(),
    )


ODDS_SHOWN = 60  # reviews


@dataclass(frozen=True)
class ShownOdds:
    """What a review closed with, on the day in its program's zone."""

    day: dt.date
    p: float | None
    last_acceptable: dt.date | None


def program_odds(program: Program) -> dict[str, Any]:
    """Whether success is still possible: the odds with which reviews closed, the decisions, and where the rule stands.

    `row` of `of` reviews in a row are under the line. Two queries.
    """
    prefetch_related_objects([program], "review_odds")
    reviews, decisions = list(program.review_odds.all()), list(program.decisions.select_related("by"))
    shown = [ShownOdds(day_in(program.zone, one.at), one.p, one.last_acceptable) for one in reviews[-ODDS_SHOWN:]]
    spec = None
    if any(one.p is not None for one in shown):
        made = [(day_in(program.zone, one.at), str(one.get_choice_display())) for one in reversed(decisions)]
        spec = review_odds(
            title=program.name,
            reviews=[OddsOfReview(one.day, one.p) for one in shown],
            line=HOPELESS,
            today=today_in(program.zone),
            decisions=[(day, word) for day, word in made if day >= shown[0].day],
            words=chart_words(),
        )
    return {
        "spec": spec,
        "reviews": shown[::-1],
        "decisions": decisions,
        "row": len(low_row(counted(program))),
        "of": REVIEWS,
        "clears_at": CLEARS_AT,
        "due": program.decision_due_since,
    }


TAKEOVERS_SHOWN = 3
LEAST_TAKEOVER = 0.05  # chance of a takeover below which it is in the table only
LEAST_BINDING = 0.02  # and of a supply that never binds likelier than this


def program_supplies(program: Program, ranking: Ranking | None) -> dict[str, Any]:
    """The supplies of a throughput program: their curves, who binds when, and a row each, the binding one first."""
    flow = ranking.flow if ranking else None
    lines = {line["id"]: line for line in ranking.lines} if ranking else {}
    rows = [
        {"supply": supply, "line": lines.get(supply.factor_id), "now": supply.capacities.all()}
        for supply in program.supplies.select_related("factor", "goal").prefetch_related("capacities")
    ]
    order = list(lines)
    rows.sort(key=lambda row: order.index(row["supply"].factor_id) if row["line"] else len(order))
    if not ranking or not flow or not flow["supplies"]:
        return {"supplies": rows}
    days = [ranking.as_of + dt.timedelta(days=day) for day in flow["days"]]
    binding = ranking.proposal["id"] if ranking.proposal else None
    taking = [one for one in flow["successors"] if one["chance"] >= LEAST_TAKEOVER][:TAKEOVERS_SHOWN]
    following = taking[0]["factor"] if taking else None
    roles = {binding: "limits", following: "next"}
    curves = [
        SupplyCurve(name=one["name"], role=roles.get(one["factor"], ""), **one["allows"]) for one in flow["supplies"]
    ]
    words = chart_words()
    return {
        "supplies": rows,
        "supply_spec": supply_curves(
            title=program.name,
            days=days,
            supplies=curves,
            takeovers=[_takeover(one, ranking.as_of) for one in taking],
            target=program.output_target,
            deadline=program.deadline,
            unit=program.output_unit,
            words=words,
        ),
        "binds_spec": binding_chances(
            title=program.name,
            days=days,
            binds=[(one["name"], one["binds"]) for one in flow["supplies"] if max(one["binds"]) >= LEAST_BINDING],
            words=words,
        ),
        "takeovers": [_takeover(one, ranking.as_of) for one in flow["successors"]],
        "eras": [
            {
                "name": era["name"],
                "start": ranking.as_of + dt.timedelta(days=era["start"]),
                "end": ranking.as_of + dt.timedelta(days=era["end"]),
            }
            for era in flow["eras"]
        ],
    }


def _takeover(one: dict, as_of: dt.date) -> Takeover:
    return Takeover(one["name"], one["chance"], *(day_after(as_of, one[name]) for name in ("p10", "p50", "p90")))
