"""Hold the history against its seals."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from projects.models import Event, Program
from projects.seals import Head, read_head
from projects.services.sealing import check_history, latest_head


class Command(BaseCommand):
    help = "Say whether each row of the history is as it was when it was sealed. Ends with 1 where one is not."

    def add_arguments(self, parser):
        parser.add_argument("program", nargs="?", help="its slug; without one, every program and what belongs to none")
        parser.add_argument("--head", help="a head that lies elsewhere (a digest, an export), such as 12:3f2a9c1b")

    def handle(self, *, program: str | None, head: str | None, **options):
        faults = 0
        for one in self.programs(program):
            found = check_history(one, kept=self.kept(head, program), now=timezone.now())
            faults += len(found)
            for fault in found:
                self.stdout.write(f"{one or 'no program'}: {fault}")
            if not found:
                now, waiting = latest_head(one), Event.objects.filter(program=one, seal=None).count()
                self.stdout.write(f"{one or 'no program'}: whole, head {now or 'none'}, {waiting} not sealed yet")
        if faults:
            raise CommandError(f"{faults} faults in the history: see docs/history.md.")

    def programs(self, slug: str | None) -> list[Program | None]:
        if slug is None:
            return [*Program.objects.order_by("pk"), None]
        found = Program.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no program {slug}.")
        return [found]

    def kept(self, head: str | None, slug: str | None) -> Head | None:
        if head is None:
            return None
        if slug is None:
            raise CommandError("A head belongs to one program: name it.")
        try:
            return read_head(head)
        except ValueError as error:
            raise CommandError(str(error)) from None
