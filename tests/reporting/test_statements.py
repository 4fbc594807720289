"""Today of the social worker asks the database fifteen times at most, with one of everything there and with three."""

import datetime as dt

import pytest
from django.utils import timezone

from clients.enums import ContactWay, FollowUpAbout
from clients.models import FollowUp
from clients.services import note_contact, plan_follow_up
from groups.services.waitlists import waitlist_for
from intake.enums import Decision
from intake.models import OpenQuestion
from intake.queries.planning import own_intakes
from reporting.today import build_today
from tests.factories.groups import make_offer
from tests.factories.intake import (
    make_appointment,
    make_door,
    make_judge,
    make_judgement,
    make_kind,
    make_referral,
    make_slot,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def fill(sofie, number, now):
    """To judge; an open question that fits a new list and is due; who is not reached; an intake."""
    here, kind = make_door(), make_kind(f"kind{number}", f"Soort {number}")
    make_referral(neighbourhood=here, now=now - 20 * DAY, problem_kinds=[kind])
    _open_question(here, sofie, kind, now)
    waitlist_for(offer=make_offer(name=f"Nieuw {number}"), catchment=here.catchment)
    _not_reached(here, sofie, now)
    slot = make_slot(sofie, municipality=here.municipality, weekday=number, now=now)
    make_appointment(make_referral(neighbourhood=here, now=now), slot=slot, now=now)


def _open_question(here, sofie, kind, now):
    referral, today = make_referral(neighbourhood=here, now=now - 9 * DAY, problem_kinds=[kind]), timezone.localdate()
    fields = {"decision": Decision.NO_OFFER, "reason": "Niets past.", "follow_up_on": today + DAY}
    make_judgement(referral, by=sofie, now=now, **fields)
    OpenQuestion.objects.update(review_on=today - DAY)


def _not_reached(here, sofie, now):
    client, today = make_referral(neighbourhood=here, now=now - 9 * DAY).client, timezone.localdate(now)
    plan_follow_up(client=client, about=FollowUpAbout.INDIVIDUAL_HELP, due_on=today, by=sofie, now=now)
    for _attempt in range(3):
        values = {"way": ContactWay.PHONE, "is_reached": False, "next_on": today}
        note_contact(client=client, by=sofie, at=now, now=now, **values)
    FollowUp.objects.update(due_on=today)


@pytest.mark.parametrize("rows", [1, 3])
def test_today_of_the_social_worker_with_all_there_is(client, rows, django_assert_num_queries):
    sofie, now = make_judge("Sofie", make_door().municipality), timezone.now()
    for number in range(rows):
        fill(sofie, number, now)
    client.force_login(sofie)
    client.get("/")
    with django_assert_num_queries(15):
        page = client.get("/")
    icons = {task.icon for task in page.context["today"].tasks}
    assert icons == {"inbox", "heart", "question-circle", "people"}


def test_intakes_to_come_today_and_those_without_outcome_are_told_apart():
    sofie, now = make_judge("Sofie", make_door().municipality), timezone.now()
    slot = make_slot(sofie, municipality=make_door().municipality, now=now)
    made = make_appointment(slot=slot, now=now)
    before, after = made.starts_at - dt.timedelta(minutes=5), made.ends_at
    assert own_intakes(sofie, now=before) == ([made], [])
    assert own_intakes(sofie, now=after) == ([], [made])
    assert own_intakes(sofie, now=made.starts_at - DAY) == ([], [])
    assert {task.icon for task in build_today(sofie, now=before).tasks} >= {"chat-heart"}
    assert {task.icon for task in build_today(sofie, now=after).tasks} >= {"clipboard-check"}
