"""R18, R40, R41: what changes when contact becomes unsafe, a place is given back, or somebody has no need to know."""

import datetime as dt

import pytest
from django.core import mail

from clients.services import update_client
from groups.models import Participation
from groups.services.invitations import call_instead
from groups.services.scheduling import move_session
from notifications.enums import NotificationState
from notifications.models import Notification
from notifications.services import send_notifications
from reporting.queries.today import failed_mail_participations
from tests.factories.groups import NOW, TODAY, fresh, make_cycle

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(weeks=1)
UNSAFE = {"is_sensitive": True, "may_mail": False}


@pytest.fixture
def cycle():
    return make_cycle()


@pytest.fixture
def participation(cycle):
    return cycle.participations.select_related("client").order_by("pk").first()


def change_contact(participation, by, now=NOW, **fields):
    update_client(client=participation.client, by=by, now=now, **fields)


def queued_to(client):
    return Notification.objects.queued().filter(recipient_key=client.public_id).count()


# --- mail that has not left


@pytest.mark.parametrize(
    "change",
    [
        {"contact": UNSAFE},
        {"contact": {"is_sensitive": True}},
        {"contact": {"instructions": "Alleen via haar zus."}},
        {"email": "nieuw@voorbeeld.example"},
    ],
)
def test_mail_that_has_not_left_is_withdrawn_when_contact_changes(cycle, participation, change):
    address = participation.client.email
    change_contact(participation, cycle.lead, **change)
    assert send_notifications(now=NOW + HOUR) == 2
    assert address not in [to for message in mail.outbox for to in message.to]
    assert Notification.objects.get(recipient_key=participation.client.public_id).state == NotificationState.WITHDRAWN


def test_mail_stays_when_something_else_changes(cycle, participation):
    change_contact(participation, cycle.lead, family_name="Anders", contact={"may_mail": True, "is_sensitive": False})
    assert queued_to(participation.client) == 1


@pytest.mark.parametrize("has_left", [False, True])
def test_who_cannot_be_told_by_mail_any_more_is_called(cycle, participation, has_left):
    if has_left:
        send_notifications(now=NOW)
    change_contact(participation, cycle.lead, now=NOW + DAY, contact=UNSAFE)
    assert [call_instead(now=NOW + DAY) for _time in range(2)] == [1, 0]
    assert list(Participation.objects.to_call(today=TODAY + DAY)) == [participation]
    assert not fresh(participation).is_mailed


def test_who_got_another_address_before_the_mail_left_is_called(cycle, participation):
    change_contact(participation, cycle.lead, email="nieuw@voorbeeld.example")
    call_instead(now=NOW)
    assert list(Participation.objects.to_call(today=TODAY)) == [participation]


def test_a_withdrawn_change_of_plans_is_somebody_to_reach_another_way(cycle, participation):
    send_notifications(now=NOW)
    session = cycle.sessions.order_by("number").first()
    move_session(session=session, date=session.date + DAY, start_time=session.start_time, by=cycle.lead, now=NOW)
    change_contact(participation, cycle.lead, email="nieuw@voorbeeld.example")
    assert list(failed_mail_participations(cycle.lead, now=NOW)) == [participation]
