"""What a rule of the audit is: a name, a question of one query, and words."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from projects.models.querysets import ProgramQuerySet


@dataclass(frozen=True)
class Scope:
    """Where is looked, and when: programs that are not archived."""

    programs: ProgramQuerySet
    now: dt.datetime

    def today(self, zone: str = "UTC") -> dt.date:
        return self.now.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class Found:
    """One thing that a rule found: about which row, of which program (None: a shared factor), and what, in a sentence.

    points: datapoints that would have to leave the fit, where it is about values.
    """

    subject: str
    subject_id: int
    program_id: int | None
    says: str
    points: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rule:
    """name: the key, which findings keep. title: what is wrong. to_do: how it is put right. deep: at night only."""

    name: str
    title: str | Promise
    to_do: str | Promise
    find: Callable[[Scope], Iterable[Found]]
    deep: bool = False
