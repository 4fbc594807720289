"""``manage.py load_cbs``: bring the carried CBS data into the database."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from neighbourhoods.exceptions import CbsFileError
from neighbourhoods.postcodes import DATA
from neighbourhoods.services import load_cbs


class Command(BaseCommand):
    help = "Load municipalities, neighbourhoods, postcodes, catchments and social teams. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument(
            "--folder", type=Path, default=DATA, help="folder with the files (default: the carried ones)"
        )

    def handle(self, *args, folder, **options):
        try:
            done = load_cbs(folder=folder)
        except CbsFileError as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        for what, (created, changed, unchanged) in done.items():
            self.stdout.write(f"{what}: {created} created, {changed} changed, {unchanged} unchanged")
