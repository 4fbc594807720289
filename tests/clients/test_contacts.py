"""The contact log, and following up until it is settled (R7, R10, R40, R41)."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import RoleName
from accounts.services import deactivate_user, record_leave
from clients.enums import ContactWay, FollowUpAbout, InvolvementKind, SettledHow
from clients.models import AccessLog, ContactMoment, FollowUp
from clients.services import (
    involve,
    log_contact,
    note_contact,
    plan_follow_up,
    settle_follow_up,
    snooze_follow_up,
)
from tests.factories.accounts import make_administrator, make_group_worker, make_social_worker, make_team_member
from tests.factories.clients import make_client, make_neighbourhood
from tests.factories.neighbourhoods import local

pytestmark = pytest.mark.django_db

# A Friday: the next working day is Monday.
NOW = local(2026, 9, 11, 10)
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def wil():
    return make_group_worker("Wil", municipalities=[make_neighbourhood().municipality])


@pytest.fixture
def anna():
    return make_client(now=NOW - 3 * DAY)


def open_ones(client):
    return [(row.about, row.due_on) for row in FollowUp.objects.open().filter(client=client).order_by("due_on", "pk")]


# --- the log ---------------------------------------------------------------------------------------------------------


def test_not_reached_comes_back_on_the_next_working_day(anna, wil):
    moment = log_contact(client=anna, is_reached=False, by=wil, now=NOW)
    assert (moment.is_reached, moment.way, moment.next_on) == (False, ContactWay.PHONE, TODAY + 3 * DAY)
    assert open_ones(anna) == [("contact", TODAY + 3 * DAY)]
    assert FollowUp.objects.get().for_user == wil


def test_spoken_settles_what_was_planned_and_plans_what_is_asked(anna, wil):
    log_contact(client=anna, is_reached=False, by=wil, now=NOW)
    log_contact(client=anna, is_reached=True, by=wil, now=NOW + DAY)
    first = FollowUp.objects.get()
    assert (first.settled_how, first.settled_by, open_ones(anna)) == (SettledHow.RULE, wil, [])
    log_contact(client=anna, is_reached=True, by=wil, now=NOW + DAY, next_on=TODAY + 9 * DAY, next_for="uitslag huur")
    assert open_ones(anna) == [("contact", TODAY + 9 * DAY)]
    assert ContactMoment.objects.order_by("-pk").first().next_for == "uitslag huur"


def test_note_is_sealed_in_the_database(anna, wil):
    log_contact(client=anna, is_reached=True, by=wil, now=NOW, note="Zus belt mee", next_on=TODAY, next_for="zusje")
    with connection.cursor() as cursor:
        cursor.execute("select contactmoment::text from clients_contactmoment contactmoment")
        row = cursor.fetchone()[0]
    assert b"Zus belt mee".hex() not in row
    assert b"zusje".hex() not in row
    assert "Zus belt" not in row
    assert ContactMoment.objects.get().note == "Zus belt mee"


def test_an_earlier_day_is_kept_as_that_day(anna, wil):
    moment = log_contact(client=anna, is_reached=True, by=wil, now=NOW, on=TODAY - 2 * DAY)
    assert timezone.localdate(moment.at) == TODAY - 2 * DAY


@pytest.mark.parametrize(("days", "field"), [({"on": TODAY + DAY}, "on"), ({"next_on": TODAY - DAY}, "next_on")])
def test_impossible_days_are_refused_at_their_field(anna, wil, days, field):
    with pytest.raises(ValidationError) as refused:
        log_contact(client=anna, is_reached=True, by=wil, now=NOW, **days)
    assert set(refused.value.message_dict) == {field}
    assert not ContactMoment.objects.exists()


def test_who_referred_neither_notes_nor_reads_and_who_leads_does(anna):
    tess = make_team_member("Tess")
    involve(client=anna, user=tess, kind=InvolvementKind.REFERRER, now=NOW)
    with pytest.raises(PermissionDenied):
        log_contact(client=anna, is_reached=True, by=tess, now=NOW)
    involve(client=anna, user=tess, kind=InvolvementKind.CO_LEAD, now=NOW)
    assert log_contact(client=anna, is_reached=True, by=tess, now=NOW).by == tess


# --- following up ----------------------------------------------------------------------------------------------------


def plan(client, by, **fields):
    values = {"about": FollowUpAbout.LEFT_LIST, "due_on": TODAY, "key": "entry:1"}
    return plan_follow_up(client=client, by=by, now=NOW, **(values | fields))


def of(user, now=NOW):
    return list(FollowUp.objects.for_today_of(user, now=now).open().order_by("pk"))


def test_the_same_cause_twice_is_one_follow_up_on_the_later_wish(anna, wil):
    plan(anna, wil)
    plan(anna, wil, due_on=TODAY + 7 * DAY)
    assert open_ones(anna) == [("left_list", TODAY + 7 * DAY)]


def test_snooze_moves_the_day_and_counts_and_settling_says_how(anna, wil):
    row = plan(anna, wil)
    for _ in range(2):
        row = snooze_follow_up(follow_up=row, until=TODAY + 7 * DAY, by=wil, now=NOW)
    assert (row.due_on, row.snoozed_count) == (TODAY + 7 * DAY, 2)
    with pytest.raises(ValidationError):
        snooze_follow_up(follow_up=row, until=TODAY, by=wil, now=NOW)
    for how in ("", "rule", "klaar"):
        with pytest.raises(ValidationError):
            settle_follow_up(follow_up=row, how=how, by=wil, now=NOW)
    row = settle_follow_up(follow_up=row, how=SettledHow.NOT_NEEDED, by=wil, now=NOW)
    assert (row.settled_at, row.settled_by, row.settled_how) == (NOW, wil, "not_needed")
    with pytest.raises(ValidationError):
        snooze_follow_up(follow_up=row, until=TODAY + 9 * DAY, by=wil, now=NOW)


def test_settled_by_speaking_stands_in_the_contact_log(anna, wil):
    settle_follow_up(follow_up=plan(anna, wil), how=SettledHow.SPOKEN, way=ContactWay.VISIT, by=wil, now=NOW)
    assert [(row.way, row.is_reached, row.by) for row in ContactMoment.objects.all()] == [("visit", True, wil)]


def test_settling_and_snoozing_are_changes_of_the_file_by_who_places(anna, wil):
    row = plan(anna, wil)
    teun = make_team_member("Teun")
    involve(client=anna, user=teun, kind=InvolvementKind.CO_LEAD, now=NOW)
    far = make_group_worker("Ver", municipalities=[make_neighbourhood("Centrum", "Heemskerk").municipality])
    for other in (teun, far):
        with pytest.raises(PermissionDenied):
            settle_follow_up(follow_up=row, how=SettledHow.SPOKEN, by=other, now=NOW)
    settle_follow_up(follow_up=row, how=SettledHow.NOT_NEEDED, by=wil, now=NOW)
    assert list(AccessLog.objects.values_list("user", "action")) == [(wil.pk, "changed")]


def test_what_is_given_to_somebody_is_theirs_and_no_colleagues(anna, wil):
    here = make_group_worker("Collega", municipalities=[anna.neighbourhood.municipality])
    row = plan(anna, wil)
    assert (of(wil), of(here)) == ([row], [])


def test_nobodys_follow_up_is_for_the_role_in_the_area(anna, wil):
    sanne = make_social_worker("Sanne", municipalities=[anna.neighbourhood.municipality])
    row = plan(anna, None, for_role=RoleName.SOCIAL_WORKER)
    assert (of(sanne), of(wil)) == ([row], [])


def test_who_is_away_or_gone_leaves_it_to_colleagues_of_the_area(anna, wil):
    here = make_social_worker("Sanne", municipalities=[anna.neighbourhood.municipality])
    far = make_group_worker("Ver", municipalities=[make_neighbourhood("Centrum", "Heemskerk").municipality])
    row = plan(anna, wil)
    record_leave(user=wil, starts_at=NOW - DAY, ends_at=NOW + 5 * DAY, by=wil)
    assert [(found, found.fell, found.for_user) for found in of(here)] == [(row, True, wil)]
    assert of(here, now=NOW + 6 * DAY) == []
    assert of(far) == []
    deactivate_user(user=wil, by=make_administrator(), now=NOW)
    assert of(here, now=NOW + 6 * DAY) == [row]


def test_who_works_elsewhere_now_leaves_it_to_colleagues(anna, wil):
    here = make_group_worker("Collega", municipalities=[anna.neighbourhood.municipality])
    row = plan(anna, wil)
    wil.work_areas.all().delete()
    assert of(here) == [row]


# --- pages -----------------------------------------------------------------------------------------------------------


def address(client, page="contact/"):
    return f"/clienten/{client.public_id}/{page}"


def sent(answer="ja", **fields):
    return {"way": "phone", "on": timezone.localdate().isoformat(), "bereikt": answer, **fields}


def test_two_taps_note_a_contact_and_bring_one_back(client, anna, wil):
    client.force_login(wil)
    page = client.get(address(anna, "contact/nieuw/") + "?next=/")
    assert page.status_code == 200
    answer = client.post(address(anna, "contact/nieuw/"), sent("nee", next="/"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    moment = ContactMoment.objects.get()
    assert (moment.is_reached, moment.by, FollowUp.objects.open().get().due_on) == (False, wil, moment.next_on)


@pytest.mark.parametrize("wanted", ["https://kwaad.example/", "//kwaad.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(client, anna, wil, wanted):
    client.force_login(wil)
    answer = client.post(address(anna, "contact/nieuw/"), sent(next=wanted))
    assert answer["Location"] == address(anna)


def test_without_a_button_or_with_an_impossible_day_nothing_is_noted(client, anna, wil):
    client.force_login(wil)
    for data in (sent(answer="misschien"), sent(on="2999-01-01"), sent(next_for="iets"), sent(way="duif")):
        answer = client.post(address(anna, "contact/nieuw/"), data)
        assert answer.status_code == 422
    assert not ContactMoment.objects.exists()


def test_each_opening_of_the_log_is_logged_and_the_title_has_no_name(client, anna, wil):
    note_contact(client=anna, way="phone", is_reached=True, by=wil, at=NOW, now=NOW, note="Belt liever 's avonds")
    client.force_login(wil)
    html = client.get(address(anna)).content.decode()
    assert "Belt liever" in html
    assert "Vries" not in html.split("<title>")[1].split("</title>")[0]
    assert list(AccessLog.objects.values_list("client", "user", "action")) == [(anna.pk, wil.pk, "contacts")]


def test_the_file_shows_the_log_to_who_speaks_with_the_client_only(client, anna, wil):
    note_contact(client=anna, way="phone", is_reached=True, by=wil, at=NOW, now=NOW, note="Belt liever 's avonds")
    tess = make_team_member("Tess")
    involve(client=anna, user=tess, kind=InvolvementKind.REFERRER, now=NOW)
    seen = {}
    for user in (wil, tess):
        client.force_login(user)
        seen[user] = "Belt liever" in client.get(f"/clienten/{anna.public_id}/").content.decode()
        seen[user] = (seen[user], client.get(address(anna)).status_code)
    assert seen == {wil: (True, 200), tess: (False, 404)}


def test_three_times_not_reached_is_said_on_the_page(client, anna, wil):
    for day in range(3):
        note_contact(client=anna, way="phone", is_reached=False, by=wil, at=NOW + day * DAY, now=NOW + day * DAY)
    client.force_login(wil)
    assert client.get(address(anna, "contact/nieuw/")).context["misses"] == 3
    note_contact(client=anna, way="phone", is_reached=True, by=wil, at=NOW + 4 * DAY, now=NOW + 4 * DAY)
    assert client.get(address(anna, "contact/nieuw/")).context["misses"] == 0


def test_number_is_no_link_when_calling_is_not_safe(client, wil):
    anna = make_client(contact={"may_phone": False})
    client.force_login(wil)
    page = client.get(address(anna, "contact/nieuw/"))
    assert "tel:" not in page.content.decode()
    assert page.context["form"]["way"].value() is None


def test_follow_up_page_settles_or_comes_back(client, anna, wil):
    today = timezone.localdate()
    row = plan(anna, wil, due_on=today)
    client.force_login(wil)
    assert client.get(f"/opvolgen/{row.pk}/").status_code == 200
    assert client.post(f"/opvolgen/{row.pk}/", {}).status_code == 422
    assert client.post(f"/opvolgen/{row.pk}/", {"until": today.isoformat()}).status_code == 422
    assert client.post(f"/opvolgen/{row.pk}/", {"until": (today + DAY).isoformat()}).status_code == 302
    assert FollowUp.objects.get().due_on == today + DAY
    assert client.post(f"/opvolgen/{row.pk}/", {"how": "elsewhere"}).status_code == 302
    assert FollowUp.objects.get().settled_how == "elsewhere"
    assert "elders" not in client.get(f"/opvolgen/{row.pk}/").content.decode()


@pytest.mark.parametrize("page", ["log", "follow_ups"])
def test_lists_take_the_same_statements_for_one_row_and_for_three(client, anna, wil, page):
    client.force_login(wil)
    url = {"log": address(anna), "follow_ups": "/opvolgen/"}[page]

    def add(number):
        other = anna if page == "log" else make_client(f"Pot{number}")
        note_contact(
            client=other, way="phone", is_reached=True, by=wil, at=NOW, now=NOW, note="x", next_on=TODAY, next_for="y"
        )

    counts = []
    for rows in (1, 2):
        for number in range(rows):
            add(f"{rows}{number}")
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("wanted", ["abc", "a b", "reporting:today", "?x", "javascript:alert(1)", "\\\\evil.example"])
def test_what_is_no_address_leads_to_the_log(client, anna, wil, wanted):
    client.force_login(wil)
    answer = client.post(address(anna, "contact/nieuw/"), sent(next=wanted))
    assert (answer.status_code, answer["Location"]) == (302, address(anna))


def test_pressed_twice_is_noted_once_and_another_attempt_is_another(client, anna, wil):
    client.force_login(wil)
    for _twice in range(2):
        client.post(address(anna, "contact/nieuw/"), sent("nee", note="voicemail"))
    assert ContactMoment.objects.count() == 1
    client.post(address(anna, "contact/nieuw/"), sent("nee", note="haar zus nam op"))
    assert ContactMoment.objects.count() == 2
