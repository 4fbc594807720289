"""The demo's people and story: believable, the same on a second run, and whole on any day of the year."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import User
from clients.models import Client
from groups.catalogue import load_catalogue
from groups.enums import CycleState, ParticipationState
from groups.models import Cycle, Participation, Waitlist, WaitlistEntry
from intake.models import Referral
from neighbourhoods.services import load_demo_venues
from notifications.models import Notification
from socius.demo import DEMO_LOGINS, DEMO_PASSWORD
from socius.demo.staff import make_staff
from socius.demo.story import tell_story
from tests.factories.neighbourhoods import load_region, local

pytestmark = pytest.mark.django_db
KRACHT = {"offer__slug": "krachtcentrale"}


def load(now):
    load_region()
    load_catalogue()
    load_demo_venues(now=now)
    staff = make_staff(today=timezone.localdate(now))
    return tell_story(staff=staff, now=now)


def first_reason(code):
    return Waitlist.objects.get(catchment__code=code, **KRACHT).reasons[0]["code"]


@pytest.mark.parametrize(
    "now",
    [local(2026, 11, 22, 0, 5), local(2027, 1, 3, 12), local(2027, 3, 30, 23, 55), local(2027, 8, 1, 9)],
    ids=["midnight", "after Christmas", "summer time", "summer"],
)
def test_the_story_is_whole_on_any_day(now):
    load(now)
    running, formed = Cycle.objects.get(state=CycleState.RUNNING), Cycle.objects.get(state=CycleState.FORMED)
    assert (running.catchment.name, running.participations.count()) == ("Meerestein", 4)
    assert formed.catchment.name == "IJmuiden-Noord"
    states = [participation.state for participation in formed.participations.all()]
    assert states.count(ParticipationState.CONFIRMED) == 1
    assert states.count(ParticipationState.INVITED) == 2
    assert formed.answer_deadline >= timezone.localdate(now)
    assert first_reason("wk037503") == "need_more"
    assert first_reason("wk045306") == "no_leader"
    assert Participation.objects.to_call(today=timezone.localdate(now)).exists()
    assert not Cycle.objects.filter(formed_at__gt=now).exists()


def test_a_second_run_changes_nothing():
    now = timezone.now()
    assert load(now) == 30
    counts = [model.objects.count() for model in (User, Client, Referral, WaitlistEntry, Cycle, Notification)]
    Waitlist.objects.update(due_at=None)
    assert load(now) == 0
    again = [model.objects.count() for model in (User, Client, Referral, WaitlistEntry, Cycle, Notification)]
    assert again == counts


def test_the_largest_neighbourhood_of_heemskerk_is_left_to_who_tries():
    load(timezone.now())
    assert not Waitlist.objects.filter(catchment__code="wk039606").exists()
    theme = Waitlist.objects.get(offer__slug="rouwverwerking")
    assert (theme.catchment.level, theme.entries.waiting().count()) == ("region", 2)


def test_nobody_in_it_could_be_reached():
    load(timezone.now())
    for client in Client.objects.all():
        assert client.email == "" or client.email.endswith("@voorbeeld.example")
        assert client.phone.startswith("06000000")
    assert all(user.email.endswith("@socius.example") for user in User.objects.all())
    assert all(mail.to_address.endswith("@voorbeeld.example") for mail in Notification.objects.all())


def test_every_log_in_that_bin_run_shows_works():
    make_staff(today=timezone.localdate())
    for _role, email in DEMO_LOGINS:
        browser = Browser()
        browser.post("/inloggen/", {"login": email, "password": DEMO_PASSWORD})
        assert browser.get("/").status_code == 200, email


def test_a_colleague_whom_somebody_changed_keeps_the_change():
    make_staff(today=timezone.localdate())
    worker = User.objects.get(email="groepswerker@socius.example")
    worker.first_name = "Anders"
    worker.save()
    worker.weekly_availability.all().delete()
    make_staff(today=timezone.localdate())
    worker = User.objects.get(pk=worker.pk)
    assert (worker.first_name, worker.weekly_availability.count()) == ("Anders", 0)


def test_never_in_production(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="SOCIUS_DEMO"):
        call_command("seed_demo")
    assert not User.objects.exists()
