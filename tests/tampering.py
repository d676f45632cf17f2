"""What somebody with a database client may do to the history."""

import datetime as dt
import random

from django.db import connection
from django.db.models import Max

from projects.models import Event, Program, Seal
from projects.services.changes import record_event
from projects.services.sealing import seal_events
from tests import factories as make

EDITS = {
    "verb": lambda chance: chance.choice(["removed", "joined", "said so"]),
    "memo": lambda chance: f"It was always so, {chance.random()}.",
    "subject_name": lambda chance: f"Walls {chance.random()}",
    "subject": lambda chance: f"wall {chance.random()}",
    "subject_id": lambda chance: chance.randrange(10**6, 10**7),
    "changes": lambda chance: {"value": [chance.random(), chance.random()]},
    "at": lambda chance: make_moment() - dt.timedelta(days=chance.uniform(1, 500)),
    "program_id": lambda chance: None,
}
KINDS = [
    *(f"edit {name}" for name in EDITS),
    "delete an event",
    "delete an event and its seal",
    "delete a seal",
    "insert an event",
    "insert a seal",
    "swap two events",
    "swap two seals",
    "renumber",
]


def make_moment() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def an_old_history(events: int) -> Program:
    """A program with one event each two hours up to now, sealed."""
    program = make.make_program()
    for n in range(events):
        record_event(by=None, verb="said", subject=program, program=program, changes={"n": [n, n + 1]}, memo=f"No. {n}")
    ids = list(Event.objects.filter(program=program).order_by("pk").values_list("pk", flat=True))
    for age, pk in enumerate(reversed(ids)):
        Event._base_manager.filter(pk=pk).update(at=make_moment() - dt.timedelta(hours=2 * age))
    seal_events(everything=True)
    return program


class Tamperer:
    """Does things to the table itself, at random places that are not the end, and remembers which events it touched."""

    def __init__(self, program: Program, seed: int):
        self.program, self.chance = program, random.Random(seed)
        self.touched: set[int] = set()

    def do(self, kind: str) -> None:
        if kind.startswith("edit "):
            self.edit(self.place(), kind.removeprefix("edit "))
        else:
            getattr(self, kind.replace(" ", "_"))()

    def place(self) -> int:
        most = Seal.objects.filter(program=self.program).aggregate(most=Max("number"))["most"]
        return self.chance.randrange(2, most - 1)

    def seal(self, number: int) -> Seal:
        return Seal.objects.get(program=self.program, number=number)

    def two(self) -> tuple[Seal, Seal]:
        one, other = self.chance.sample(range(2, self.place() + 3), 2)
        self.touched |= {self.seal(one).event_id, self.seal(other).event_id}
        return self.seal(one), self.seal(other)

    def edit(self, number: int, field: str = "memo") -> None:
        event = self.seal(number).event_id
        self.touched.add(event)
        Event._base_manager.filter(pk=event).update(**{field: EDITS[field](self.chance)})

    def delete_an_event(self) -> None:
        event = self.seal(self.place()).event_id
        self.touched.add(event)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM projects_event WHERE id = %s", [event])

    def delete_an_event_and_its_seal(self) -> None:
        number = self.place()
        self.touched.add(self.seal(number + 1).event_id)  # the gap shows at the next one
        event = self.seal(number).event_id
        self.seal(number).delete()
        Event._base_manager.filter(pk=event).delete()

    def delete_a_seal(self) -> None:
        number = self.place()
        self.touched |= {self.seal(number).event_id, self.seal(number + 1).event_id}
        self.seal(number).delete()

    def insert_an_event(self) -> None:
        """As if it had been there all along."""
        like = Event.objects.filter(pk=self.seal(self.place()).event_id).values().get()
        made = Event(**like | {"id": None, "memo": "He agreed to it."})
        Event._base_manager.bulk_create([made])
        Event._base_manager.filter(pk=made.pk).update(at=like["at"])
        self.touched.add(made.pk)

    def insert_a_seal(self) -> None:
        """An event with a seal of its own at the end, with a hash that looks like one."""
        self.insert_an_event()
        (event,) = self.touched
        most = Seal.objects.filter(program=self.program).aggregate(most=Max("number"))["most"]
        hashed = f"{self.chance.getrandbits(256):064x}"
        Seal.objects.create(program=self.program, number=most + 1, event_id=event, at=make_moment(), hash=hashed)

    def swap_two_events(self) -> None:
        """Each says what the other said."""
        one, other = (
            Event.objects.filter(pk=seal.event_id).values("verb", "memo", "changes", "at") for seal in self.two()
        )
        first, second = one.get(), other.get()
        Event._base_manager.filter(pk__in=one.values("pk")).update(**second)
        Event._base_manager.filter(pk__in=other.values("pk")).update(**first)

    def swap_two_seals(self) -> None:
        one, other = self.two()
        Seal.objects.filter(pk=other.pk).update(event_id=-1)
        Seal.objects.filter(pk=one.pk).update(event_id=other.event_id)
        Seal.objects.filter(pk=other.pk).update(event_id=one.event_id)

    def renumber(self) -> None:
        """The second of two comes first."""
        one, other = self.two()
        Seal.objects.filter(pk=one.pk).update(number=10**6)
        Seal.objects.filter(pk=other.pk).update(number=one.number)
        Seal.objects.filter(pk=one.pk).update(number=other.number)
