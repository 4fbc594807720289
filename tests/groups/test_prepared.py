"""R23: on manual a cycle is prepared and one click starts it; twice, by two people or on old facts it does not."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from groups.enums import CycleOrigin, HistoryCode, LeaveReason
from groups.exceptions import NotAllowed
from groups.models import Cycle, GroupOffer, Waitlist
from groups.services.history import record
from groups.services.modes import set_area_mode, set_list_mode
from groups.services.starting import prepare_start, start_prepared
from groups.services.waitlists import leave_waitlist
from notifications.models import Notification
from tests.factories.accounts import make_coordinator, make_group_worker, make_social_worker
from tests.factories.clients import make_client
from tests.factories.groups import (
    NOW,
    fresh,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    make_worker,
    ready_waitlist,
    sweep,
)
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db
HIDDEN = re.compile(r'name="(proposal|seen)" value="([^"]*)"')
WHY = "Eerst iedereen spreken"


def on_manual(waitlist, now=NOW):
    set_list_mode(waitlist=waitlist, manual=True, reason=WHY, by=make_coordinator(), now=now)
    sweep(now)
    return fresh(waitlist)


@pytest.fixture
def now():
    return timezone.localtime()


@pytest.fixture
def waitlist(now):
    return on_manual(ready_waitlist(3, now=now), now)


@pytest.fixture
def wil(waitlist):
    return make_group_worker("Wil", last_name="Groot", municipalities=[waitlist.catchment.municipality])


def page_of(waitlist):
    return reverse("groups:waitlist", args=[waitlist.pk])


def click_of(waitlist):
    return reverse("groups:waitlist_start", args=[waitlist.pk])


def shown(user, waitlist):
    """What the button on the page sends."""
    return dict(HIDDEN.findall(text_of(browser_of(user).get(page_of(waitlist)))))


def click(user, waitlist, data=None):
    return browser_of(user).post(click_of(waitlist), shown(user, waitlist) if data is None else data)


# --- what the page shows


def test_on_manual_nothing_starts_and_the_page_shows_what_would(waitlist, wil):
    assert not Cycle.objects.exists()
    assert [reason["code"] for reason in waitlist.reasons] == ["ready_by_click"]
    words = text_of(browser_of(wil).get(page_of(waitlist)))
    assert "A group is ready to start" in words
    [start] = prepare_start(waitlist=waitlist, now=timezone.localtime()).starts
    for entry in waitlist.entries.select_related("client"):
        assert entry.client.short_name in words
    assert "The 3 people who waited longest, in order." in words
    assert f"{start.slot.start:%H:%M}–{start.slot.end:%H:%M}" in words
    assert words.count('<span class="nowrap">') >= 5
    assert "Answer by" in words
    assert "Start now" in words
    assert "waits: the prepared group still has to be started" in words
    assert "ready, waits for a click</span>" in words
    assert not Notification.objects.exists()


def test_the_coordinator_sees_counts_no_names_and_no_button(waitlist):
    words = text_of(browser_of(make_coordinator("Cor")).get(page_of(waitlist)))
    assert "<dd> 3 participants </dd>" in words
    assert "A group worker of this area starts it." in words
    assert click_of(waitlist) not in words
    for entry in waitlist.entries.select_related("client"):
        assert entry.client.short_name not in words


def test_a_sensitive_group_is_shown_on_demand_and_who_is_not_to_be_named_is_counted(waitlist, wil):
    GroupOffer.objects.update(is_sensitive=True)
    stranger = waitlist.entries.order_by("pk").first().client
    stranger.neighbourhood = make_neighbourhood("Noord", make_municipality("Heemskerk", "GM0396"))
    stranger.given_name, stranger.family_name = "Zina", "Zeester"
    stranger.save()
    words = text_of(browser_of(wil).get(page_of(waitlist)))
    assert '<details class="sensitive"><summary>3 participants</summary>' in words
    assert "and 1 person outside your area" in words
    assert "Z. Z." not in words


def test_an_automatic_list_shows_no_button(now):
    waitlist = make_waitlist()
    make_entry(waitlist, now=now)
    sweep(now)
    wil = make_group_worker(municipalities=[waitlist.catchment.municipality])
    assert "Start now" not in text_of(browser_of(wil).get(page_of(waitlist)))


def test_on_manual_with_too_few_people_the_page_says_why(now):
    waitlist = make_waitlist()
    make_entry(waitlist, now=now)
    on_manual(waitlist, now)
    wil = make_group_worker(municipalities=[waitlist.catchment.municipality])
    words = text_of(browser_of(wil).get(page_of(waitlist)))
    assert "2 more participants needed." in words
    assert "waits: 2 more participants needed</span>" in words
    assert "Start now" not in words


def test_the_page_costs_the_same_with_three_people_prepared_or_six(waitlist, wil, now):
    browser = browser_of(wil)
    count = statements(browser, page_of(waitlist))
    for _number in range(3):
        make_entry(waitlist, now=now)
    sweep(now)
    assert statements(browser, page_of(waitlist)) == count


# --- one click


def test_one_click_starts_it_with_all_that_belongs_to_it(waitlist, wil):
    answer = click(wil, waitlist)
    cycle = Cycle.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("groups:cycle", args=[cycle.pk]))
    assert (cycle.formed_by, cycle.origin) == (wil, CycleOrigin.BY_CLICK)
    assert (cycle.sessions.count(), cycle.participations.count()) == (5, 3)
    assert cycle.history.get(code=HistoryCode.CYCLE_FORMED).by == wil
    assert Notification.objects.count() == 3
    words = text_of(browser_of(wil).get(answer.url))
    assert wil.short_name in words
    assert not fresh(waitlist).entries.waiting().exists()


def test_a_start_clicked_twice_starts_once_and_the_second_hears_so_with_the_link(waitlist, wil):
    data = shown(wil, waitlist)
    wim = make_group_worker("Wim", municipalities=[waitlist.catchment.municipality])
    click(wil, waitlist, data)
    cycle = Cycle.objects.get()
    for user in (wil, wim):
        answer = click(user, waitlist, data)
        words = text_of(answer)
        assert answer.status_code == 409
        assert f"This group has been started already, by {wil.short_name} on " in words
        assert f'<a class="reason-link" href="{reverse("groups:cycle", args=[cycle.pk])}">Open the group' in words
    assert Cycle.objects.count() == 1
    assert cycle.participations.count() == 3
    assert Notification.objects.count() == 3


def test_when_facts_changed_meanwhile_the_page_says_so_and_shows_the_new_proposal(waitlist, wil, now):
    data = shown(wil, waitlist)
    make_entry(waitlist, now=now, given_name="Mina", family_name="Zeester")
    answer = click(wil, waitlist, data)
    words = text_of(answer)
    assert answer.status_code == 409
    assert "Something has changed meanwhile, so nothing was started." in words
    assert "Look at the new proposal below and start that one." in words
    assert "M. Z." in words.partition("A group is ready to start")[2]
    assert not Cycle.objects.exists()
    assert click(wil, waitlist, dict(HIDDEN.findall(words))).status_code == 302
    assert Cycle.objects.get().participations.count() == 4


def test_when_nothing_is_ready_any_more_the_page_says_why(waitlist, wil, now):
    data = shown(wil, waitlist)
    gone = waitlist.entries.order_by("pk").first()
    leave_waitlist(entry=gone, reason=LeaveReason.SOLVED, by=wil, now=now)
    words = text_of(click(wil, waitlist, data))
    assert "Nothing is ready to start here any more." in words
    assert "Start now" not in words
    sweep(now)
    assert "1 more participant needed." in text_of(browser_of(wil).get(page_of(waitlist)))
    assert not Cycle.objects.exists()


@pytest.mark.parametrize("data", [{}, {"proposal": "x", "seen": "9" * 40}, {"proposal": "", "seen": "-1"}])
def test_a_made_up_click_starts_nothing(waitlist, wil, data):
    assert click(wil, waitlist, data).status_code == 409
    assert not Cycle.objects.exists()


def test_only_group_workers_of_the_area_click(waitlist, wil):
    here = [waitlist.catchment.municipality]
    for user in (make_coordinator("Cor"), make_social_worker(municipalities=here)):
        assert browser_of(user).post(click_of(waitlist), shown(wil, waitlist)).status_code == 403
    far = make_group_worker("Ver", municipalities=[make_municipality("Heemskerk", "GM0396")])
    assert browser_of(far).post(click_of(waitlist), shown(wil, waitlist)).status_code == 404
    assert browser_of(wil).get(click_of(waitlist)).status_code == 405
    assert not Cycle.objects.exists()


def test_two_groups_worth_are_prepared_and_start_at_one_click(now):
    waitlist = make_waitlist(make_offer(minimum=3, soft_maximum=4, hard_maximum=4))
    for _team in range(2):
        make_team_and_room(waitlist)
    for number in range(7):
        make_entry(waitlist, now=now, days=30 - number)
    waitlist = on_manual(waitlist, now)
    wil = make_group_worker("Wil", municipalities=[waitlist.catchment.municipality])
    assert "2 groups are ready to start" in text_of(browser_of(wil).get(page_of(waitlist)))
    assert click(wil, waitlist).url == page_of(waitlist)
    assert sorted(cycle.participations.count() for cycle in Cycle.objects.all()) == [3, 4]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_click_at_the_same_moment_start_it_once():
    waitlist = on_manual(ready_waitlist(3))
    people = [make_worker(name, lead=True, municipality=waitlist.catchment.municipality) for name in ("Wil", "Wim")]
    fingerprint, both = prepare_start(waitlist=waitlist, now=NOW).fingerprint, Barrier(2)

    def press(user):
        both.wait()
        try:
            return len(start_prepared(waitlist=waitlist, fingerprint=fingerprint, by=user, now=NOW))
        except NotAllowed as refusal:
            return refusal.reason.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(map(str, pool.map(press, people))) == ["1", "nothing_to_start"]
    assert Cycle.objects.count() == 1


# --- manual and back


def test_back_on_automatic_it_starts_at_the_next_look(waitlist, now):
    set_list_mode(waitlist=waitlist, manual=False, reason="Klaar", by=make_coordinator("Cor"), now=now)
    sweep(now)
    cycle = Cycle.objects.get()
    assert (cycle.formed_by, cycle.history.get(code=HistoryCode.CYCLE_FORMED).rule) == (None, "R12")


def test_a_whole_area_on_manual_prepares_also_on_a_list_that_is_new_there(now):
    area = make_neighbourhood().catchment
    set_area_mode(catchment=area, manual=True, reason=WHY, by=make_coordinator(), now=now)
    waitlist = make_waitlist(catchment=area)
    make_team_and_room(waitlist)
    for _number in range(3):
        make_entry(waitlist, now=now)
    sweep(now)
    assert [reason["code"] for reason in fresh(waitlist).reasons] == ["ready_by_click"]
    wil = make_group_worker("Wil", municipalities=[area.municipality])
    assert click(wil, waitlist).status_code == 302
    assert Cycle.objects.count() == 1


# --- why each person still waits (R19)


def test_who_counts_hears_what_holds_the_list_up_and_who_does_not_what_is_missing(now):
    waitlist = make_waitlist()
    make_entry(waitlist, now=now, given_name="Mina", family_name="Zeester")
    make_entry(waitlist, now=now, placeable=False, given_name="Bo", family_name="Kwal")
    sweep(now)
    words = text_of(browser_of(make_group_worker(municipalities=[make_municipality()])).get(page_of(waitlist)))
    _head, _name, mina = words.partition("M. Z.")
    assert "waits: 2 more participants needed" in mina.partition("B. K.")[0]
    bo = words.partition("B. K.")[2].partition("</tr>")[0]
    assert "not yet judged by a social worker" in bo
    assert "waits:" not in bo


def test_who_was_passed_when_the_last_group_began_hears_why(now):
    waitlist = make_waitlist()
    entry = make_entry(waitlist, now=now)
    for code in ("other_kind", "not_together"):
        reason = {"code": code, "args": {}}
        record(HistoryCode.ENTRY_PASSED, at=now, rule="R17", waitlist=waitlist, entry=entry, reason=reason)
    worker = make_group_worker(municipalities=[make_municipality()])
    told = "waits: the last group began without this person: cannot be in one group with somebody who has a place"
    assert told in text_of(browser_of(worker).get(page_of(waitlist)))
    assert "cannot be in one group" not in text_of(browser_of(make_coordinator()).get(page_of(waitlist)))


def test_who_is_not_in_the_prepared_group_hears_why(waitlist, wil, now):
    mina = make_client("Zeester", given_name="Mina", neighbourhood=waitlist.catchment.neighbourhoods.get())
    [start] = prepare_start(waitlist=waitlist, now=now).starts
    busy = (start.slot.weekday + 1) % 5
    mina.availability.create(weekday=busy, part="evening")
    make_entry(waitlist, client=mina, days=60, now=now)
    Waitlist.objects.update(due_at=now)
    sweep(now)
    proposal = prepare_start(waitlist=waitlist, now=now)
    words = text_of(browser_of(wil).get(page_of(waitlist)))
    passed = [row.person for start in proposal.starts for row in start.passed]
    row = words.partition("M. Z.")[2]
    assert ("not in the prepared group: " in row) is bool(passed)
    assert "the prepared group still has to be started" in words.partition('id="people"')[2]
