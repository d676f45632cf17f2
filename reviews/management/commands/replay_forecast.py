"""Replay a stored forecast from its receipt."""

from django.core.management.base import BaseCommand, CommandError

from reviews.models import Forecast
from reviews.services.receipts import replay


class Command(BaseCommand):
    help = "Say whether a stored forecast comes out the same again, or what changed since it was issued."

    def add_arguments(self, parser):
        parser.add_argument("id", type=int, help="id of the forecast")

    def handle(self, *, id: int, **options):
        forecast = Forecast.objects.filter(pk=id).select_related("goal").first()
        if forecast is None:
            raise CommandError(f"There is no forecast {id}.")
        found = replay(forecast)
        self.stdout.write(f"{forecast.goal} as of {forecast.as_of}: {forecast.verdict}")
        if found.needs:
            self.stdout.write(f"needs {found.needs}")
        elif found.identical:
            self.stdout.write("identical")
        elif found.identical is False:
            self.stdout.write("not identical: the same inputs give another answer")
        if found.changes:
            self.stdout.write("inputs changed since:")
            for change in found.changes:
                self.stdout.write(f"  {change}")
        if found.identical is False:
            raise CommandError("The replay differs.")
