"""Today: each role sees what needs them, and nothing of what is not theirs."""

import datetime as dt

import pytest
from django.utils import translation

from accounts.enums import RoleName
from groups.enums import LeaveReason
from groups.models import Cycle, Participation, WaitlistEntry
from groups.services.invitations import answer_invitation
from groups.services.waitlists import leave_waitlist
from intake.services import refer_client
from notifications.enums import NotificationState
from notifications.models import Notification
from reporting.today import build_today
from tests.factories.accounts import (
    make_administrator,
    make_coordinator,
    make_desk,
    make_group_worker,
    make_referrer,
    make_social_worker,
    make_team_member,
    make_user,
)
from tests.factories.groups import (
    NOW,
    TODAY,
    join_team,
    make_cycle,
    make_entry,
    make_offer,
    make_waitlist,
    ready_waitlist,
    sweep,
)
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def titles(today):
    return [task.title for task in today.tasks]


def panel(today, key):
    return next(panel for panel in today.panels if panel.key == key)


def refer(by, *, family_name="Nieuw", now=NOW, neighbourhood=None, **fields):
    """A referral of somebody new, through the service."""
    person = {
        "given_name": "Bep",
        "family_name": family_name,
        "birth_date": dt.date(1980, 1, 1),
        "postcode": "1943 AB",
        "neighbourhood": neighbourhood or make_neighbourhood(),
        "phone": "0612345678",
    }
    return refer_client(
        person=person, question="Ik wil weer onder de mensen.", consented=True, by=by, now=now, **fields
    )


# --- group worker ----------------------------------------------------------------------------------------------------


def test_group_worker_calls_who_did_not_answer_by_short_name():
    cycle = make_cycle(3)
    later = NOW + 4 * DAY
    cycle.lead.refresh_from_db()
    tasks = build_today(cycle.lead, now=later).tasks
    [call] = [task for task in tasks if task.icon == "telephone"]
    shorts = [row.client.short_name for row in Participation.objects.filter(cycle=cycle).order_by("pk")]
    assert call.title.startswith("Call these 3: ")
    assert {line.text for line in call.lines} == set(shorts)
    assert not any(row.client.family_name in call.title for row in Participation.objects.filter(cycle=cycle))


def test_nobody_is_called_before_three_working_days_are_over():
    cycle = make_cycle(3)
    assert [task for task in build_today(cycle.lead, now=NOW).tasks if task.icon == "telephone"] == []


def test_cycle_with_too_few_left_asks_for_a_decision_before_all_else():
    cycle = make_cycle(3)
    said_no = Participation.objects.filter(cycle=cycle).order_by("pk").first()
    answer_invitation(participation=said_no, coming=False, now=NOW, by=cycle.lead)
    after_deadline = NOW.replace(year=cycle.answer_deadline.year) + (cycle.answer_deadline - TODAY + DAY)
    today = build_today(cycle.lead, now=after_deadline)
    assert titles(today)[0] == "Decide: start smaller, move a week or cancel"
    assert "2 participants are left, the minimum is 3" in today.tasks[0].why


def test_stranger_from_another_municipality_sees_none_of_it():
    make_cycle(3)
    elsewhere = make_group_worker("Vreemd", municipalities=[make_municipality("Uitgeest", "GM0450")])
    today = build_today(elsewhere, now=NOW + 4 * DAY)
    assert today.tasks == ()
    assert [panel.rows for panel in today.panels] == [(), ()]


def test_colleague_of_the_municipality_sees_the_calls_with_whose_group_it_is():
    cycle = make_cycle(3)
    colleague = make_group_worker("Collega", municipalities=[cycle.waitlist.catchment.municipality])
    [call] = build_today(colleague, now=NOW + 4 * DAY).tasks
    assert call.meta.endswith(f"led by {cycle.lead.short_name}")


def test_talk_before_the_first_session_is_a_task_of_the_leader_until_it_is_held():
    cycle = make_cycle(3)
    meet = [task for task in build_today(cycle.lead, now=NOW).tasks if task.icon == "chat-heart"]
    assert [len(task.lines) for task in meet] == [3]
    Participation.objects.filter(cycle=cycle).update(talk_held_on=TODAY)
    assert [task for task in build_today(cycle.lead, now=NOW).tasks if task.icon == "chat-heart"] == []


def test_session_of_today_is_a_task_and_those_of_the_week_a_panel():
    cycle = make_cycle(3)
    first = cycle.sessions.order_by("number").first()
    today = build_today(cycle.lead, now=first.starts_at - dt.timedelta(hours=2))
    assert [task.title for task in today.tasks if task.icon == "people"] == [
        f"Today at {first.start_time:%H:%M}: session 1"
    ]
    assert [row.session.held_number for row in panel(today, "sessions").rows] == [1, 2]
    assert [row.session.people for row in panel(today, "sessions").rows] == [3, 3]


def test_blocked_list_says_why_and_what_helps():
    waitlist = make_waitlist()
    make_entry(waitlist, days=20)
    sweep()
    worker = make_group_worker(municipalities=[waitlist.catchment.municipality])
    [row] = panel(build_today(worker, now=NOW), "blocked").rows
    assert row.whys[0] == "2 more participants needed."
    assert row.waits == "1 waits, longest 20 days"
    assert row.help.text == "Tell colleagues and social teams that there is a place."


def test_list_with_enough_people_but_no_leader_stands_first():
    few, enough = make_waitlist(), make_waitlist()
    make_entry(few, days=200)
    for days in (3, 2, 1):
        make_entry(enough, days=days)
    sweep()
    worker = make_group_worker(municipalities=[few.catchment.municipality])
    rows = panel(build_today(worker, now=NOW), "blocked").rows
    assert [row.waitlist for row in rows] == [enough, few]


def test_failed_invitation_becomes_a_task_without_the_address():
    cycle = make_cycle(3)
    mail = Notification.objects.filter(kind="invitation").order_by("pk").first()
    Notification.objects.filter(pk=mail.pk).update(state=NotificationState.FAILED)
    [task] = [task for task in build_today(cycle.lead, now=NOW).tasks if task.icon == "envelope-exclamation"]
    person = Participation.objects.get(public_id=mail.dedupe_key.split(":")[1]).client
    assert task.title == f"A message to {person.short_name} did not arrive"
    assert mail.to_address not in repr(task)


def test_sensitive_group_is_not_named():
    waitlist = make_waitlist(make_offer(name="Veilig en krachtig", is_sensitive=True))
    make_entry(waitlist)
    sweep()
    worker = make_group_worker(municipalities=[waitlist.catchment.municipality])
    today = build_today(worker, now=NOW)
    assert "Veilig" not in repr(panel(today, "blocked").rows[0].offer)


# --- social worker ---------------------------------------------------------------------------------------------------


def test_social_worker_judges_the_longest_waiting_first():
    place = make_neighbourhood()
    worker = make_social_worker(municipalities=[place.municipality])
    member = make_team_member()
    refer(member, family_name="Later", neighbourhood=place, now=NOW)
    longest = refer(member, family_name="Eerder", neighbourhood=place, now=NOW - 10 * DAY)
    [task] = [task for task in build_today(worker, now=NOW).tasks if task.icon == "inbox"]
    assert task.title == "2 referrals wait for your judgement"
    assert task.url == f"/intake/{longest.pk}/"
    assert task.tone == "warn"
    assert [line.text for line in task.lines] == ["B. E., Oosterwijk (Beverwijk)", "B. L., Oosterwijk (Beverwijk)"]


def test_social_worker_elsewhere_has_no_queue():
    refer(make_team_member(), neighbourhood=make_neighbourhood())
    elsewhere = make_social_worker(municipalities=[make_municipality("Uitgeest", "GM0450")])
    today = build_today(elsewhere, now=NOW)
    assert today.tasks == ()
    assert [figure.value for figure in today.figures] == [0, 0]


# --- social-team member ----------------------------------------------------------------------------------------------


def test_team_member_sees_own_referrals_only():
    place = make_neighbourhood()
    teun, other = make_team_member("Teun"), make_team_member("Tine")
    refer(teun, family_name="Eigen", neighbourhood=place)
    refer(other, family_name="Vreemd", neighbourhood=place)
    rows = panel(build_today(teun, now=NOW), "referrals").rows
    assert [row.client for row in rows] == ["B. E."]
    assert rows[0].text == "received Mon 7 Sep"


def test_team_member_is_asked_who_could_be_the_last_one():
    near, far = make_waitlist(), make_waitlist()
    for waitlist in (near, far):
        make_entry(waitlist)
        make_entry(waitlist)
    sweep()
    teun = make_team_member()
    join_team(teun, near.catchment)
    [task] = build_today(teun, now=NOW).tasks
    assert task.title == f"Do you know somebody for {near.offer.name}?"
    assert task.why == "1 more participant needed, then the group starts."


def test_team_member_sees_groups_with_places_near_by_without_people():
    cycle = make_cycle(3)
    teun = make_team_member()
    join_team(teun, cycle.waitlist.catchment)
    [row] = panel(build_today(teun, now=NOW), "places").rows
    assert (row.cycle, row.places) == (cycle, 7)
    Cycle.objects.filter(pk=cycle.pk).update(soft_maximum=3)
    assert panel(build_today(teun, now=NOW), "places").rows == ()


# --- coordinator and the others --------------------------------------------------------------------------------------


def test_coordinator_is_asked_for_a_minimum_where_none_is_set():
    waitlist = make_waitlist(make_offer(minimum=None))
    make_entry(waitlist, days=40)
    sweep()
    today = build_today(make_coordinator(), now=NOW)
    [task] = today.tasks
    assert task.title == f"Set a minimum for {waitlist.offer.name}, {waitlist.catchment}"
    assert task.url == f"/overzicht/minimum/{waitlist.pk}/"
    assert task.why.startswith("1 waits, longest 40 days.")
    assert panel(today, "blocked").rows == ()


def test_coordinator_sees_counts_and_no_names():
    cycle = make_cycle(3)
    waitlist = ready_waitlist(1)
    sweep()
    entry = WaitlistEntry.objects.filter(waitlist=waitlist).get()
    gone = make_entry(waitlist)
    leave_waitlist(entry=gone, reason=LeaveReason.NO_CONTACT, by=cycle.lead, now=NOW)
    today = build_today(make_coordinator(), now=NOW)
    assert [figure.value for figure in today.figures] == [1, 30, 1, 1]
    assert [row.cycle for row in panel(today, "formed").rows] == [cycle]
    for client in (entry.client, gone.client):
        assert client.short_name not in repr(today)


def test_failed_mail_is_counted_for_coordinator_and_administrator():
    make_cycle(3)
    Notification.objects.update(state=NotificationState.FAILED)
    for user in (make_coordinator(), make_administrator()):
        assert "3 messages did not arrive" in titles(build_today(user, now=NOW))


def test_desk_sees_how_many_wait_and_how_long_where_it_works():
    referral = refer(make_team_member(), now=NOW - 6 * DAY)
    here = make_desk(municipalities=[referral.neighbourhood.municipality])
    assert [figure.value for figure in build_today(here, now=NOW).figures] == [1, 6]
    assert [figure.value for figure in build_today(make_desk("Lara"), now=NOW).figures] == [0, "–"]


def test_referrer_sees_own_referrals():
    rein = make_referrer()
    refer(rein)
    assert len(panel(build_today(rein, now=NOW), "referrals").rows) == 1


def test_administrator_sees_people_per_role():
    make_team_member("Een")
    make_team_member("Twee")
    make_user("Zonder")
    figures = {str(figure.label): figure.value for figure in build_today(make_administrator(), now=NOW).figures}
    assert (figures["social-team member"], figures["administrator"], figures["without a role"]) == (2, 1, 1)


def test_somebody_with_two_roles_sees_both_once():
    place = make_neighbourhood()
    both = make_user("Beide", RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER)
    both.work_areas.create(municipality=place.municipality)
    refer(make_team_member(), neighbourhood=place)
    today = build_today(both, now=NOW)
    assert [panel.key for panel in today.panels] == ["sessions", "blocked"]
    assert titles(today) == ["1 referral waits for your judgement"]


@pytest.mark.parametrize(("hour", "words"), [(0, "Good morning"), (12, "Good afternoon"), (18, "Good evening")])
def test_greeting_follows_the_local_clock(hour, words):
    now = NOW.replace(hour=hour)
    assert build_today(make_desk("Loes"), now=now).greeting == f"{words}, Loes"
