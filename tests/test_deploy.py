"""What deploy/ says is what the code and docs/running.md say; the tools that read such files take them."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.test_configuration import READ

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
RUNNING = (ROOT / "docs/running.md").read_text()
# Of compose alone: the password of its own PostgreSQL.
OTHERS = {"POSTGRES_PASSWORD"}


def commands(name: str) -> dict[str, list[str]]:
    """How `name` (web, worker, beat) is started: by systemd, by compose, and by the document."""
    unit = (DEPLOY / f"systemd/limiting-factor-{name}.service").read_text()
    started = shlex.split(re.search(r"^ExecStart=\S+python (.*)$", unit, re.MULTILINE)[1])
    if name == "web":
        said = re.search(r"^CMD (\[.*\])$", (DEPLOY / "Dockerfile").read_text().replace("\\\n", ""), re.MULTILINE)[1]
        in_compose = [word for word in yaml.safe_load(said)[1:] if word != "0.0.0.0"]
        return {"systemd": [word for word in started if word != "127.0.0.1"], "compose": in_compose}
    return {"systemd": started, "compose": shlex.split(COMPOSE["services"][name]["command"])[1:]}


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_every_way_starts_the_same(name):
    ways = commands(name)
    assert ways["systemd"] == ways["compose"]


def test_each_process_has_a_unit_and_a_service():
    assert {"web", "worker", "beat", "postgres", "redis", "prepare"} == set(COMPOSE["services"])
    assert {path.name for path in UNITS} == {
        *(f"limiting-factor-{name}.service" for name in ("web", "worker", "beat", "backup")),
        "limiting-factor-backup.timer",
    }


def test_there_is_one_beat():
    assert COMPOSE["services"]["beat"]["deploy"]["replicas"] == 1


def test_nothing_but_the_web_server_listens_and_only_on_this_machine():
    ports = {name: service.get("ports", []) for name, service in COMPOSE["services"].items()}
    assert ports.pop("web") == ["127.0.0.1:8000:8000"]
    assert not any(ports.values())


def test_the_example_names_variables_that_are_read():
    named = set(re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.MULTILINE))
    given = set(COMPOSE["x-app"]["environment"])
    assert named | given <= READ | OTHERS
    assert {"PRODUCTION", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "BROKER_URL"} <= named | given


def test_redis_throws_no_message_away():
    assert "noeviction" in COMPOSE["services"]["redis"]["command"]


def test_systemd_takes_the_units(tmp_path):
    tool = shutil.which("systemd-analyze")
    if not tool:
        pytest.skip("No systemd-analyze. To fix: apt-get install systemd")
    for unit in UNITS:  # of programs and accounts that are there
        text = re.sub(r"/opt/limiting-factor/\S*python", "/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text.replace("User=factor", "User=root"))
    done = subprocess.run(
        [tool, "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "limiting-factor" in line]
    assert (done.returncode, said) == (0, [])


def test_the_document_names_each_file():
    for path in (*UNITS, DEPLOY / "compose.yaml", DEPLOY / "env.example", DEPLOY / "nginx.conf"):
        assert path.name in RUNNING or path.stem in RUNNING, path
