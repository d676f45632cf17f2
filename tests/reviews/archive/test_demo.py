"""The demo's real programs, out of one database and into an empty one."""

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from projects.models import Event, Goal, Outlook, Program, Ranking
from projects.services.ranking import rank_program
from reviews.models import Datapoint
from reviews.services.forecasting import refit_program
from tests.reviews.archive.build import empty_the_database, export, take_in, unpack

pytestmark = pytest.mark.django_db


@pytest.fixture
def programs():
    call_command("load_demo", verbosity=0)
    return list(Program.objects.all())


def state(program: Program) -> dict:
    """What people see of it, by name."""
    ranking = Ranking.objects.get(program=program)
    outlooks = Outlook.objects.filter(goal__team__program=program).select_related("goal__team")
    return {
        "verdicts": sorted((o.goal.team.name, o.goal.name, o.verdict, o.p50, o.p_deadline) for o in outlooks),
        "ranking": [(line["kind"], line["name"], line["relief_days"]) for line in ranking.lines],
        "finish": (ranking.p50, ranking.p_deadline, ranking.p_never, ranking.verdicts, ranking.finish_days),
        "limits": [(str(one), one.since, one.until, one.memo) for one in program.limits.all()],
        "history": [(e.verb, e.subject, e.subject_name, e.at) for e in program.events.exclude(verb="brought in")],
        "points": Datapoint.objects.filter(goal__team__program=program).count(),
    }


def test_each_comes_back_as_the_same_program(programs):
    archives = {program.name: export(program) for program in programs}
    before = {program.name: state(program) for program in programs}
    empty_the_database()
    assert not Goal.objects.exists()
    for name, archive in reversed(archives.items()):  # in another order, so that ids differ
        program = take_in(archive)
        assert program.name == name
        assert state(program) == before[name]
        assert unpack(export(program)) == unpack(archive)
        assert export(program) == archive


def test_forecast_again_it_has_the_same_verdicts_and_ranks_alike(programs):
    """Draws are seeded by ids, which are others here: a chance may differ by a few hundredths."""
    archives = [export(program) for program in programs]
    before = {program.name: state(program) for program in programs}
    empty_the_database()
    take_in(archives[0])
    for archive in archives[1:]:
        program = take_in(archive)
        outlook = Outlook.objects.filter(goal__team__program=program).first()
        refit_program(program, outlook.as_of)
        rank_program(program, outlook.as_of)
        after, first = state(program), before[program.name]
        assert after["verdicts"] == first["verdicts"]
        assert {line[:2] for line in after["ranking"]} == {line[:2] for line in first["ranking"]}
        assert after["finish"][1:3] == pytest.approx(first["finish"][1:3], abs=0.06)


def test_without_the_accounts_names_are_kept_and_nobody_can_sign_in(programs):
    program = programs[0]
    archive = export(program)
    empty_the_database()
    User.objects.all().delete()
    there = take_in(archive)
    assert not User.objects.exists()
    assert there.owner is None
    assert export(there) == archive
    assert Event.objects.get(verb="brought in").changes == {"accounts that are not here": [None, 2]}
