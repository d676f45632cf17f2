"""/metrics: what Prometheus reads, with the token and not without; counted across the web server's processes."""

import re
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException

import pytest

from reviews.metrics import as_text
from tests import factories as make
from tests.bulk.conftest import database_url, web_server
from tests.processes import wait_until

TOKEN = "metrics"


@pytest.mark.django_db
def test_without_a_token_in_the_settings_there_is_no_page(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
def test_what_the_database_knows(tmp_path, settings):
    settings.METRICS_FOLDER = tmp_path
    for state in ("done", "failed", "failed"):
        make.make_job_run(state=state)
    text = as_text()[0].decode()
    assert 'limiting_factor_job_runs{state="failed",task="reviews.tasks.take_up_uploads"} 2.0' in text
    assert "limiting_factor_jobs_failed 2.0" in text
    assert 'limiting_factor_up{part="database"} 1.0' in text
    assert 'limiting_factor_up{part="beat"} 0.0' in text


@pytest.mark.slow
def test_requests_are_counted_across_processes_and_a_killed_one_loses_none(
    transactional_db, tmp_path, clean_environment
):
    environment = clean_environment | {"METRICS_TOKEN": TOKEN}
    with web_server(tmp_path, environment, database_url()) as server:
        address = f"http://127.0.0.1:{server.port}"

        def ask(path: str, token: str = "") -> bytes:
            request = urllib.request.Request(address + path, headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read()

        def counted() -> int:
            text = ask("/metrics", TOKEN).decode()
            return int(float(re.search(r'answers_total\{route="signed_in",status="302"\} (\S+)', text)[1]))

        def sign_in_asked(_):
            opener = urllib.request.build_opener(NoRedirect)
            with pytest.raises(urllib.error.HTTPError):
                opener.open(address + "/reviews/signed-in/", timeout=30)

        with pytest.raises(urllib.error.HTTPError, match="401"):
            ask("/metrics", "wrong")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(sign_in_asked, range(40)))
        assert counted() == 40
        server.kill_a_worker()
        wait_until(server.answers, seconds=60, what="another worker")
        wait_until(lambda: quietly(counted) == 40, seconds=60, what="what the killed worker counted is still there")


def quietly(ask):
    """None where the server does not answer yet."""
    try:
        return ask()
    except (OSError, HTTPException):
        return None


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
