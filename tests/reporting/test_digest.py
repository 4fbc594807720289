"""The weekly overview for social teams: once a week, counts and dates, nobody's name (R37, R40)."""

import datetime as dt

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from groups.models import GroupOffer
from notifications.models import Notification
from reporting.digest import send_digests
from reporting.queries.digest import digest_for
from tests.factories.accounts import make_coordinator, make_group_worker, make_team_member
from tests.factories.groups import (
    NOW,
    TODAY,
    fresh,
    join_team,
    make_cycle,
    make_entry,
    make_offer,
    make_waitlist,
    sweep,
)

pytestmark = pytest.mark.django_db

# NOW is Monday 7 September 2026, ten o'clock.
HOUR, DAY, WEEK = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(weeks=1)


@pytest.fixture
def nearly():
    """Two of three wait."""
    waitlist = make_waitlist()
    for _ in range(2):
        make_entry(waitlist)
    sweep()
    return waitlist


@pytest.fixture
def tess(nearly):
    tess = make_team_member("Tess")
    join_team(tess, nearly.catchment)
    return tess


def mails():
    return list(Notification.objects.filter(kind="weekly_digest").order_by("pk"))


def test_monday_at_eight_once_a_week(tess):
    assert send_digests(now=NOW - 3 * HOUR) == 0
    assert [send_digests(now=NOW - 2 * HOUR), send_digests(now=NOW), send_digests(now=NOW + HOUR)] == [1, 0, 0]
    assert [send_digests(now=NOW + day * DAY) for day in range(1, 7)] == [0] * 6
    assert send_digests(now=NOW + WEEK) == 1
    assert [mail.to_address for mail in mails()] == [tess.email] * 2


def test_eight_is_local_time_in_winter_too(tess):
    winter = NOW.replace(month=11, day=9, hour=7, minute=59)
    assert [send_digests(now=winter), send_digests(now=winter + dt.timedelta(minutes=1))] == [0, 1]


def test_it_tells_places_starts_and_who_is_needed_and_no_names(nearly, tess):
    cycle = make_cycle(3)
    join_team(tess, cycle.waitlist.catchment)
    send_digests(now=NOW)
    [mail] = [mail for mail in mails() if mail.recipient == tess]  # the cycle's own team gets one too
    assert mail.subject == "Groepen in uw wijk deze week"
    assert f"- {nearly.offer.name}, {nearly.catchment}: nog 1 nodig" in mail.body
    assert f"- {cycle.offer.name}, {cycle.waitlist.catchment}: start " in mail.body
    assert "nog 7 plekken" in mail.body
    for entry in [*nearly.entries.all(), *cycle.waitlist.entries.all()]:
        assert entry.client.family_name not in mail.body
        assert entry.client.short_name not in mail.body


def test_other_teams_hear_nothing_of_it(nearly):
    tom = make_team_member("Tom")
    join_team(tom, make_waitlist().catchment)
    assert digest_for(tom, today=TODAY).is_empty
    assert send_digests(now=NOW) == 0


@pytest.mark.parametrize("field", ["is_sensitive"])
def test_a_closed_group_stands_in_none(nearly, tess, field):
    GroupOffer.objects.filter(pk=nearly.offer_id).update(**{field: True, "added_on": TODAY})
    assert digest_for(tess, today=TODAY).is_empty


def test_new_offers_of_the_last_week_where_the_team_works(nearly, tess):
    fresh_one = make_offer(name="Nieuw aanbod", added_on=TODAY - 6 * DAY)
    make_offer(name="Oud aanbod", added_on=TODAY - 7 * DAY)
    make_offer(name="Altijd al")
    assert [line.offer for line in digest_for(tess, today=TODAY).new] == [fresh_one.name]


def test_who_switched_it_off_is_gone_or_has_another_role_gets_none(nearly, tess):
    worker = make_group_worker("Wil")
    join_team(worker, nearly.catchment)
    tess.gets_digest = False
    tess.save(update_fields=["gets_digest"])
    gone = make_team_member("Weg")
    join_team(gone, nearly.catchment)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    assert send_digests(now=NOW) == 0


def test_the_link_in_the_mail_stops_it_only_when_the_button_is_pressed(client, tess):
    send_digests(now=NOW)
    [url] = [line.removeprefix(settings.SITE_URL) for line in mails()[0].body.splitlines() if "/stop" in line]
    assert client.get(url).status_code == 200
    assert fresh(tess).gets_digest is True
    assert client.post(url).status_code == 200
    assert (fresh(tess).gets_digest, fresh(tess).hears_news_by_mail) == (False, True)
    assert client.post(url + "x/").status_code == 404
    assert send_digests(now=NOW + WEEK) == 0


def test_one_reader_who_cannot_be_mailed_does_not_stop_the_others(nearly, tess, caplog):
    bad = make_team_member("Aagje")
    join_team(bad, nearly.catchment)
    type(bad).objects.filter(pk=bad.pk).update(email="geen adres")
    assert send_digests(now=NOW) == 1
    assert f"user {bad.pk} could not be mailed" in caplog.text


def test_page_says_the_same(client, nearly, tess):
    client.force_login(tess)
    html = client.get(reverse("reporting:digest")).content.decode()
    assert nearly.offer.name in html
    assert [entry.client.short_name for entry in nearly.entries.all() if entry.client.short_name in html] == []


def test_page_takes_the_same_statements_for_one_and_for_three(client, nearly, tess):
    client.force_login(tess)
    counts = []
    for number in (0, 2):
        for _ in range(number):
            waitlist = make_waitlist()
            make_entry(waitlist)
            join_team(tess, waitlist.catchment)
            make_offer(added_on=timezone.localdate())
        sweep()
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse("reporting:digest")).status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]


def test_everybody_chooses_what_can_come_to_them(client, tess):
    url = reverse("reporting:my_messages")
    client.force_login(tess)
    assert set(client.get(url).context["form"].fields) == {"hears_news_by_mail", "gets_digest"}
    assert client.post(url, {"gets_digest": "on"}).status_code == 302
    assert (fresh(tess).gets_digest, fresh(tess).hears_news_by_mail) == (True, False)
    client.force_login(make_coordinator())
    assert client.get(url).context["form"].fields == {}
    client.force_login(make_group_worker("Wil"))
    client.post(url, {"gets_digest": "on"})
    assert set(client.get(url).context["form"].fields) == {"hears_news_by_mail"}
