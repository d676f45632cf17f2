"""Goals and programs that contradict themselves, or that nobody answers for."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.look.dates import day
from projects.look.numbers import number
from projects.models import Goal, Limit, Program, Seat, Team
from reviews.audit.rule import Found, Scope
from reviews.models import Datapoint, Review

MOMENT = dt.timedelta(hours=1)  # what is behind for less is on its way
NIGHTS = 2  # without a ranking: the nightly job did not run
OPEN_FOR = dt.timedelta(hours=24)  # no review lasts longer
UNDECLARED = dt.timedelta(days=14)  # how long a new program may look for what limits it


def goals(scope: Scope) -> QuerySet[Goal]:
    here = Q(team__program__in=scope.programs, archived_at=None, team__archived_at=None)
    return Goal.objects.filter(here).select_related("team")


def of_goal(goal: Goal, says: str) -> Found:
    return Found("goal", goal.pk, goal.team.program_id, says)


def of_program(program: Program, says: str) -> Found:
    return Found("program", program.pk, program.pk, says)


def deadline_before_start(scope: Scope) -> Iterator[Found]:
    for goal in goals(scope).filter(deadline__lte=F("start")):
        words = {"goal": goal.name, "deadline": day(goal.deadline, "long"), "start": day(goal.start, "long")}
        yield of_goal(goal, _("%(goal)s is due on %(deadline)s and starts on %(start)s.") % words)


def program_dates(scope: Scope) -> Iterator[Found]:
    wrong = Q(deadline__lte=F("start")) | Q(last_acceptable__lt=F("deadline")) | Q(last_acceptable__lte=F("start"))
    for program in scope.programs.filter(wrong):
        yield of_program(program, _("Start, deadline and last acceptable date are not in this order."))


def target_is_baseline(scope: Scope) -> Iterator[Found]:
    for goal in goals(scope).filter(target=F("baseline")):
        words = {"goal": goal.name, "value": number(goal.target, goal.unit)}
        yield of_goal(goal, _("%(goal)s goes from %(value)s to %(value)s: there is nothing to do.") % words)


def goals_without_owner(scope: Scope) -> Iterator[Found]:
    """One finding a team: with somebody on it, all its goals have an owner again."""
    today = scope.today()
    seated = Seat.objects.filter(Q(left=None) | Q(left__gt=today), team=OuterRef("pk"))
    open_goals = Count("goals", filter=Q(goals__archived_at=None) & ~Q(goals__outlook__verdict="done"))
    teams = Team.objects.filter(program__in=scope.programs, archived_at=None).filter(~Exists(seated))
    for team in teams.annotate(open_goals=open_goals).filter(open_goals__gt=0):
        words = {"team": team.name, "n": team.open_goals}
        says = ngettext(
            "Nobody sits on %(team)s, which has %(n)s goal to reach.",
            "Nobody sits on %(team)s, which has %(n)s goals to reach.",
            team.open_goals,
        )
        yield Found("team", team.pk, team.program_id, says % words)


def program_without_owner(scope: Scope) -> Iterator[Found]:
    for program in scope.programs.filter(Q(owner=None) | Q(owner__is_active=False)).select_related("owner"):
        if program.owner:
            yield of_program(program, _("Its owner can no longer sign in."))
        else:
            yield of_program(program, _("It has no owner: nobody answers for it."))


def program_without_factor(scope: Scope) -> Iterator[Found]:
    """Two weeks on, nobody has said what limits it; "none: it converges" is an answer."""
    named = Limit.objects.filter(program=OuterRef("pk"), until=None).exclude(state=Limit.State.UNKNOWN)
    since = scope.today() - UNDECLARED
    for program in scope.programs.filter(~Exists(named), start__lte=since):
        words = {"day": day(program.start, "long")}
        yield of_program(program, _("It began on %(day)s, and no limiting factor is declared.") % words)


def forecast_behind(scope: Scope) -> Iterator[Found]:
    """The forecast rests on older data than there are: what it says may no longer be so."""
    recorded = Datapoint.objects.filter(goal=OuterRef("pk"), recorded_at__lt=scope.now - MOMENT)
    behind = Q(outlook__basis__lt=F("data_version"), outlook__computed_at__lt=scope.now - MOMENT)
    for goal in goals(scope).filter(behind | Q(Exists(recorded), outlook=None)):
        yield of_goal(goal, _("The forecast of %(goal)s is older than its data.") % {"goal": goal.name})


def ranking_old(scope: Scope) -> Iterator[Found]:
    long_ago = scope.today() - dt.timedelta(days=NIGHTS)
    for program in scope.programs.filter(ranking__as_of__lt=long_ago).select_related("ranking"):
        words = {"day": day(program.ranking.as_of, "long")}
        yield of_program(
            program, _("What limits it was last computed on %(day)s: the nightly job did not run.") % words
        )


def review_left_open(scope: Scope) -> Iterator[Found]:
    open_reviews = Review.objects.filter(program__in=scope.programs, state=Review.State.LIVE)
    for review in open_reviews.filter(opened_at__lt=scope.now - OPEN_FOR):
        words = {"day": day(review.opened_at, "long")}
        says = _("The review that was opened on %(day)s is still open: what comes in counts as live.")
        yield Found("review", review.pk, review.program_id, says % words)
