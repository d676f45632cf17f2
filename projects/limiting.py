"""What limits a program, declared and proposed, as one value: the board, mail, the API and the command read it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from projects.models import Factor, Layer, Limit, Program, Ranking
from projects.models.querysets import ProgramQuerySet


@dataclass(frozen=True)
class LimitingFactor:
    """Days are days of the program's P50. None is unknown, and never 0.

    declared: the open limit in words. path: its factor and the layers below it, the deepest last.
    proposal: what the model says now. called: what it has said for two reviews, and so what the board calls out.
    agrees: whether what is declared is what is called out, or gates it; None where one of the two is missing.
    relief_days, confidence: of the proposal. declared_relief_days, urgency: of the deepest declared layer that gates
    goals; urgency is days of the P50 gained per day that it falls earlier (M19).
    unknown: why nothing is proposed.
    """

    program: str
    slug: str
    state: str
    declared: str
    path: tuple[str, ...]
    since: dt.date | None
    proposal: str | None
    behind: str | None
    relief_days: float | None
    confidence: str | None
    called: str | None
    led_reviews: int
    agrees: bool | None
    declared_relief_days: float | None
    urgency: float | None
    next: str | None
    unknown: str | None


def with_limits(programs: ProgramQuerySet) -> ProgramQuerySet:
    """Programs with their ranking and, as `open_limits`, their open limit; two queries, however many programs."""
    limits = Limit.objects.filter(until__isnull=True).select_related("factor")
    return programs.select_related("ranking").prefetch_related(Prefetch("limits", limits, to_attr="open_limits"))


def read_limiting_factors(programs: ProgramQuerySet) -> list[LimitingFactor]:
    """Of many programs, in two queries."""
    return [
        limiting_factor(program, next(iter(program.open_limits), None), getattr(program, "ranking", None))
        for program in with_limits(programs)
    ]


def limiting_factor(program: Program, limit: Limit | None, ranking: Ranking | None) -> LimitingFactor:
    """Of a program with its open limit and its ranking, as they are stored; no query."""
    stored = ranking.declared if ranking and limit and ranking.declared.get("limit") == limit.pk else {}
    line = stored.get("line")
    proposal, behind, called, following = (
        (ranking.proposal, ranking.behind, ranking.called, ranking.following) if ranking else (None,) * 4
    )
    layers = [layer["name"] for layer in stored.get("layers", ())]
    return LimitingFactor(
        program=program.name,
        slug=program.slug,
        state=str(limit.state if limit else Limit.State.UNKNOWN),
        declared=limit.label if limit else str(Limit.State.UNKNOWN.label),
        path=(limit.factor.name, *layers) if limit and limit.factor else (),
        since=limit.since if limit and limit.state != Limit.State.UNKNOWN else None,
        proposal=proposal["name"] if proposal else None,
        behind=behind["name"] if behind else None,
        relief_days=proposal["relief_days"] if proposal else None,
        confidence=(ranking.confidence or None) if ranking else None,
        called=called["name"] if called else None,
        led_reviews=ranking.led_reviews if ranking else 0,
        agrees=stored.get("agrees"),
        declared_relief_days=line["relief_days"] if line else None,
        urgency=line["urgency"] if line else None,
        next=following["name"] if following else None,
        unknown=None if proposal else why_unknown(ranking),
    )


def why_unknown(ranking: Ranking | None) -> str:
    """Why the model proposes nothing."""
    if ranking is None:
        return _("It has not been ranked yet.")
    return ranking.reasons[0] if ranking.reasons else _("No goal has a forecast yet.")


# ---- what is declared beside what the model says ---------------------------------------------------------------------


def layers_of(limit: Limit | None) -> list[Layer]:
    """What binds further down, the deepest last; one query where a factor is declared."""
    if limit is None or limit.factor_id is None:
        return []
    return list(limit.layers.filter(until__isnull=True).select_related("factor"))


def of_limit(limit: Limit | None, layers: Sequence[Layer], lines: Sequence[dict], called: dict | None) -> dict:
    """What is stored with a ranking of the limit that was open then: its layers, the line of the deepest of them that
    the model knows, and whether what is called out is among them."""
    if limit is None:
        return {}
    path = path_of(limit, layers)
    known = (line for factor in reversed(path) for line in lines if is_line_of(line, factor))
    return {
        "limit": limit.pk,
        "layers": [{"id": layer.factor_id, "name": layer.factor.name} for layer in layers],
        "line": next(known, None),
        "agrees": matches(path, called),
    }


def path_of(limit: Limit | None, layers: Sequence[Layer]) -> list[Factor]:
    return [limit.factor, *(layer.factor for layer in layers)] if limit and limit.factor else []


def is_line_of(line: dict, factor: Factor) -> bool:
    """Whether a line of the ranking is of this factor, or of a goal of its name."""
    return (line["kind"] == "factor" and line["id"] == factor.pk) or line["name"].lower() == factor.name.lower()


def matches(path: Sequence[Factor], line: dict | None) -> bool | None:
    """Whether one of the declared factors is what `line` names, or gates that goal; None where either is missing."""
    if not path or line is None:
        return None
    return any(is_line_of(line, factor) or factor.pk in line["gated_by"] for factor in path)
