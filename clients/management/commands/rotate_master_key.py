from django.core.management import BaseCommand, CommandError

from clients.models.keys import SealKey, first_master
from clients.services import rotate_master_key


class Command(BaseCommand):
    help = (
        "Puts the key of every client under the first of SOCIUS_MASTER_KEYS. May be stopped at any moment and run"
        " again; says when the other master keys may go."
    )

    def add_arguments(self, parser):
        parser.add_argument("--batch", type=int, default=500, help="keys in one transaction (500)")

    def handle(self, *, batch, **options):
        rotation = rotate_master_key(batch=batch)
        self.stdout.write(f"{rotation.rewrapped} keys put under {first_master()}.")
        if rotation.broken:
            raise CommandError(
                f"{len(rotation.broken)} keys could not be opened: their master key is not in the list, or they were"
                " changed. Take no master key away. The first of them: "
                + ", ".join(str(number) for number in rotation.broken[:5])
            )
        if left := SealKey.objects.to_rewrap().count():
            raise CommandError(f"{left} keys were made under another master key meanwhile. Run this once more.")
        self.stdout.write(
            f"All {SealKey.objects.kept().count()} keys are under {first_master()}. Once every process was started"
            " with it as the first, run this once more; the other master keys may then go from the list. Keep them"
            " with the backups that were made under them."
        )
