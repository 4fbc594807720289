"""The coordinator fills in an offer: who may, what is refused where, and what it sets in motion (R11)."""

import pytest
from django.urls import reverse
from django.utils import translation

from groups.enums import EntryPolicy, HistoryCode
from groups.exceptions import NotAllowed
from groups.happened import history_text
from groups.models import Cycle, Waitlist
from groups.services.offers import set_offer_numbers
from groups.services.waitlists import set_sizes
from reporting.today import build_today
from tests.factories.accounts import make_coordinator, make_group_worker
from tests.factories.groups import (
    NOW,
    fresh,
    make_entry,
    make_offer,
    make_waitlist,
    make_worker,
    ready_waitlist,
    sweep,
)
from tests.reporting.test_today import panel, titles
from tests.reporting.test_views import form_errors

pytestmark = pytest.mark.django_db

NUMBERS = {
    "sessions_count": "6",
    "session_minutes": "90",
    "minimum": "3",
    "soft_maximum": "8",
    "hard_maximum": "10",
    "entry_until": "1",
    "reason": "Zo doen we het al jaren",
}
EMPTY = dict.fromkeys(("sessions_count", "session_minutes", "minimum", "soft_maximum", "hard_maximum", "entry_until"))


@pytest.fixture
def coordinator(client):
    user = make_coordinator()
    client.force_login(user)
    return user


def offer_url(offer):
    return reverse("reporting:offer", args=[offer.slug])


def numbers_of(offer):
    return {name: getattr(fresh(offer), name) for name in EMPTY}


def grief(n=3):
    """Like Rouwverwerking: nothing settled, and people who wait, with all else that a start needs."""
    return ready_waitlist(n, offer=make_offer(**EMPTY))


def test_an_offer_that_was_not_filled_in_starts_once_the_coordinator_fills_it_in(client, coordinator):
    waitlist = grief()
    sweep()
    assert [reason["code"] for reason in fresh(waitlist).reasons] == ["offer_incomplete"]
    assert client.post(offer_url(waitlist.offer), NUMBERS).url == offer_url(waitlist.offer)
    assert fresh(waitlist).due_at is not None
    sweep(fresh(waitlist).due_at)
    cycle = Cycle.objects.get(waitlist=waitlist)
    assert (cycle.sessions.count(), cycle.participations.count(), cycle.hard_maximum) == (6, 3, 10)


def test_only_lists_where_people_wait_are_looked_at_again_and_each_keeps_who_and_why(client, coordinator):
    offer = make_offer(**EMPTY)
    waitlist, nobody = ready_waitlist(1, offer=offer), make_waitlist(offer)
    other = ready_waitlist(1)
    sweep()
    client.post(offer_url(offer), NUMBERS | {"reason": " Besproken in het team "})
    assert not other.history.filter(code=HistoryCode.OFFER_CHANGED).exists()
    for row in (waitlist, nobody):
        change = row.history.get(code=HistoryCode.OFFER_CHANGED)
        assert (change.by, change.args["why"]) == (coordinator, "Besproken in het team")
        assert change.args["sessions_count"] == [None, 6]
    assert list(Waitlist.objects.filter(due_at=change.at)) == [waitlist]
    page = client.get(offer_url(offer)).content.decode()
    assert page.count("Besproken in het team") == 1
    with translation.override("nl"):
        assert f"{coordinator.short_name}: {history_text(change)}" in page
    assert "Besproken in het team" in client.get(reverse("reporting:minimum", args=[waitlist.pk])).content.decode()


def test_what_stays_empty_stays_empty(client, coordinator):
    offer = make_offer()
    client.post(offer_url(offer), {"sessions_count": "4", "reason": "De rest weten we nog niet"})
    assert numbers_of(offer) == EMPTY | {"sessions_count": 4}


@pytest.mark.parametrize(
    ("typed", "policy", "until"),
    [("1", EntryPolicy.CLOSED, None), ("3", EntryPolicy.UNTIL_SESSION, 3), ("", EntryPolicy.EVERY_SESSION, None)],
)
def test_until_when_newcomers_enter_is_one_number(client, coordinator, typed, policy, until):
    """R22."""
    offer = make_offer(entry_until=2)
    client.post(offer_url(offer), NUMBERS | {"entry_until": typed})
    offer = fresh(offer)
    assert (offer.entry_policy, offer.entry_until_session) == (policy, until)
    assert offer.history.get().args["entry_until"] == [2, int(typed) if typed else None]


BAD = [
    ({"sessions_count": "0"}, "sessions_count", "Vul minstens 1 in, of laat het leeg."),
    ({"sessions_count": "31"}, "sessions_count", "Vul ten hoogste 30 in."),
    ({"sessions_count": "zes"}, "sessions_count", "Voer een geheel getal in."),
    ({"session_minutes": "14"}, "session_minutes", "Vul minstens 15 in, of laat het leeg."),
    ({"session_minutes": "481"}, "session_minutes", "Vul ten hoogste 480 in."),
    ({"minimum": "0"}, "minimum", "Vul minstens 1 in, of laat het leeg."),
    ({"minimum": "9"}, "minimum", "Het minimum kan niet boven het maximum van 8 liggen."),
    ({"minimum": "11", "soft_maximum": ""}, "minimum", "Het minimum kan niet boven het maximum van 10 liggen."),
    ({"soft_maximum": "11"}, "soft_maximum", "Het maximum kan niet boven het harde maximum van 10 liggen."),
    ({"hard_maximum": "51"}, "hard_maximum", "Vul ten hoogste 50 in."),
    ({"reason": "  "}, "reason", "Schrijf op waarom. Collega's vinden het hieronder terug."),
    (
        {
            "sessions_count": "5",
            "session_minutes": "120",
            "minimum": "3",
            "soft_maximum": "10",
            "hard_maximum": "12",
        },
        "sessions_count",
        "Zo is het al.",
    ),
]


@pytest.mark.parametrize(("change", "field", "words"), BAD)
def test_bad_input_is_told_at_its_field_and_changes_no_offer(client, coordinator, change, field, words):
    waitlist = make_waitlist()
    before = numbers_of(waitlist.offer)
    response = client.post(offer_url(waitlist.offer), NUMBERS | change)
    assert form_errors(response) == {field: [words]}
    assert (numbers_of(waitlist.offer), waitlist.history.count()) == (before, 0)


def test_a_list_with_a_minimum_of_its_own_is_not_overtaken_by_the_offer(client, coordinator):
    waitlist = make_waitlist()
    set_sizes(waitlist=waitlist, minimum=9, reason="Grote zaal", by=coordinator, now=NOW)
    response = client.post(offer_url(waitlist.offer), NUMBERS)
    [error] = form_errors(response)["minimum"]
    assert str(waitlist.catchment) in error
    assert fresh(waitlist.offer).soft_maximum == 10


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": " "}, "reason_missing"),
        ({"minimum": 9}, "sizes_out_of_order"),
        ({"hard_maximum": 7}, "maximum_above_hard"),
    ],
)
def test_the_service_itself_refuses_what_cannot_be(change, code):
    offer = make_offer()
    reason = change.get("reason", "Omdat")
    numbers = EMPTY | {"soft_maximum": 8} | change
    with pytest.raises(NotAllowed, match=code):
        set_offer_numbers(offer=offer, numbers=numbers, reason=reason, by=make_coordinator(), now=NOW)
    assert fresh(offer).soft_maximum == 10


def test_the_coordinator_has_one_task_for_an_offer_that_is_not_filled_in(client, coordinator):
    first = grief(2)
    make_entry(make_waitlist(first.offer), days=3)
    sweep()
    with translation.override("en"):
        today = build_today(coordinator, now=NOW)
    [task] = today.tasks
    assert (task.title, task.url) == ("Fill in: number and length of the sessions", offer_url(first.offer))
    [other] = panel(today, "blocked").rows
    assert other.help.url == offer_url(first.offer)


def test_a_group_worker_is_not_sent_to_a_plan_that_cannot_be_made(client):
    waitlist = grief(2)
    sweep()
    worker = make_worker("Wil", lead=True, municipality=waitlist.catchment.municipality)
    with translation.override("en"):
        today = build_today(worker, now=NOW)
    [row] = panel(today, "blocked").rows
    assert (row.help.text, row.help.url, row.help.action) == ("The coordinator fills in the offer.", "", "")
    assert "Fill in: number and length of the sessions" not in titles(today)
    client.force_login(worker)
    page = client.get(reverse("groups:waitlist", args=[waitlist.pk])).content.decode()
    assert "met de hand" not in page
    assert offer_url(waitlist.offer) not in page
    assert reverse("groups:cycle_form", args=[waitlist.pk]) not in page


def test_the_way_to_the_offers_numbers_stands_on_its_page_and_its_lists_for_the_coordinator_only(client, coordinator):
    waitlist = grief(2)
    sweep()
    pages = [reverse("groups:offer", args=[waitlist.offer.slug]), reverse("groups:waitlist", args=[waitlist.pk])]
    assert all(offer_url(waitlist.offer) in client.get(page).content.decode() for page in pages)
    client.force_login(make_group_worker(municipalities=[waitlist.catchment.municipality]))
    assert not any(offer_url(waitlist.offer) in client.get(page).content.decode() for page in pages)


def test_an_offer_that_does_not_exist_is_not_found(client, coordinator):
    assert client.get("/overzicht/aanbod/bestaat-niet/").status_code == 404
