from django.core.management import BaseCommand
from django.utils import timezone

from groups.catalogue import load_catalogue


class Command(BaseCommand):
    help = "Adds the group offers and problem kinds that are not there yet; a second run changes nothing."

    def handle(self, **options):
        for what, (created, unchanged) in load_catalogue(today=timezone.localdate()).items():
            self.stdout.write(f"{what}: {created} created, {unchanged} unchanged")
