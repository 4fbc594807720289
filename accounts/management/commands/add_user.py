"""The first user of a fresh installation, and any other: `add_user EMAIL FIRST LAST --role administrator`."""

import getpass
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.enums import RoleName
from accounts.services import make_user


class Command(BaseCommand):
    help = "Adds a user with roles. The password is asked for, or read from standard input; without one, they set it."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("first_name")
        parser.add_argument("last_name")
        parser.add_argument("--role", action="append", required=True, choices=RoleName.values, dest="roles")

    def handle(self, *, email, first_name, last_name, roles, **options):
        try:
            password = _ask_password()
            if password:
                validate_password(password)
            make_user(email=email, first_name=first_name, last_name=last_name, roles=roles, password=password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write("Added." if password else "Added; a password is chosen by 'forgotten password'.")


def _ask_password():
    """None for an empty answer."""
    if sys.stdin.isatty():
        return getpass.getpass("Password (empty: none yet): ") or None
    return sys.stdin.readline().strip() or None
