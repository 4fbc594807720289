"""The demo as bin/run loads it, for tests of the whole: real neighbourhoods, invented people."""

import pytest
from django.core.management import call_command

from accounts.models import User


@pytest.fixture
def demo(transactional_db):
    """{part of the e-mail address before the @: User}; the Krachtcentrale's list of Heemskerk's largest is empty."""
    call_command("load_cbs", verbosity=0)
    call_command("seed_demo", verbosity=0)
    return {user.email.partition("@")[0]: user for user in User.objects.all()}
