import sys

from django.core.management.base import BaseCommand
from django.utils.encoding import force_str

from reviews import doctor
from reviews.doctor import Finding, Level


class Command(BaseCommand):
    help = "Look at what installations trip over, and say how to mend it. Ends with 1 where something is wrong."
    requires_system_checks = []  # it says more than they do

    def add_arguments(self, parser):
        parser.add_argument("--url", default="", help="the public address, to be opened as a browser would")
        parser.add_argument("--mail", default="", metavar="ADDRESS", help="send one mail there")
        parser.add_argument("--quiet", action="store_true", help="only what is not as it should be")

    def handle(self, *args, url: str, mail: str, quiet: bool, **options):
        worst = False
        for finding in self.findings(url, mail):
            worst |= finding.level is Level.WRONG
            if not (quiet and finding.level is Level.FINE):
                self.tell(finding)
        sys.exit(1 if worst else 0)

    def findings(self, url: str, mail: str):
        yield from doctor.check_setup()
        yield from doctor.check_machine()
        yield from doctor.check_parts()
        yield from doctor.check_mail(mail)
        if url:
            yield from doctor.check_address(url)

    def tell(self, finding: Finding) -> None:
        style = {Level.FINE: self.style.SUCCESS, Level.WARNING: self.style.WARNING, Level.WRONG: self.style.ERROR}
        self.stdout.write(
            f"{style[finding.level](f'{finding.level.value:<8}')} {finding.about}: {force_str(finding.says)}"
        )
        if finding.fix:
            self.stdout.write(f"         → {finding.fix}")
