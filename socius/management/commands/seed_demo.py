from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from groups.catalogue import load_catalogue
from neighbourhoods.services import load_demo_provisions, load_demo_venues
from socius.demo import PROVISIONS
from socius.demo.playbook import make_playbook, plan_course
from socius.demo.sessions import note_sessions
from socius.demo.staff import make_staff
from socius.demo.story import tell_story


class Command(BaseCommand):
    help = "Fills the demo with invented people and what happened to them; a second run changes nothing."

    @transaction.atomic
    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Demo people have a password that everybody knows; set SOCIUS_DEMO=1 to load them.")
        now = timezone.now()
        load_catalogue()
        load_demo_venues(now=now)
        load_demo_provisions(path=PROVISIONS, now=now)
        staff = make_staff(today=timezone.localdate(now))
        told = tell_story(staff=staff, now=now)
        note_sessions()
        make_playbook(staff=staff, now=now)
        plan_course(staff=staff, now=now)
        self.stdout.write(f"demo: {len(staff)} colleagues, {told} new referrals")
