"""projects/checks.py: the demo's public password never meets the public."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from projects.checks import demo_accounts, refuse_demo_in_production

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def production(db, settings):
    settings.PRODUCTION = True


@pytest.fixture
def manager(db, django_user_model):
    return django_user_model.objects.create_user("manager", password="demo")


def test_with_the_demo_production_does_not_start(production, manager):
    with pytest.raises(ImproperlyConfigured, match=r"demo.s accounts.*: manager"):
        refuse_demo_in_production()


def test_without_production_the_demo_may_run(manager):
    refuse_demo_in_production()
    assert demo_accounts() == ["manager"]


@pytest.mark.parametrize("change", [{"password": "own-6fJ2"}, {"is_active": False}, {"username": "someone"}])
def test_an_account_that_cannot_sign_in_so_is_no_reason(production, django_user_model, change):
    django_user_model.objects.create_user(**{"username": "viewer", "password": "demo", **change})
    refuse_demo_in_production()


def test_comparing_passwords_writes_nothing(manager, django_assert_num_queries):
    with django_assert_num_queries(2):  # whether there is a table, and the users
        demo_accounts()


def test_the_deployment_check_tells_of_it(production, manager):
    with pytest.raises(SystemCheckError, match=r"limiting_factor\.E001"):
        call_command("check", databases=["default"])


def test_a_database_without_tables_is_no_reason(production, monkeypatch):
    monkeypatch.setattr(connections["default"].introspection, "table_names", list)
    refuse_demo_in_production()


PREPARE = """
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
User.objects.create_user("viewer", password="demo")
"""


@pytest.fixture(scope="module")
def public(tmp_path_factory, clean_environment) -> dict[str, str]:
    """The environment of a public server whose database has a demo account."""
    data = tmp_path_factory.mktemp("public")
    environment = {**clean_environment, "DATA_DIR": str(data)}
    subprocess.run([sys.executable, "manage.py", "shell", "-c", PREPARE], cwd=ROOT, env=environment, check=True)
    return {
        **environment,
        "PRODUCTION": "1",
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": "example.org",
        "DATABASE_URL": f"sqlite:///{data / 'limiting_factor.sqlite3'}",
        "BROKER_URL": "filesystem://localhost",
    }


@pytest.mark.parametrize(
    "command",
    [
        ["-c", "import config.wsgi"],
        ["-m", "celery", "--app", "config", "worker", "--pool", "solo"],
        ["-m", "celery", "--app", "config", "beat", "--pidfile="],
    ],
    ids=["web", "worker", "beat"],
)
def test_every_process_that_serves_refuses(command, public):
    refused = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=public, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "PRODUCTION=1 does not start with them" in refused.stderr
