"""A manager without a browser: logs as the page's scripts do, again with the same key until there is an answer."""

import http.client
import json
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from projects.models import Goal
from reviews.models import Review

TOKEN = "a" * 32
NO_ANSWER = (OSError, http.client.HTTPException, ValueError)  # cut, reset, refused, too late, half an answer


class Gone(Exception):
    """No answer however often it was sent."""


@dataclass
class Manager:
    owner: int
    cookies: str
    targets: list  # [goal, engineer]
    url: str
    changes: str
    port: int
    patience: float = 10.0  # seconds for one answer
    seconds: list[float] = field(default_factory=list)  # of each acknowledged save, the last try only
    tries: int = 0

    @classmethod
    def of(cls, review: Review, user: User, port: int) -> "Manager":
        client = Client()
        client.force_login(user)
        cookies = f"sessionid={client.cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={TOKEN}"
        goals = Goal.objects.active().filter(team__program=review.program)
        engineers = {turn.team_id: turn.engineer_id for turn in review.turns.all()}
        targets = [[goal.pk, engineers[goal.team_id]] for goal in goals]
        url, changes = (reverse(name, args=[review.pk]) for name in ("review_log", "review_changes"))
        return cls(user.pk, cookies, targets, url, changes, port)

    def entry(self, n: int, **changed) -> dict:
        goal, engineer = self.targets[n % len(self.targets)]
        key = uuid.uuid4()
        data = {"uuid": str(key), "goal": goal, "engineer": engineer, "value": 60 + n % 30, "level": "doer"}
        return data | {"memo": f"Entry {key.hex}", "blocker": "", "age": "0", "owner": self.owner} | changed

    def send(self, method: str, path: str, body: str = "") -> tuple[int, dict]:
        """One try: status and JSON, or one of NO_ANSWER."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        headers = {"Cookie": self.cookies, "Accept": "application/json", "X-CSRFToken": TOKEN}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            is_json = answer.headers.get("Content-Type", "").startswith("application/json")
            return answer.status, json.loads(text) if is_json else {}
        finally:
            connection.close()

    def log(self, entry: dict, most: int = 60) -> int:
        """Send until there is an answer; its status."""
        for attempt in range(most):
            began = time.perf_counter()
            self.tries += 1
            try:
                status, _answer = self.send("POST", self.url, urlencode(entry))
            except NO_ANSWER:
                status = 599
            if status < 500:
                self.seconds.append(time.perf_counter() - began)
                return status
            time.sleep(min(0.05 * 2**attempt, 1))
        raise Gone(entry["uuid"])

    def follow(self, cursor: str) -> tuple[str, list[str]]:
        """The next cursor, and the keys of the rows that are new."""
        for _ in range(60):
            try:
                status, answer = self.send("GET", f"{self.changes}?after={cursor}")
            except NO_ANSWER:
                continue
            if status == 200:
                return answer["cursor"], [row["uuid"] for row in answer["rows"]]
        raise Gone(cursor)
