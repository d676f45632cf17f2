from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reviews.backups.write import CannotBackUp, write_backup


class Command(BaseCommand):
    help = "Write everything into one file, as it is at this moment, while the product runs. Either kind of database."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *args, file: Path, **options):
        try:
            rows = write_backup(file)
        except (CannotBackUp, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{file}: {rows} rows, {file.stat().st_size / 1e6:.1f} MB. It holds secrets: keep it safe.")
