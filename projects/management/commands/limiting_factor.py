"""Say what limits a program, from the command line."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder

from projects.limiting import LimitingFactor, read_limiting_factors
from projects.models import Program

FIELDS = ("program", "declared", "proposal", "relief_days", "confidence", "next", "unknown")


class Command(BaseCommand):
    help = "Print what limits a program: declared by a person, proposed by the model, and what comes next."

    def add_arguments(self, parser):
        parser.add_argument("program", nargs="?", help="slug or name of the program")
        parser.add_argument("--all", action="store_true", help="every program that is not archived")
        parser.add_argument("--json", action="store_true", help="a list of objects, with all that is known")

    def handle(self, *, program: str | None, all: bool, json: bool, **options):
        if bool(program) == all:
            raise CommandError("Name one program, or give --all.")
        found = Program.objects.active().order_by("name")
        if program:
            found = found.filter(slug=program) or found.filter(name__iexact=program)
            if not found:
                raise CommandError(f"There is no program {program}. --all lists those there are.")
        values = read_limiting_factors(found)
        self.stdout.write(as_json(values) if json else "\n\n".join(map(as_text, values)))


def as_json(values: list[LimitingFactor]) -> str:
    return json.dumps([asdict(value) for value in values], cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)


def as_text(value: LimitingFactor) -> str:
    """One line a field; what is missing is "unknown", and `unknown` says why."""
    told: dict[str, Any] = asdict(value) | {"declared": " > ".join(value.path) or value.declared}
    lines = [(name, told[name]) for name in FIELDS if name != "unknown" or value.unknown]
    return "\n".join(f"{name:<12} {'unknown' if said is None else said}" for name, said in lines)
