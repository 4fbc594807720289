"""Nobody out of sight: first contacts, silence while waiting, and follow-ups on Today (R7, R10, R40, R41)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.enums import RoleName
from accounts.services import deactivate_user, record_leave
from clients.enums import FollowUpAbout
from clients.models import FollowUp
from clients.services import log_contact, note_contact, update_client
from groups.enums import LeaveReason, TalkMoment
from groups.models import WaitlistEntry
from groups.services.invitations import answer_invitation, record_participant_talk
from groups.services.talks import cancel_talk, plan_talk
from groups.services.waitlists import hold_entry, leave_waitlist, record_talk, release_entry
from reporting.queries.contact import neighbourhoods_out_of_sight
from reporting.today import build_today
from tests.factories.accounts import make_administrator, make_coordinator, make_group_worker, make_social_worker
from tests.factories.groups import NOW, TODAY, fresh, make_cycle, make_entry, make_offer, make_waitlist
from tests.factories.intake import make_judge, make_judgement, make_referral

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
WEEK = 7 * DAY


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def waitlist():
    return make_waitlist()


@pytest.fixture
def wil(waitlist):
    return make_group_worker("Wil", municipalities=[waitlist.catchment.municipality])


@pytest.fixture
def sanne(waitlist):
    return make_social_worker("Sanne", municipalities=[waitlist.catchment.municipality])


def tasks(user, now=NOW, icon="telephone-forward"):
    return [task for task in build_today(user, now=now).tasks if task.icon == icon]


def hearts(user, now=NOW):
    return tasks(user, now, icon="heart")


def speak(entry, by, now=NOW, is_reached=True, **fields):
    return log_contact(client=entry.client, is_reached=is_reached, by=by, now=now, **fields)


def in_vain(entry, by, times, now=NOW):
    for number in range(times):
        speak(entry, by, now=now + number * DAY, is_reached=False)


# --- the first contact (R7) ------------------------------------------------------------------------------------------


def test_first_contact_has_a_clock_of_five_working_days_from_the_referral(waitlist, wil):
    entry = make_entry(waitlist, days=3)  # Friday 4 September
    [in_time] = tasks(wil)
    [last_day] = tasks(wil, NOW + 4 * DAY)
    [late] = tasks(wil, NOW + 5 * DAY)
    assert (in_time.tone, in_time.title) == ("wait", "Speak to 1 new person")
    assert in_time.why == last_day.why == "First contact by Fri 11 Sep at the latest."
    assert (late.tone, late.title) == ("warn", "1 person still waits for a first talk")
    assert late.lines[0].note == "was due on Fri 11 Sep"
    assert late.lines[0].text.startswith(entry.client.short_name)
    assert entry.client.family_name not in repr(late)


def test_a_public_holiday_does_not_count(waitlist, wil, settings):
    # 27 April 2026 is King's Day, a Monday.
    now = NOW.replace(month=4, day=24)
    make_entry(waitlist, days=1, now=now)
    settings.FIRST_CONTACT_WORKING_DAYS = 2
    [task] = tasks(wil, now)
    assert task.why == "First contact by Tue 28 Apr at the latest."


def test_only_speaking_stops_the_clock(waitlist, wil):
    tried, spoken = make_entry(waitlist, days=30), make_entry(waitlist, days=30)
    speak(tried, wil, is_reached=False)
    speak(spoken, wil)
    assert tasks(wil) == []  # who was tried comes back by itself
    [again] = hearts(wil, NOW + DAY)
    assert again.title == f"Try {tried.client.short_name} again"
    assert again.why == "You agreed on a next contact. Due today. Not reached 1 time."
    assert [(row.over, row.late) for row in neighbourhoods_out_of_sight(today=TODAY)] == [(1, None)]


def test_a_talk_from_before_the_referral_is_none(waitlist, wil):
    entry = make_entry(waitlist, days=3)
    speak(entry, wil, on=TODAY - 10 * DAY)
    assert len(tasks(wil)) == 1
    speak(entry, wil, on=TODAY - 3 * DAY)
    assert tasks(wil) == []


def test_the_acquaintance_talk_is_a_first_contact(wil, waitlist):
    entry = make_entry(waitlist, days=3)
    record_talk(entry=entry, held_on=TODAY - DAY, by=wil, now=NOW)
    assert [(row.way, row.is_reached, row.by) for row in entry.client.contact_moments.all()] == [("talk", True, wil)]
    assert tasks(wil) == []
    cycle = make_cycle(3)
    place = cycle.participations.order_by("pk").first()
    record_participant_talk(participation=place, held_on=TODAY, by=cycle.lead, now=NOW)
    assert place.client.contact_moments.get().way == "talk"


def test_who_was_spoken_to_still_needs_the_talk_where_it_comes_first(wil, waitlist):
    first = make_entry(
        make_waitlist(make_offer(talk_moment=TalkMoment.BEFORE_PLACEMENT), catchment=waitlist.catchment)
    )
    assert tasks(wil, icon="chat-heart") == []
    speak(first, wil)
    [task] = tasks(wil, icon="chat-heart")
    assert task.title == f"Plan a talk with {first.client.short_name}"


def test_the_social_workers_queue_keeps_the_same_clock():
    referral = make_referral(now=NOW - 10 * DAY)
    judge = make_judge()
    [task] = tasks(judge, icon="inbox")
    assert (task.tone, task.lines[0].note) == ("warn", "first contact was due Fri 4 Sep")
    log_contact(client=referral.client, is_reached=True, by=judge, now=NOW)
    [task] = tasks(judge, icon="inbox")
    assert (task.tone, task.lines[0].note) == ("wait", "spoken to on Mon 7 Sep")


def test_coordinator_sees_how_many_per_neighbourhood_and_no_names(waitlist, wil):
    late, _soon = make_entry(waitlist, days=30), make_entry(waitlist, days=2)
    referral = make_referral(now=NOW - 30 * DAY)
    gone = make_entry(waitlist, days=2)
    leave_waitlist(entry=gone, reason=LeaveReason.MOVED, by=wil, now=NOW - WEEK, follow_up_on=TODAY - DAY)
    today = build_today(make_coordinator(), now=NOW)
    [panel] = [panel for panel in today.panels if panel.key == "out_of_sight"]
    found = {row.area: row.words for row in panel.rows}
    assert found == {
        str(referral.neighbourhood): "1 waits too long for a first talk",
        str(late.client.neighbourhood): "1 waits too long for a first talk, 1 follow-up is overdue",
    }
    for client in (late.client, gone.client, referral.client):
        assert client.short_name not in repr(today)


# --- while they wait (R10) -------------------------------------------------------------------------------------------


def test_four_weeks_of_silence_are_a_task_of_who_spoke_last(waitlist, wil, sanne):
    entry = make_entry(waitlist, days=10)
    speak(entry, sanne)
    assert (tasks(sanne, NOW + 4 * WEEK - DAY), tasks(wil, NOW + 4 * WEEK - DAY)) == ([], [])
    [task] = tasks(sanne, NOW + 4 * WEEK)
    assert task.title == "1 person waits and has not heard from us for long"
    assert task.lines[0].note == "last spoken to on Mon 7 Sep"
    assert tasks(wil, NOW + 4 * WEEK) == []


def test_silence_falls_to_the_group_workers_when_who_spoke_is_gone_or_on_leave(waitlist, wil, sanne):
    entry = make_entry(waitlist, days=10)
    speak(entry, sanne)
    later = NOW + 4 * WEEK
    record_leave(user=sanne, starts_at=later - DAY, ends_at=later + DAY, by=sanne)
    assert len(tasks(wil, later)) == 1
    assert tasks(wil, later + 2 * DAY) == []
    deactivate_user(user=sanne, by=make_administrator(), now=NOW)
    assert len(tasks(wil, later + 2 * DAY)) == 1


def test_what_is_planned_already_is_no_silence(waitlist, wil):
    entry = make_entry(waitlist, days=10)
    speak(entry, wil, next_on=TODAY + 10 * WEEK)
    assert tasks(wil, NOW + 5 * WEEK) == []


# --- follow-ups (R10) ------------------------------------------------------------------------------------------------


def test_hold_and_leaving_come_back_on_their_day_until_they_are_settled(waitlist, sanne):
    held, left = make_entry(waitlist), make_entry(waitlist)
    hold_entry(entry=held, reason="schulden", by=sanne, now=NOW, until=TODAY + 3 * DAY)
    leave_waitlist(entry=left, reason=LeaveReason.TOO_LONG, by=sanne, now=NOW, follow_up_on=TODAY + 5 * DAY)
    assert hearts(sanne, NOW + 2 * DAY) == []
    [task] = hearts(sanne, NOW + 3 * DAY)
    assert task.title == f"Ask how {held.client.short_name} is doing"
    assert task.why == "On hold: basic needs first. Does the person count again? Due today."
    assert len(hearts(sanne, NOW + 5 * DAY)) == 2
    release_entry(entry=fresh(held), by=sanne, now=NOW + 5 * DAY)
    [task] = hearts(sanne, NOW + 200 * DAY)
    assert task.title == f"Ask how {left.client.short_name} is doing"
    assert task.why.startswith("Left the waitlist (waited too long). Due since Sat 12 Sep.")


def test_leaving_ends_the_review_of_the_hold(waitlist, sanne):
    held = make_entry(waitlist)
    hold_entry(entry=held, reason="schulden", by=sanne, now=NOW, until=TODAY + 3 * DAY)
    leave_waitlist(entry=fresh(held), reason=LeaveReason.MOVED, by=sanne, now=NOW)
    assert hearts(sanne, NOW + 3 * DAY) == []


def test_no_to_an_invitation_is_followed_up_by_who_works_there():
    cycle = make_cycle(3)
    place = cycle.participations.order_by("pk").first()
    answer_invitation(participation=place, coming=False, stays=False, now=NOW)
    row = FollowUp.objects.get()
    assert (row.about, row.due_on, row.for_user) == (FollowUpAbout.LEFT_LIST, TODAY + 4 * WEEK, None)
    assert len(hearts(cycle.lead, NOW + 4 * WEEK)) == 1


def test_taken_over_says_from_whom(waitlist, wil, sanne):
    left = make_entry(waitlist)
    leave_waitlist(entry=left, reason=LeaveReason.TOO_LONG, by=sanne, now=NOW, follow_up_on=TODAY)
    assert hearts(wil) == []
    deactivate_user(user=sanne, by=make_administrator(), now=NOW)
    [task] = hearts(wil)
    assert task.meta == f"taken over from {sanne.short_name}, who is not there"


def test_more_than_five_are_one_task_that_opens_the_list(waitlist, wil):
    for _ in range(7):
        leave_waitlist(entry=make_entry(waitlist), reason=LeaveReason.MOVED, by=wil, now=NOW, follow_up_on=TODAY)
    assert [task.title for task in hearts(wil)][5:] == ["And 2 more to follow up"]


@pytest.mark.parametrize(
    ("contact", "is_referred", "words"),
    [
        ({}, True, "Not reached 3 times: send a letter or ask the referrer."),
        ({}, False, "Not reached 3 times: send a letter."),
        ({"may_letter": False}, True, "Not reached 3 times: ask the referrer."),
        ({"may_letter": False}, False, "Not reached 3 times: discuss with a colleague how to go on."),
        ({"is_sensitive": True}, True, "Not reached 3 times: the file says how to reach this person safely."),
    ],
)
def test_three_times_not_reached_asks_for_another_way_as_far_as_it_is_safe(contact, is_referred, words):
    waitlist = make_waitlist()
    wil = make_group_worker("Wil", municipalities=[waitlist.catchment.municipality])
    if is_referred:
        referral = make_referral(neighbourhood=waitlist.catchment.neighbourhoods.get())
        make_judgement(referral, offer=waitlist.offer)
        entry = WaitlistEntry.objects.get()
    else:
        entry = make_entry(waitlist)
    if contact:
        update_client(client=entry.client, by=wil, now=NOW, contact=contact)
    in_vain(entry, wil, 2)
    [task] = hearts(wil, NOW + 2 * DAY)
    assert "Not reached 2 times." in task.why
    speak(entry, wil, now=NOW + 2 * DAY, is_reached=False)
    [task] = hearts(wil, NOW + 3 * DAY)
    assert words in task.why


def test_today_takes_the_same_statements_for_one_of_each_and_for_three(waitlist, wil):
    def add():
        make_entry(waitlist, days=30)
        silent = make_entry(waitlist, days=90)
        at = NOW - 5 * WEEK
        note_contact(client=silent.client, way="phone", is_reached=True, by=wil, at=at, now=at)
        in_vain(make_entry(waitlist), wil, 3, now=NOW - 9 * DAY)
        gone = make_entry(waitlist)
        leave_waitlist(entry=gone, reason=LeaveReason.MOVED, by=wil, now=NOW, follow_up_on=TODAY)

    counts = []
    for number in (1, 2):
        for _ in range(number):
            add()
        user = type(wil).objects.get(pk=wil.pk)
        with CaptureQueriesContext(connection) as counted:
            build_today(user, now=NOW)
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_each_role_answers_for_its_own(waitlist, wil, sanne):
    row = FollowUp.objects.create(
        client=make_entry(waitlist).client,
        about=FollowUpAbout.NO_SHOW,
        due_on=TODAY,
        for_role=RoleName.SOCIAL_WORKER,
        created_at=NOW,
    )
    assert (len(hearts(sanne)), hearts(wil)) == (1, [])
    assert row.client.short_name in hearts(sanne)[0].title


def test_whom_to_tell_about_an_individual_talk_is_said_as_a_task():
    """R29, R40: no mail can tell, so the leader who holds it calls."""
    offer = make_offer(sessions_count=6, talks_count=1, talk_minutes=30, talks_after_session=5)
    cycle = make_cycle(offer=offer)
    place = cycle.participations.select_related("client__contact").order_by("pk").first()
    place.client.contact.is_sensitive = True
    place.client.contact.save()
    given = {"with_user": cycle.lead, "date": dt.date(2026, 10, 13), "start_time": dt.time(10)}
    talk = plan_talk(participation=place, by=cycle.lead, now=NOW, **given)
    [task] = hearts(cycle.lead)
    assert "Tell about the individual talk on Tue 13 Oct." in task.why
    cancel_talk(talk=talk, by=cycle.lead, now=NOW)
    [task] = hearts(cycle.lead)
    assert "Tell that the individual talk on Tue 13 Oct does not take place." in task.why
