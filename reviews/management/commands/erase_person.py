"""Erase a person's name, on request."""

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from projects.models import Engineer
from reviews.services.erasing import StillActive, erase_account, erase_engineer, erase_kept_name


class Command(BaseCommand):
    help = "Erase the name of a person: of an account that was deactivated, of an engineer, or one kept of elsewhere."

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--account", metavar="USERNAME", help="and the engineer that it is joined to")
        which.add_argument("--engineer", metavar="ID", type=int, help="as in the address of the engineer's page")
        which.add_argument(
            "--kept", metavar="USERNAME", help="of a program that was brought in, without an account here"
        )

    def handle(self, *, account: str | None, engineer: int | None, kept: str | None, **options):
        if account is not None:
            self.account(account)
        elif engineer is not None:
            found = Engineer.objects.filter(pk=engineer).first()
            if found is None:
                raise CommandError(f"There is no engineer {engineer}.")
            erase_engineer(engineer=found, by=None)
        elif not erase_kept_name(name=kept or "", by=None):
            raise CommandError(f"No such name is kept: {kept}.")
        self.stdout.write("Erased. What was written by hand, such as a memo, stays as it was written.")

    def account(self, username: str) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        try:
            erase_account(user=user, by=None)
        except StillActive:
            raise CommandError(
                f"{username} can still sign in: deactivate the account first, on the page of people."
            ) from None
