"""`read_bounces < mail`, as a mail server pipes it, or `read_bounces --maildir PATH`."""

import sys

from django.core.management.base import BaseCommand
from django.db import OperationalError
from django.utils import timezone

from notifications.bounces import MOST_BYTES
from notifications.services import read_maildir, take_bounce

TRY_AGAIN_LATER = 75  # EX_TEMPFAIL: the mail server keeps the mail


class Command(BaseCommand):
    help = "Reads mail that came back, from standard input or a Maildir, and notes it on the mail it was."

    def add_arguments(self, parser):
        parser.add_argument("--maildir", help="Read all new mail of this Maildir instead of standard input.")

    def handle(self, *args, maildir, **options):
        try:
            if maildir:
                counts = read_maildir(path=maildir, now=timezone.now())
            else:
                counts = {take_bounce(raw=sys.stdin.buffer.read(MOST_BYTES), now=timezone.now()): 1}
        except OperationalError:
            sys.exit(TRY_AGAIN_LATER)
        self.stdout.write(
            ", ".join(f"{outcome}: {count}" for outcome, count in sorted(counts.items())) or "nothing new"
        )
