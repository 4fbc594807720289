"""R18, R40, R41: what changes when contact becomes unsafe, a place is given back, or somebody has no need to know."""

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from clients.models import Client
from clients.services import record_exclusion, update_client
from groups.enums import CycleState, ParticipationState, Seat, TalkMoment
from groups.exceptions import NotAllowed
from groups.links import answer_token
from groups.models import Cycle, GroupOffer, Participation, ProblemKind, StartReason, Waitlist
from groups.services.capacity import notice_changes
from groups.services.cycles import cancel_cycle, settle_cycles
from groups.services.invitations import answer_invitation, call_instead
from groups.services.notes import notes_of
from groups.services.scheduling import cancel_session, move_session
from groups.services.substitution import substitute_leader
from neighbourhoods.enums import CatchmentLevel
from notifications.enums import NotificationState
from notifications.models import Notification
from notifications.services import send_notifications
from reporting.consequences import consequences
from reporting.queries.today import failed_mail_participations
from reporting.today import build_today
from tests.factories.accounts import make_coordinator, make_group_worker, make_social_worker
from tests.factories.clients import make_client
from tests.factories.groups import (
    NOW,
    TODAY,
    fresh,
    make_cycle,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    make_worker,
    ready_waitlist,
    sweep,
)
from tests.factories.neighbourhoods import local, make_municipality, make_neighbourhood, make_region
from tests.groups.pages import browser_of, text_of

pytestmark = pytest.mark.django_db
HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(weeks=1)
# The cycle that make_cycle() forms begins on Monday 14 September at 9:00.
BEGUN = local(2026, 9, 14, 12)
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
    assert [call_instead(now=NOW + DAY, since=NOW - DAY) for _time in range(2)] == [1, 0]
    assert list(Participation.objects.to_call(today=TODAY + DAY)) == [participation]
    assert not fresh(participation).is_mailed


def test_who_got_another_address_before_the_mail_left_is_called(cycle, participation):
    change_contact(participation, cycle.lead, email="nieuw@voorbeeld.example")
    notice_changes(now=NOW)
    assert list(Participation.objects.to_call(today=TODAY)) == [participation]


def test_a_withdrawn_change_of_plans_is_somebody_to_reach_another_way(cycle, participation):
    send_notifications(now=NOW)
    session = cycle.sessions.order_by("number").first()
    move_session(session=session, date=session.date + DAY, start_time=session.start_time, by=cycle.lead, now=NOW)
    change_contact(participation, cycle.lead, email="nieuw@voorbeeld.example")
    assert list(failed_mail_participations(cycle.lead, now=NOW)) == [participation]


# --- the link in the invitation


def link(participation):
    return reverse("groups:answer", args=[answer_token(participation)])


def tells_nothing(cycle, words):
    assert "Your contact person will get in touch" in words
    told = (cycle.room.venue.name, cycle.room.name, "09:00", "September", "waitlist", 'name="answer"')
    assert [word for word in told if word in words] == []


@pytest.mark.parametrize("contact", [{"is_sensitive": True}, {"may_mail": False}])
def test_the_link_tells_nothing_once_contact_is_unsafe_and_takes_no_answer(cycle, participation, contact):
    change_contact(participation, cycle.lead, contact=contact)
    visitor = browser_of()
    tells_nothing(cycle, text_of(visitor.get(link(participation))))
    with pytest.raises(NotAllowed, match="not_by_link"):
        answer_invitation(participation=participation, coming=False, now=NOW)
    assert visitor.post(link(participation), {"answer": "no"}).status_code == 302
    assert fresh(participation).state == ParticipationState.INVITED
    answer_invitation(participation=participation, coming=False, now=NOW, by=cycle.lead)
    tells_nothing(cycle, text_of(visitor.get(link(participation))))


@pytest.mark.parametrize("weeks", [0, 6])
def test_the_link_tells_nothing_once_the_group_has_begun(cycle, participation, weeks):
    answer_invitation(participation=participation, coming=True, now=NOW)
    for moment in (BEGUN, BEGUN + weeks * WEEK):
        settle_cycles(now=moment)
    assert fresh(cycle).state == (CycleState.FINISHED if weeks else CycleState.RUNNING)
    tells_nothing(cycle, text_of(browser_of().get(link(participation))))


# --- what a reason tells, and to whom


def keep_apart(waitlist):
    Waitlist.objects.filter(pk=waitlist.pk).update(reasons=[{"code": "not_all_together", "args": {}}])


def pages_of_counts(waitlist):
    names = [("reporting:today", []), ("reporting:overview", []), ("groups:waitlists", [])]
    return [reverse(name, args=args) for name, args in [*names, ("groups:waitlist", [waitlist.pk])]]


def test_that_people_are_kept_apart_is_told_to_who_places_only():
    waitlist = make_waitlist()
    for days in (9, 8, 7):
        make_entry(waitlist, days=days)
    keep_apart(waitlist)
    coordinator = browser_of(make_coordinator())
    for url in pages_of_counts(waitlist):
        words = text_of(coordinator.get(url)).lower()
        assert "no time suits enough participants." in words, url
        assert "can be in one group" not in words, url
        assert "what is possible" not in words, url  # the advice that belongs to the real reason
    worker = browser_of(make_group_worker(municipalities=[make_municipality()]))
    assert "Not everybody on this list can be in one group." in text_of(worker.get(pages_of_counts(waitlist)[-1]))


def test_what_a_minimum_would_do_does_not_tell_who_is_kept_apart():
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    one, two, _three = [make_entry(waitlist, days=days) for days in (9, 8, 7)]
    record_exclusion(client=one.client, other=two.client, by=make_group_worker(municipalities=here()), now=NOW)
    with translation.override("en"):
        words = " ".join(row.text for row in consequences(waitlist, now=NOW) if not row.starts)
    assert "No time suits enough participants." in words
    assert "in one group" not in words


def here():
    return [make_municipality()]


def test_why_a_group_worker_chose_so_is_for_who_places(cycle):
    why = "Wil niet naast Bea de Zeester zitten"
    Cycle.objects.filter(pk=cycle.pk).update(reason={"code": "by_hand", "args": {"people": 3}})
    StartReason.objects.create(notes=notes_of(cycle), why=why)
    url = reverse("groups:cycle", args=[cycle.pk])
    for user in (cycle.co_lead, make_coordinator()):
        words = text_of(browser_of(user).get(url))
        assert "Formed by hand." in words
        assert "Zeester" not in words
    assert f"Formed by hand: {why}." in text_of(browser_of(cycle.lead).get(url))


def test_a_step_about_the_people_below_is_for_who_sees_them():
    waitlist = make_waitlist()
    Waitlist.objects.filter(pk=waitlist.pk).update(reasons=[{"code": "people_other", "args": {"count": 1}}])
    url = reverse("groups:waitlist", args=[waitlist.pk])
    for user, is_told in ((make_coordinator(), False), (make_group_worker(municipalities=here()), True)):
        words = text_of(browser_of(user).get(url))
        assert "1 cannot be placed on this list now." in words
        assert ("See below what holds each of them back." in words) is is_told


# --- files close when the need ends


def may_open(user, participation):
    return Client.objects.visible_to(User.objects.get(pk=user.pk)).filter(pk=participation.client_id).exists()


def no_area(cycle):
    """The leader as somebody who has no other ground than leading."""
    cycle.lead.work_areas.all().delete()
    return cycle.lead


@pytest.mark.parametrize("stays", [True, False])
def test_who_declines_has_a_closed_file_and_the_others_have_not(cycle, participation, stays):
    lead, other = no_area(cycle), cycle.participations.order_by("-pk").first()
    assert may_open(lead, participation)
    assert may_open(cycle.co_lead, participation)
    answer_invitation(participation=participation, coming=False, now=NOW, stays=stays)
    for user in (lead, cycle.co_lead):
        assert not may_open(user, participation)
        assert may_open(user, other)


def test_files_of_a_finished_group_close_after_four_weeks(cycle, participation):
    lead = no_area(cycle)
    last = cycle.sessions.order_by("-date").first().ends_at
    for moment, is_open in ((BEGUN, True), (last, True), (last + 28 * DAY, True), (last + 29 * DAY, False)):
        settle_cycles(now=moment)
        settle_cycles(now=moment)
        assert may_open(lead, participation) is is_open, moment
        assert may_open(cycle.co_lead, participation) is is_open, moment


def substitute(cycle, **period):
    teun = make_worker("Teun", catchment=cycle.catchment)
    substitute_leader(cycle=cycle, seat=Seat.CO_LEAD, user=teun, by=cycle.lead, now=NOW, **period)
    return teun


def test_a_substitute_for_one_session_may_open_files_until_it_is_held(cycle, participation):
    first = cycle.starts_on
    teun = substitute(cycle, from_date=first, until_date=first)
    settle_cycles(now=BEGUN - 4 * HOUR)
    assert may_open(teun, participation)
    settle_cycles(now=BEGUN - HOUR)
    settle_cycles(now=BEGUN)
    assert not may_open(teun, participation)
    assert may_open(cycle.co_lead, participation)


def test_a_substitute_for_one_session_may_not_open_files_once_it_is_cancelled(cycle, participation):
    first = cycle.sessions.order_by("number").first()
    teun = substitute(cycle, from_date=first.date, until_date=first.date)
    cancel_session(session=first, reason="ziek", by=cycle.lead, now=NOW, append=False)
    assert not may_open(teun, participation)


def test_a_substitute_may_not_open_files_once_the_cycle_is_cancelled(cycle, participation):
    teun = substitute(cycle, from_date=cycle.starts_on, until_date=cycle.starts_on)
    cancel_cycle(cycle=cycle, reason="ziek", by=cycle.lead, now=NOW)
    for user in (teun, cycle.co_lead, no_area(cycle)):
        assert not may_open(user, participation)


def test_who_hands_over_for_good_keeps_the_files_as_long_as_a_session_is_theirs(cycle, participation):
    before, second = cycle.co_lead, cycle.sessions.order_by("number")[1]
    teun = substitute(cycle, from_date=second.date)
    assert may_open(before, participation)
    assert may_open(teun, participation)
    settle_cycles(now=BEGUN - HOUR)
    settle_cycles(now=BEGUN)
    assert not may_open(before, participation)
    assert may_open(teun, participation)


# --- who must not be called


CAREFUL = {"may_phone": False, "may_mail": False, "instructions": "Alleen via haar zus."}


def invite_with(now=NOW, **contact):
    """A cycle in which one person is to be reached with care: (cycle, their participation)."""
    waitlist = ready_waitlist(2, now=now)
    entry = make_entry(waitlist, given_name="Zina", family_name="Zeester", contact=contact, now=now)
    sweep(now)
    return Cycle.objects.get(waitlist=waitlist), Participation.objects.select_related("client").get(entry=entry)


def tasks_of(user, now=NOW):
    with translation.override("en"):
        return build_today(User.objects.get(pk=user.pk), now=now).tasks


@pytest.mark.parametrize("contact", [CAREFUL, {"is_sensitive": True}])
def test_nobody_is_told_to_call_who_must_not_be_called(contact):
    cycle, participation = invite_with(**contact)
    [task] = [task for task in tasks_of(cycle.lead) if task.icon == "shield-exclamation"]
    assert task.title == "Reach Z. Z. safely: look in the file"
    assert task.url == reverse("clients:file", args=[participation.client.public_id])
    assert not any("Z. Z." in task.title for task in tasks_of(cycle.lead) if task.icon == "telephone")
    [talk] = [task for task in tasks_of(cycle.lead) if task.title.startswith("Meet")]
    assert talk.why.endswith("Take care how you make contact: look in the file first.")


def test_who_only_has_no_safe_mail_is_called():
    cycle, _participation = invite_with(may_mail=False)
    assert [task.title for task in tasks_of(cycle.lead) if task.icon == "telephone"] == ["Call Z. Z."]


def test_the_group_and_each_step_warn_about_who_must_not_be_called():
    cycle, participation = invite_with(now=timezone.localtime(), **CAREFUL)
    browser = browser_of(cycle.lead)
    words = text_of(browser.get(reverse("groups:cycle", args=[cycle.pk])))
    assert "reach safely" in words
    assert "take care how you make contact" in words
    assert "The phone number stands on the file." not in words
    for step in ("participation_answer", "participation_talk"):
        words = text_of(browser.get(reverse(f"groups:{step}", args=[participation.pk])))
        assert "Take care how you make contact with this person." in words, step
    other = cycle.participations.exclude(pk=participation.pk).order_by("pk").first()
    assert "Take care" not in text_of(browser.get(reverse("groups:participation_answer", args=[other.pk])))


def test_the_waitlist_warns_about_who_must_not_be_called():
    waitlist = make_waitlist()
    make_entry(waitlist, contact=CAREFUL)
    browser = browser_of(make_group_worker(municipalities=here()))
    assert "take care how you make contact" in text_of(browser.get(reverse("groups:waitlist", args=[waitlist.pk])))


# --- a hidden place


def test_a_substitute_for_one_session_can_look_up_the_hidden_place(cycle):
    cycle.room.venue.is_hidden, cycle.room.venue.address = True, "Schuilhof 3"
    cycle.room.venue.save()
    first = cycle.starts_on
    teun, tessa = substitute(cycle, from_date=first, until_date=first), make_worker("Tessa")
    assert "Schuilhof 3" in text_of(browser_of(teun).get(reverse("groups:cycle", args=[cycle.pk])))
    assert browser_of(tessa).get(reverse("groups:cycle", args=[cycle.pk])).status_code == 404
    settle_cycles(now=BEGUN - HOUR)
    settle_cycles(now=BEGUN)
    assert "Schuilhof 3" not in text_of(browser_of(teun).get(reverse("groups:cycle", args=[cycle.pk])))


# --- a sensitive offer for the region


STEPS = ("entry_hold", "entry_release", "entry_talk", "entry_priority", "entry_leave")


@pytest.fixture
def region_entry():
    """Zina from Beverwijk waits for a sensitive group for the whole region."""
    kind = ProblemKind.objects.create(code="huiselijk", name_nl="Huiselijk geweld", name_en="Violence at home")
    offer = make_offer(level=CatchmentLevel.REGION, is_sensitive=True, talk_moment=TalkMoment.BEFORE_PLACEMENT)
    waitlist = make_waitlist(offer, catchment=make_region())
    zina = make_client("Zeester", given_name="Zina", neighbourhood=make_neighbourhood())
    return make_entry(waitlist, client=zina, problem_kind=kind, by=make_social_worker("Olga"))


def test_a_sensitive_list_names_people_to_who_may_know_them_and_counts_the_others(region_entry):
    url = reverse("groups:waitlist", args=[region_entry.waitlist_id])
    near, far = make_group_worker(municipalities=here()), make_social_worker("Ver", municipalities=elsewhere())
    words = text_of(browser_of(near).get(url))
    assert "Z. Z." in words
    assert "Violence at home" not in words
    words = text_of(browser_of(far).get(url))
    assert "Z. Z." not in words
    assert "and 1 person outside your area" in words
    for name in STEPS:
        assert browser_of(far).get(reverse(f"groups:{name}", args=[region_entry.pk])).status_code == 404, name
    for user, is_asked in ((near, True), (make_group_worker("Bo", municipalities=elsewhere()), False)):
        assert ("Z. Z." in repr(tasks_of(user))) is is_asked


def elsewhere():
    return [make_municipality("Heemskerk", "GM0396")]


def test_a_sensitive_group_names_people_to_who_may_know_them_and_counts_the_others(cycle, participation):
    GroupOffer.objects.filter(pk=cycle.offer.pk).update(is_sensitive=True)
    Client.objects.filter(pk=participation.client_id).update(
        neighbourhood=make_neighbourhood("Noord", elsewhere()[0]), given_name="Zina", family_name="Zeester"
    )
    url = reverse("groups:cycle", args=[cycle.pk])
    for user in (cycle.lead, cycle.co_lead):
        assert "Z. Z." in text_of(browser_of(user).get(url))
    colleague = browser_of(make_group_worker(municipalities=here()))
    words = text_of(colleague.get(url))
    assert "Z. Z." not in words
    assert "and 1 person outside your area" in words
    assert colleague.get(reverse("groups:participation_answer", args=[participation.pk])).status_code == 404
