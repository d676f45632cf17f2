"""A live review in a real Chromium: a program, its engineers with a goal each, a manager in the room."""

import datetime as dt
import time
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from projects.models import Goal, Program, Role
from projects.time import WEEK
from reviews.models import Datapoint, Review
from tests import factories as make

NAMES = ("Ada", "Bo", "Cem")


@dataclass
class Room:
    """The review, and the page of the manager who logs it."""

    review: Review
    manager: User
    page: Page
    entered_at: float = 0.0

    def enter(self, line: str) -> None:
        """One line and Enter; what stops them is answered by Enter where it is asked."""
        self.say(line)
        if self.page.evaluate("document.activeElement.id") == "stop":
            self.page.wait_for_timeout(260)  # a second Enter at once is taken for a double press
            self.page.keyboard.press("Enter")

    def say(self, line: str) -> None:
        self.page.locator("#line").fill(line)
        # A second Enter at once is taken for a double press: nobody types a line as fast as a fast server saves one.
        self.page.wait_for_timeout(max(0.0, self.entered_at + 0.26 - time.monotonic()) * 1000)
        self.page.locator("#line").press("Enter")
        self.entered_at = time.monotonic()

    def in_focus(self, name: str) -> None:
        self.page.locator(".roster").get_by_role("link", name=name).click()
        expect(self.page.locator("#room-name")).to_have_text(name)

    def saved(self, rows: int) -> None:
        """All that was said is in the list, and nothing waits."""
        expect(self.page.locator("#entries tr")).to_have_count(rows, timeout=20_000)
        expect(self.page.locator("#queue-state")).to_have_text("All saved", timeout=20_000)

    @property
    def points(self) -> list[Datapoint]:
        return list(Datapoint.objects.filter(review=self.review).order_by("pk"))


def open_room(page: Page, review: Review) -> None:
    page.goto(review.get_absolute_url())
    expect(page.locator("#line")).to_be_focused()


@pytest.fixture
def program(live_server) -> Program:
    made = make.make_program("Engines")
    team = make.make_team(made, "Blades")
    for name in NAMES:
        engineer = make.make_engineer(team, name)
        goal = make.make_goal(team, f"Vanes of {name}", values=())
        make.make_point(goal, 40.0, engineer=engineer, observed_on=make.today() - WEEK)
    make.refit_program(made)
    return made


@pytest.fixture
def manager(program) -> User:
    return make.join(program, Role.MANAGER, make.make_user("manager"))


@pytest.fixture
def review(program, manager) -> Review:
    opened = make.open_review(program, manager)
    Review.objects.filter(pk=opened.pk).update(opened_at=timezone.now() - dt.timedelta(hours=1))
    opened.refresh_from_db()
    return opened


@pytest.fixture
def room(page, review, manager, sign_in) -> Room:
    sign_in(manager)
    open_room(page, review)
    return Room(review, manager, page)


def goal_of(name: str) -> Goal:
    return Goal.objects.get(name=f"Vanes of {name}")
