"""What happened to a list, a cycle, a person: when, by whom or by which rule; every code has words."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from clients.enums import AccessAction
from clients.models import AccessLog, Client
from groups import happened
from groups.enums import HistoryCode, LeaveReason
from groups.models import GroupOffer, HistoryEntry
from groups.services.cycles import cancel_cycle, move_cycle
from groups.services.history import record
from groups.services.invitations import answer_invitation
from groups.services.waitlists import give_priority, hold_entry, leave_waitlist, record_talk, release_entry
from tests.factories.accounts import make_coordinator, make_group_worker, make_social_worker, make_team_member
from tests.factories.clients import make_client
from tests.factories.groups import fresh, make_cycle, make_entry, make_offer, make_waitlist, ready_waitlist, sweep
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db
EXAMPLES = {
    HistoryCode.SIZES_CHANGED: {"before": 3, "after": 2, "why": "Klein"},
    HistoryCode.OFFER_CHANGED: {"minimum": [3, 2], "why": "Klein"},
    HistoryCode.MODE_CHANGED: {"scope": "list", "before": False, "after": True, "still_manual": True, "why": "Eerst"},
    HistoryCode.LISTS_JOINED: {"what": "into", "area": "Oosterwijk", "people": 3, "why": "Klein"},
    HistoryCode.ENTRY_LEFT: {"reason": LeaveReason.SOLVED.value},
    HistoryCode.OUTCOME_CHOSEN: {"outcome": "enough"},
}


@pytest.fixture
def wil():
    return make_group_worker("Wil", municipalities=[make_municipality()])


@pytest.fixture
def now():
    return timezone.localtime()


@pytest.fixture
def entry(now):
    return make_entry(make_waitlist(), now=now, days=14, family_name="Zeester", given_name="Mina")


def page_of(client):
    return reverse("groups:person_history", args=[client.public_id])


def story(browser, client):
    """The phrases of the page, the oldest first."""
    items = re.findall(r"<li> <span.*?</li>", text_of(browser.get(page_of(client))))
    return [re.sub(r"<[^>]*>", "", item.split("<br>")[1]).strip() for item in reversed(items)]


# --- words


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", HistoryCode)
def test_every_code_has_words_in_both_languages(code, language):
    with translation.override(language):
        words = happened.history_text(HistoryEntry(code=code, args=EXAMPLES.get(code, {})))
    assert words
    assert str(code) not in words
    assert "_" not in words


def test_every_rule_that_a_service_writes_has_words():
    sources = Path(settings.BASE_DIR, "groups", "services").rglob("*.py")
    written = {rule for path in sources for rule in re.findall(r"rule(?:=|\": ?| or )\"(R\d+b?)\"", path.read_text())}
    assert len(written) >= 4
    assert written - set(happened._RULES) == set()


# --- a person


def test_a_person_s_story_from_joining_to_leaving_with_who_and_which_rule(wil, now):
    waitlist = ready_waitlist(2, now=now)
    mina = make_entry(waitlist, now=now, days=40, given_name="Mina", by=make_social_worker("Sanne", last_name="Smit"))
    step = {"entry": mina, "by": wil, "now": now}
    hold_entry(reason="Eerst de huur", **step)
    release_entry(**step)
    record_talk(held_on=now.date(), **step)
    give_priority(reason="Verhuist over zes weken", **step)
    sweep(now)
    place = mina.participations.get()
    answer_invitation(participation=place, coming=True, now=now)
    move_cycle(cycle=place.cycle, weeks=1, by=wil, now=now)
    cancel_cycle(cycle=place.cycle, reason="ziek", by=wil, now=now)
    leave_waitlist(entry=fresh(mina), reason=LeaveReason.TOO_LONG, by=wil, now=now)
    told = story(browser_of(wil), mina.client)
    who = wil.short_name
    since = (now.date() - dt.timedelta(days=40)).strftime("%a %-d %b")
    assert told == [
        f"joined the waitlist (judged: fits; waits since {since}) · Sanne S.",
        f"basic needs first: not counted for now · {who}",
        f"basic needs in order: counts again · {who}",
        f"acquaintance talk held · {who}",
        f"got priority, with a reason (Verhuist over zes weken) · {who}",
        "placed in the new cycle (invited by mail) · by itself: enough people, team, room and time",
        "said yes · by the link in the invitation",
        f"back on the waitlist with the original waiting time · {who}",
        f"place given back · {who}",
        f"left the waitlist: waited too long · {who}",
    ]


def test_what_happens_to_the_group_happens_to_who_takes_part_since_they_were_invited(wil, now):
    cycle = make_cycle(now=now)
    early = cycle.participations.order_by("pk").first()
    move_cycle(cycle=cycle, weeks=1, by=wil, now=now + dt.timedelta(minutes=1))
    late = make_entry(cycle.waitlist, now=now + dt.timedelta(minutes=2))
    sweep(now + dt.timedelta(minutes=2))
    browser = browser_of(wil)
    assert any(line.startswith("cycle moved to other dates") for line in story(browser, early.client))
    assert not any(line.startswith("cycle moved") for line in story(browser, late.client))
    assert story(browser, late.client)[-1].startswith(
        "joined the formed cycle (invited by mail) · by itself: there was"
    )


def test_who_was_passed_and_why_stands_there_for_who_places(wil, entry, now):
    reason = {"code": "not_available_then", "args": {"weekday": 1, "part": "evening"}}
    row = {"waitlist": entry.waitlist, "entry": entry, "reason": reason}
    record(HistoryCode.ENTRY_PASSED, at=now, rule="R17", **row)
    assert story(browser_of(wil), entry.client)[-1].startswith("passed over: not available on Tuesday evening")


def test_lists_elsewhere_are_told_and_not_linked(wil, now):
    far = make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    near = make_waitlist()
    zina = make_client("Zeester", given_name="Zina")
    there = make_entry(make_waitlist(neighbourhood=far), client=zina, now=now)
    here = make_entry(near, client=zina, now=now)
    words = text_of(browser_of(wil).get(page_of(zina)))
    assert reverse("groups:waitlist", args=[here.waitlist_id]) in words
    assert reverse("groups:waitlist", args=[there.waitlist_id]) not in words
    assert f"{there.waitlist.offer.name}, Bakkum (Castricum)" in words


def test_a_sensitive_group_is_told_only_to_who_may_open_the_file(wil, now):
    offer = make_offer(is_sensitive=True)
    zina = make_entry(make_waitlist(offer), now=now).client
    assert offer.name in text_of(browser_of(wil).get(page_of(zina)))
    far = make_group_worker("Ver", municipalities=[make_municipality("Heemskerk", "GM0396")])
    answer = browser_of(far).get(page_of(zina))
    assert answer.status_code == 404
    assert offer.name not in text_of(answer)


def test_each_look_is_noted_and_a_stranger_s_too(wil, entry):
    browser_of(wil).get(page_of(entry.client))
    coba, tess = make_coordinator(), make_team_member("Tess")
    for stranger in (coba, tess):
        assert browser_of(stranger).get(page_of(entry.client)).status_code == 404
    rows = AccessLog.objects.order_by("pk").values_list("client", "user", "action")
    denied = [(entry.client_id, stranger.pk, AccessAction.DENIED) for stranger in (coba, tess)]
    assert list(rows) == [(entry.client_id, wil.pk, AccessAction.READ), *denied]


def test_a_referrer_of_the_client_does_not_read_the_story(now):
    """R9: they hear what the client allows, on their own page."""
    tess = make_team_member("Tess")
    zina = make_client("Zeester", given_name="Zina", by=tess)
    make_entry(make_waitlist(), client=zina, now=now)
    browser = browser_of(tess)
    assert browser.get(reverse("clients:file", args=[zina.public_id])).status_code == 200
    assert page_of(zina) not in text_of(browser.get(reverse("clients:file", args=[zina.public_id])))
    assert browser.get(page_of(zina)).status_code == 404


def test_the_file_leads_to_it_and_the_title_holds_no_name(wil, entry):
    browser = browser_of(wil)
    assert page_of(entry.client) in text_of(browser.get(reverse("clients:file", args=[entry.client.public_id])))
    words = text_of(browser.get(page_of(entry.client)))
    assert "M. Z." in words
    assert "Zeester" not in words
    assert "<title>What happened" in words


def test_nothing_has_happened_is_said_kindly(wil):
    assert "Nothing has happened yet" in text_of(browser_of(wil).get(page_of(make_client())))


def test_the_page_of_a_person_costs_the_same_with_one_list_or_three(wil, entry, now):
    browser = browser_of(wil)
    count = statements(browser, page_of(entry.client))
    for _number in range(2):
        make_entry(make_waitlist(), client=entry.client, now=now)
    assert statements(browser, page_of(entry.client)) == count


def test_a_long_story_has_pages(wil, entry, now):
    for minutes in range(60):
        at = now + dt.timedelta(minutes=minutes)
        record(HistoryCode.ENTRY_TALKED, at=at, by=wil, waitlist=entry.waitlist, entry=entry)
    browser = browser_of(wil)
    assert len(story(browser, entry.client)) == 50
    words = text_of(browser.get(page_of(entry.client), {"pagina": "2"}))
    assert "page 2 of 2" in words
    assert words.count("acquaintance talk held") == 10
    assert browser.get(page_of(entry.client), {"pagina": "veel"}).status_code == 200


# --- a list and a cycle


def test_lists_and_cycles_tell_all_that_happened_page_by_page(wil, entry, now):
    for minutes in range(60):
        at = now + dt.timedelta(minutes=minutes)
        record(HistoryCode.ENTRY_TALKED, at=at, by=wil, waitlist=entry.waitlist, entry=entry)
    browser, url = browser_of(wil), reverse("groups:waitlist_history", args=[entry.waitlist_id])
    assert f'href="{url}"' in text_of(browser.get(reverse("groups:waitlist", args=[entry.waitlist_id])))
    assert "joined the waitlist" not in text_of(browser.get(url))
    assert "<strong>M. Z.</strong>: joined the waitlist" in text_of(browser.get(url, {"pagina": "2"}))
    cycle = make_cycle(now=now)
    url = reverse("groups:cycle_history", args=[cycle.pk])
    assert f'href="{url}"' in text_of(browser.get(reverse("groups:cycle", args=[cycle.pk])))
    assert "cycle formed" in text_of(browser.get(url))


def test_the_pages_of_lists_and_cycles_name_nobody_to_who_sees_counts_and_keep_passed_people_to_who_places(entry, now):
    record(
        HistoryCode.ENTRY_PASSED,
        at=now,
        rule="R17",
        waitlist=entry.waitlist,
        entry=entry,
        reason={"code": "not_together", "args": {}},
    )
    url = reverse("groups:waitlist_history", args=[entry.waitlist_id])
    words = text_of(browser_of(make_coordinator()).get(url))
    assert "joined the waitlist" in words
    assert "M. Z." not in words
    assert "passed over" not in words


def test_a_sensitive_name_elsewhere_stays_out_of_a_list_s_pages(wil, entry):
    GroupOffer.objects.update(is_sensitive=True)
    far = make_neighbourhood("Noord", make_municipality("Heemskerk", "GM0396"))
    Client.objects.update(neighbourhood=far)
    words = text_of(browser_of(wil).get(reverse("groups:waitlist_history", args=[entry.waitlist_id])))
    assert "joined the waitlist" in words
    assert "M. Z." not in words


def test_the_page_of_a_list_costs_the_same_with_one_row_or_three(wil, entry, now):
    browser, url = browser_of(wil), reverse("groups:waitlist_history", args=[entry.waitlist_id])
    count = statements(browser, url)
    for _number in range(2):
        make_entry(entry.waitlist, now=now)
    assert statements(browser, url) == count
