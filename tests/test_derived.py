"""What can be computed again does not wait for the disk, and what a person entered does; what was cut off is found."""

import pytest
from django.db import connection, transaction

from projects.derived import derived
from projects.models import Outlook, Program, Ranking
from reviews.services.forecasting import behind, refit_program
from tests import factories as make


def safety() -> str:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
        return {"1": "fast", "off": "fast", "2": "safe", "on": "safe"}[str(cursor.fetchone()[0])]


@pytest.mark.django_db(transaction=True)
def test_only_inside_does_it_not_wait_for_the_disk():
    assert safety() == "safe"
    with derived():
        assert safety() == "fast"
        make.make_program("Kept")
    assert safety() == "safe"
    assert Program.objects.filter(name="Kept").exists()


@derived()
def write_and_fail():
    make.make_program("Lost")
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_a_failure_undoes_it_and_the_next_write_is_safe_again():
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert safety() == "safe"
    assert not Program.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_of_a_person_it_waits_with_it():
    with transaction.atomic(), derived():
        assert safety() == "safe"


@pytest.mark.django_db
def test_a_ranking_older_than_a_forecast_is_found_and_made_again():
    program = make.make_world("Alpha")
    assert not behind().exists()
    Ranking.objects.update(computed_at=Outlook.objects.first().computed_at - make.dt.timedelta(seconds=1))
    assert list(behind()) == [program]
    refit_program(program)
    assert not behind().exists()
