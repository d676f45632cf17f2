"""What the board reads: programs with their ranking and open limit, in a fixed number of queries."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import F, FilteredRelation, JSONField, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.template.loader import get_template
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from projects import kept
from projects.deadlines import HOPELESS
from projects.limiting import LimitingFactor, limiting_factor
from projects.models import Factor, Limit, Program, Ranking
from projects.models.querysets import ProgramQuerySet

STALE_AFTER = dt.timedelta(days=21)
REVIEW_DUE_AFTER = dt.timedelta(days=7)
LONGEST_SEARCH = 200  # characters: SQLite refuses patterns and conditions beyond a size


# What a row is drawn from, by the model that has it: read as plain columns, without the objects, and kept under them.
COLUMNS = {
    Program: ("", ("id", "name", "slug", "deadline", "odds_when_set", "decision_due_since")),
    Ranking: (
        "ranking",
        (
            *("id", "p10", "p50", "p_deadline", "p_last_acceptable", "newest_data", "finish_days"),
            *("proposal", "behind", "following", "reasons", "verdicts", "curve"),
            *("called", "led_reviews", "confidence", "declared"),
        ),
    ),
    Limit: ("open_limit", ("id", "state", "since", "factor_id")),
    Factor: ("open_limit__factor", ("id", "name")),
}


def for_board(programs: ProgramQuerySet) -> ProgramQuerySet:
    """Active programs in the order of the board, each with the limit that is open: first those that need a decision,
    then the worst."""
    return (
        programs.active()
        .annotate(open_limit=FilteredRelation("limits", condition=Q(limits__until__isnull=True)))
        .annotate(limit_name=F("open_limit__factor__name"), limit_since=F("open_limit__since"))
        .order_by(F("decision_due_since").asc(nulls_last=True), F("ranking__severity").desc(nulls_last=True), "name")
    )


def as_rows(programs: ProgramQuerySet) -> QuerySet:
    """The columns of `COLUMNS` as one tuple a program, JSON as its text: reading it waits until a row is drawn."""
    texts, names = {}, []
    for model, (path, columns) in COLUMNS.items():
        for column in columns:
            name = f"{path}__{column}" if path else column
            if isinstance(model._meta.get_field(column), JSONField):
                texts[f"{path}_{column}_text"] = Cast(name, TextField())
                name = f"{path}_{column}_text"
            names.append(name)
    return programs.annotate(**texts).values_list(*names)


def draw_rows(rows: Sequence[tuple]) -> SafeString:
    """Rows of the board; one is drawn again only where something in it changed."""
    whose = kept.reader()
    template = get_template("projects/_program_row.html")

    def draw(row: tuple) -> str:
        return template.render({"row": Row.of(row, today=whose[2])})

    drawn = kept.fragments.get_all([(("board row", row), partial(draw, row)) for row in rows], whose)
    return mark_safe("".join(drawn))  # noqa: S308  (drawn by the template)


def search(programs: ProgramQuerySet, words: str) -> ProgramQuerySet:
    for word in words[:LONGEST_SEARCH].split():
        programs = programs.filter(Q(name__icontains=word) | Q(outcome__icontains=word) | Q(limit_name__icontains=word))
    return programs


@dataclass(frozen=True)
class Row:
    """What a row is drawn from: a program, its ranking, its open limit, as far as `COLUMNS` go."""

    program: Program
    ranking: Ranking | None
    limit: Limit | None
    today: dt.date

    @classmethod
    def of(cls, row: tuple, *, today: dt.date) -> "Row":
        values = iter(row)
        made: dict[type[Model], Any] = {}
        for model, (_path, columns) in COLUMNS.items():
            fields = {column: _read(model, column, next(values)) for column in columns}
            made[model] = model(**fields) if fields["id"] is not None else None
        if made[Limit] and made[Factor]:
            made[Limit].factor = made[Factor]
        return cls(made[Program], made[Ranking], made[Limit], today)

    @cached_property
    def limiting(self) -> LimitingFactor:
        return limiting_factor(self.program, self.limit, self.ranking)

    @property
    def layers(self) -> list[dict]:
        """The parts of the declared factor that bind, the deepest last: id and name."""
        declared = self.ranking.declared if self.ranking and self.limit else {}
        return declared.get("layers", []) if self.limit and declared.get("limit") == self.limit.pk else []

    @property
    def stale(self) -> bool:
        return is_stale(self.ranking, self.today)

    @property
    def advice(self) -> str:
        if self.program.decision_due_since:
            return _("Decide: people, scope, path, or stop")
        return advice(self.limit, self.ranking, self.today, self.limiting.agrees)


def is_stale(ranking: Ranking | None, today: dt.date) -> bool:
    """Whether the newest data are more than three weeks old; where there are none, that is said instead."""
    return bool(ranking and ranking.newest_data and today - ranking.newest_data > STALE_AFTER)


def _read(model: type[Model], column: str, value: Any) -> Any:
    is_json = isinstance(model._meta.get_field(column), JSONField)
    return json.loads(value) if is_json and value is not None else value


def advice(limit: Limit | None, ranking, today: dt.date, agrees: bool | None) -> str:
    """The next thing to do about a program, in a few words; the first that holds."""
    if not ranking or not ranking.newest_data:
        return _("Log the first datapoints")
    if ranking.p_last_acceptable is not None and ranking.p_last_acceptable < HOPELESS:
        return _("On this path it fails: change people, scope or path")
    if limit is None or limit.state == Limit.State.UNKNOWN:
        return _("Name the limiting factor")
    if limit.factor and agrees is False:
        return _("Look again: the model names something else")
    if today - ranking.newest_data > REVIEW_DUE_AFTER:
        return _("Hold a review")
    if limit.factor:
        return _("Attack the limiting factor")
    return _("Leave it alone")
