"""A file from the page to the board in a real browser: wrong first, then mended, brought in, and undone."""

import datetime as dt
import threading
from contextlib import contextmanager

import pytest
from django.db import connections
from playwright.sync_api import expect

from projects.models import Goal, Program
from reviews.models import Datapoint, Upload
from reviews.services.uploads import work_on
from tests import factories as make
from tests.browser.test_accessibility import AXE, FOUND


@pytest.fixture
def manager(live_server):
    return make.make_user("ada", may_create=True)


@contextmanager
def a_worker():
    """What a worker does, in this process: whatever waits for a job gets one."""
    stop = threading.Event()

    def work():
        try:
            while not stop.wait(0.2):
                for pk in Upload.objects.running().values_list("pk", flat=True):
                    work_on(pk)
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def file_of(*, wrong: bool = False) -> dict:
    """What a German spreadsheet saves; `wrong` has a word for a value and a day of 2165."""
    lines = ["Mannschaft;Kennzahl;Datum;Wert;Soll"]
    for k in range(12):
        day = dt.date.today() - dt.timedelta(weeks=11 - k)  # noqa: DTZ011
        lines.append(f"Turbopumpe;Schub;{day:%d.%m.%Y};{k * 4},5;100")
    if wrong:
        lines[3] = lines[3].replace("8,5", "viel")
        lines[5] = "Turbopumpe;Schub;01.01.2165;1,5;100"
    return {"name": "werte.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}


def axe(page) -> list[str]:
    """What axe-core finds on the page as it stands."""
    page.evaluate(AXE)
    return page.evaluate(FOUND)


def test_a_new_program_from_a_file_wrong_first(page, manager, sign_in):
    sign_in(manager)
    page.goto("/programs/new/")
    page.get_by_role("link", name="From a file").click()
    page.get_by_label("Name of the program").fill("Triebwerk")
    page.get_by_label("CSV or Excel file").set_input_files(file_of(wrong=True))
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_text("CSV in UTF-8, semicolons between the cells")).to_be_visible()
    expect(page.get_by_label("Value", exact=True)).to_have_value("Wert")
    expect(page.get_by_label("Team", exact=True)).to_have_value("Mannschaft")
    expect(page.get_by_label("a comma: 1234,5")).to_be_checked()
    with a_worker():
        page.get_by_role("button", name="Check every row").click()
        expect(page.get_by_text("2 things are wrong with this file. Nothing was changed.")).to_be_visible()
    assert axe(page) == []
    row = page.get_by_role("row").filter(has_text="viel")
    expect(row).to_contain_text("4")
    expect(row).to_contain_text("Wert")
    expect(page.get_by_role("row").filter(has_text="01.01.2165")).to_contain_text("between 1970 and 2100")
    with page.expect_download() as download:
        page.get_by_role("link", name="As CSV").click()
    assert "4,Wert,viel," in download.value.path().read_text("utf-8-sig")
    assert not Program.objects.exists()

    page.get_by_role("link", name="Upload another file").click()
    page.get_by_label("Name of the program").fill("Triebwerk")
    page.get_by_label("CSV or Excel file").set_input_files(file_of())
    page.get_by_role("button", name="Upload").click()
    with a_worker():
        page.get_by_role("button", name="Check every row").click()
        expect(page.get_by_role("button", name="Bring in 12 datapoints")).to_be_visible()
        expect(page.get_by_role("row").filter(has_text="Schub")).to_contain_text("Turbopumpe · new goal")
        assert axe(page) == []
        page.get_by_role("button", name="Bring in 12 datapoints").click()
        expect(page.get_by_text("A memo is needed")).to_be_visible()
        page.get_by_label("Memo").fill("From the spreadsheet of the team")
        page.get_by_role("button", name="Bring in 12 datapoints").click()
        expect(page.get_by_text("Brought in: 12 datapoints, 1 new goals.")).to_be_visible()
    goal = Goal.objects.get()
    assert (goal.team.program.name, goal.team.name, goal.name) == ("Triebwerk", "Turbopumpe", "Schub")

    assert axe(page) == []
    page.get_by_role("link", name="What it made, and undo").click()
    page.get_by_label("Memo").fill("It was last year's file")
    page.get_by_role("button", name="Undo the import").click()
    page.get_by_role("button", name="Undo it").click()
    expect(page.get_by_text("Out of force: 12 datapoints")).to_be_visible()
    assert axe(page) == []
    assert not Datapoint.objects.in_force().exists()


def test_progress_survives_a_reload_and_a_cancel_ends_it(page, manager, sign_in):
    """No worker runs: the page says what it waits for, before and after it is opened again."""
    program = make.make_program("Engines", by=manager)
    sign_in(manager)
    page.goto(f"/programs/{program.slug}/")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("CSV or Excel file").set_input_files(file_of())
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Check every row").click()
    status = page.locator(".upload-status")
    expect(status).to_contain_text("Waiting for a worker")
    Upload.objects.update(step="reading", done=7000, told_at=dt.datetime.now(dt.UTC))
    expect(status).to_contain_text("Reading the file")
    expect(status).to_contain_text("7,000 rows")
    assert axe(page) == []
    page.reload()
    expect(status).to_contain_text("7,000 rows")
    page.get_by_role("button", name="Cancel the import").click()
    page.get_by_role("button", name="Give up").click()
    expect(page.get_by_text("werte.csv was given up: nothing of it was brought in.")).to_be_visible()
    assert not Goal.objects.exists()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_it_works_without_scripts_too(page, manager, sign_in):
    program = make.make_program("Engines", by=manager)
    sign_in(manager)
    page.goto(f"/programs/{program.slug}/imports/")
    page.get_by_label("CSV or Excel file").set_input_files(file_of())
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Check every row").click()
    work_on(Upload.objects.get().pk)
    page.get_by_role("link", name="How far is it now?").click()
    page.get_by_label("Memo").fill("From the spreadsheet of the team")
    page.get_by_role("button", name="Bring in 12 datapoints").click()
    work_on(Upload.objects.get().pk)
    page.get_by_role("link", name="How far is it now?").click()
    expect(page.get_by_text("Brought in: 12 datapoints")).to_be_visible()
