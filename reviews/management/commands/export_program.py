"""Write a whole program to a zip file."""

from pathlib import Path
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from projects.models import Program
from reviews.services.archives import export_program


class Command(BaseCommand):
    help = "Write a whole program to a zip file, which import_program brings in as the same program."

    def add_arguments(self, parser):
        parser.add_argument("slug", help="the program's name in its address: /programs/SLUG/")
        parser.add_argument("file", type=Path, help="the zip file to write; one that is there is replaced")

    def handle(self, *, slug: str, file: Path, **options):
        program = Program.objects.filter(slug=slug).first()
        if program is None:
            raise CommandError(f"There is no program {slug}.")
        unfinished = file.with_name(f".{file.name}.{uuid4().hex}")  # renamed at the end: FILE is whole, or as it was
        try:
            with unfinished.open("xb") as out:
                export_program(program=program, out=out)
            unfinished.replace(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror or error}") from error
        finally:
            unfinished.unlink(missing_ok=True)
        self.stdout.write(f"{program.name}: written to {file}")
