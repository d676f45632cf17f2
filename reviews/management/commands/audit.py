"""Look for records that cannot be true, are stale or were never challenged."""

from django.core.management.base import BaseCommand, CommandError

from projects.models import Program
from reviews.audit_page import rows
from reviews.models import Finding
from reviews.services.audit import of_programs, run_audit


class Command(BaseCommand):
    help = "Run the standing audit now and list what is open. It runs every night by itself."

    def add_arguments(self, parser):
        parser.add_argument("program", nargs="?", help="its slug; without one, every program that is not archived")
        parser.add_argument("--fail", action="store_true", help="end with 1 where anything is open")

    def handle(self, *, program: str | None, fail: bool, **options):
        programs = Program.objects.active()
        if program:
            programs = programs.filter(slug=program)
            if not programs.exists():
                raise CommandError(f"There is no program {program}, or it is archived.")
        run_audit(programs, deep=True)
        found = Finding.objects.filter(of_programs(programs), state=Finding.State.OPEN).select_related("program")
        for row in rows(found.order_by("program__name", "rule", "pk")):
            where = row.finding.program or "shared"
            self.stdout.write(f"{where}: {row.rule.title}. {row.finding.says}")
        self.stdout.write(f"{len(found)} open.")
        if fail and found:
            raise CommandError(f"{len(found)} findings are open.")
