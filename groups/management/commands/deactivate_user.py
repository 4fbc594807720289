"""Somebody leaves: `deactivate_user EMAIL`. Refused, with the list, while sessions are still planned with them."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from accounts.exceptions import BookingClash
from accounts.models import User
from groups.exceptions import NotAllowed
from groups.services.staff import close_account
from groups.wording import reason_text, sentence


class Command(BaseCommand):
    help = "Closes an account; refused while sessions are planned with this person. What they did stays readable."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *, email, **options):
        user = User.objects.filter(email__iexact=email.strip()).first()
        if user is None:
            raise CommandError("There is no user with this e-mail address.")
        with translation.override("en"):
            try:
                close_account(user=user, by=None, now=timezone.now())
            except BookingClash as clash:
                raise CommandError("\n".join(["First arrange a substitute:", *clash.reasons])) from None
            except NotAllowed as refusal:
                raise CommandError(sentence(reason_text(refusal.reason))) from None
        self.stdout.write("Closed: nobody can log in with this account any more.")
