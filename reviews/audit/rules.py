"""Every rule of the audit, in the order in which the page shows them."""

from django.utils.translation import gettext_lazy as _

from reviews.audit import chain, facts, plans, shares, values
from reviews.audit.rule import Rule

CORRECT = _("Correct the value on its goal's page, or put it in quarantine until it is known what was so.")

RULES: tuple[Rule, ...] = (
    Rule("beyond_bound", _("Beyond what is possible"), CORRECT, values.beyond_bound),
    Rule("in_future", _("Observed in the future"), CORRECT, values.in_future),
    Rule("falling", _("Fell, though it only ever grows"), CORRECT, values.falling),
    Rule(
        "same_odd_value",
        _("The same odd value, five weeks running"),
        _("Ask in the next review. Where nothing moved, “nothing new” says so; what was typed again is withdrawn."),
        values.same_odd_value,
    ),
    Rule(
        "reporter_off_team",
        _("Reported by somebody who is not on the team"),
        _("Give them a seat from the day they joined, ask them as a guest, or correct who said it."),
        values.reporter_off_team,
    ),
    Rule(
        "deadline_before_start",
        _("Due before it starts"),
        _("Change the deadline, or the start, on the goal's page."),
        plans.deadline_before_start,
    ),
    Rule("program_dates", _("Dates of a program out of order"), _("Edit the program's dates."), plans.program_dates),
    Rule(
        "target_is_baseline",
        _("Nothing between baseline and target"),
        _("Change the target, or archive the goal."),
        plans.target_is_baseline,
    ),
    Rule(
        "goals_without_owner", _("Goals without an owner"), _("Add an engineer to the team."), plans.goals_without_owner
    ),
    Rule("program_without_owner", _("Program without an owner"), _("Name an owner."), plans.program_without_owner),
    Rule(
        "program_without_factor",
        _("Nobody has said what limits it"),
        _("Declare the limiting factor, or that there is none."),
        plans.program_without_factor,
    ),
    Rule("stale_facts", _("Facts that have aged"), _("Look them up again, and date them."), facts.stale_facts),
    Rule(
        "unchallenged",
        _("Unchallenged for two weeks"),
        _("Argue against it, on the factor's page."),
        facts.unchallenged,
    ),
    Rule("late_share", _("Mostly logged late"), _("Log in the review, while it is said."), shares.late_share),
    Rule(
        "unknown_share",
        _("Mostly unknown"),
        _("Three values on different days make a verdict: ask for them, or archive what nobody works on."),
        shares.unknown_share,
    ),
    Rule(
        "forecast_behind",
        _("Forecast older than its data"),
        _("It is made again within minutes: if it stays, see that the worker runs."),
        plans.forecast_behind,
    ),
    Rule("ranking_old", _("Not computed for two nights"), _("See that worker and beat run."), plans.ranking_old),
    Rule("review_left_open", _("Review left open"), _("Close it, and say who was not heard."), plans.review_left_open),
    Rule(
        "history_broken",
        _("History changed in the database"),
        _("Find out who may write to the database. See docs/history.md."),
        chain.history_broken,
        deep=True,
    ),
)
BY_NAME = {rule.name: rule for rule in RULES}
