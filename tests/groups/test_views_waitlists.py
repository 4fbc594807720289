"""Who waits and why: what a placer, a coordinator and a stranger see, and each step about one person."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import AccessLog
from groups.enums import EntryState, HistoryCode, LeaveReason
from groups.models import Waitlist
from groups.services.history import record
from tests.factories.accounts import (
    make_coordinator,
    make_desk,
    make_group_worker,
    make_social_worker,
    make_team_member,
)
from tests.factories.groups import fresh, make_cycle, make_entry, make_offer, make_waitlist, ready_waitlist, sweep
from tests.factories.neighbourhoods import make_municipality
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db

LISTS = "/groepen/wachtlijsten/"


@pytest.fixture
def waitlist():
    return make_waitlist()


@pytest.fixture
def worker():
    return make_group_worker(municipalities=[make_municipality()])


@pytest.fixture
def browser(worker):
    return browser_of(worker)


@pytest.fixture
def entry(waitlist):
    return make_entry(waitlist, now=timezone.localtime(), days=14, family_name="Zeester", given_name="Mina")


def page(waitlist):
    return reverse("groups:waitlist", args=[waitlist.pk])


def step(name, entry):
    return reverse(f"groups:{name}", args=[entry.pk])


def swept(waitlist):
    sweep(timezone.localtime())
    return fresh(waitlist)


# --- the lists


@pytest.mark.parametrize("make_user", [make_desk, make_team_member])
def test_lists_are_for_who_works_with_them(make_user, waitlist):
    browser = browser_of(make_user())
    assert browser.get(LISTS).status_code == 403
    assert browser.get(page(waitlist)).status_code == 403


def test_nobody_waits_is_good_news(browser):
    assert "Nobody waits" in text_of(browser.get(LISTS))


def test_a_list_says_why_it_does_not_start_and_how_long(browser, entry):
    swept(entry.waitlist)
    words = text_of(browser.get(LISTS))
    assert "2 more participants needed." in words
    assert "14 days" in words
    assert "1 of 3: 2 more needed" in words


def test_elsewhere_is_not_seen(entry):
    stranger = make_group_worker("Vreemd", municipalities=[make_municipality("Heemskerk", "GM0396")])
    assert entry.waitlist.offer.name not in text_of(browser_of(stranger).get(LISTS))
    assert browser_of(stranger).get(page(entry.waitlist)).status_code == 404
    for name in ("entry_talk", "entry_hold", "entry_release", "entry_priority", "entry_leave"):
        assert browser_of(stranger).get(step(name, entry)).status_code == 404


def test_lists_can_be_narrowed(browser):
    few, blocked, empty = make_waitlist(), make_waitlist(make_offer(minimum=None)), make_waitlist()
    for waitlist in (few, blocked):
        make_entry(waitlist, now=timezone.localtime())
    started = ready_waitlist(now=timezone.localtime())
    sweep(timezone.localtime())
    rows = {"few": few, "blocked": blocked, "empty": empty, "started": started}
    names = {key: row.offer.name for key, row in rows.items()}

    def shown(**query):
        words = text_of(browser.get(LISTS, query)).partition("<tbody>")[2]
        return {key for key, name in names.items() if f">{name}<" in words}

    assert shown() == {"few", "blocked"}
    assert shown(state="few") == {"few"}
    assert shown(state="no_start") == {"blocked"}
    assert shown(state="blocked") == set()
    assert shown(state="empty") == {"empty", "started"}
    assert shown(offer=few.offer.slug) == {"few"}
    assert shown(municipality="GM0375") == {"few", "blocked"}
    assert shown(municipality="GM9999") == set()
    assert "No list answers to this" in text_of(browser.get(LISTS, {"state": "ready"}))


def test_lists_cost_the_same_with_one_or_three(browser):
    make_entry(make_waitlist(), now=timezone.localtime())
    assert statements(browser, LISTS) == 6
    for _number in range(2):
        make_entry(make_waitlist(), now=timezone.localtime())
    assert statements(browser, LISTS) == 6


STATES = {"few", "blocked", "no_start", "ready", "empty"}
NO_ROOM = {"code": "no_room", "args": {"weekday": 0, "part": "morning"}}
NEED_MORE = {"code": "need_more", "args": {"needed": 1}}
INCOMPLETE = {"code": "offer_incomplete", "args": {}}
LOOKING = "Enough people: leaders, a room and a date are being looked for now."


@pytest.mark.parametrize(
    ("placeable", "reasons", "is_due", "state", "badge"),
    [
        (3, [NO_ROOM], False, "blocked", "waits for leaders or a room"),
        (3, [NO_ROOM], True, "ready", "about to start"),
        (3, [NEED_MORE], False, "ready", "about to start"),
        (2, [NEED_MORE], True, "few", "too few people"),
        (3, [INCOMPLETE], False, "no_start", "does not start by itself"),
        (3, [], False, "ready", "about to start"),
    ],
)
def test_how_a_list_stands_is_one_word_in_badge_and_filter(browser, entry, placeable, reasons, is_due, state, badge):
    due_at = timezone.now() + dt.timedelta(minutes=-1 if is_due else 60)
    Waitlist.objects.update(placeable_count=placeable, reasons=reasons, due_at=due_at)
    name = f">{entry.waitlist.offer.name}</a>"
    found = {known for known in STATES if name in text_of(browser.get(LISTS, {"state": known}))}
    assert found == {state}
    for address in (LISTS, page(entry.waitlist)):
        words = text_of(browser.get(address)).partition("<main")[2]
        assert f"{badge}</span>" in words
        assert (LOOKING in words) is (state == "ready")
        assert ("no room on" in words.lower()) is (state == "blocked")


# --- one list


def test_a_placer_sees_who_waits_and_why(browser, entry):
    make_entry(entry.waitlist, now=timezone.localtime(), placeable=False, days=3, family_name="Kwal", given_name="Bo")
    swept(entry.waitlist)
    words = text_of(browser.get(page(entry.waitlist)))
    assert "M. Z." in words
    assert "Zeester" not in words
    assert "not yet judged by a social worker" in words
    assert reverse("clients:file", args=[entry.client.public_id]) in words
    assert "2 more participants needed." in words
    assert "Ask the social teams whom they meet" in words
    assert words.index("M. Z.") < words.index("B. K.")


def test_a_coordinator_sees_counts_and_reasons_and_no_names(entry):
    swept(entry.waitlist)
    coordinator = make_coordinator()
    words = text_of(browser_of(coordinator).get(page(entry.waitlist)))
    assert "2 more participants needed." in words
    assert "joined the waitlist" in words
    assert "M. Z." not in words
    assert reverse("clients:file", args=[entry.client.public_id]) not in words
    assert browser_of(coordinator).get(step("entry_hold", entry)).status_code == 403


def test_who_was_passed_and_why_is_only_for_who_places(browser, entry):
    record(
        HistoryCode.ENTRY_PASSED,
        at=timezone.localtime(),
        rule="R17",
        waitlist=entry.waitlist,
        entry=entry,
        reason={"code": "not_together", "args": {}},
    )
    assert "cannot be in one group" in text_of(browser.get(page(entry.waitlist)))
    assert "cannot be in one group" not in text_of(browser_of(make_coordinator()).get(page(entry.waitlist)))


def test_a_file_elsewhere_is_named_but_not_linked(entry):
    entry.waitlist.catchment.municipality = make_municipality("Heemskerk", "GM0396")
    entry.waitlist.catchment.save()
    worker = make_group_worker("Hedwig", municipalities=[entry.waitlist.catchment.municipality])
    words = text_of(browser_of(worker).get(page(entry.waitlist)))
    assert "M. Z." in words
    assert reverse("clients:file", args=[entry.client.public_id]) not in words


def test_one_list_costs_the_same_with_one_person_or_three(browser, entry):
    assert statements(browser, page(entry.waitlist)) == 9
    for _number in range(2):
        make_entry(entry.waitlist, now=timezone.localtime())
    assert statements(browser, page(entry.waitlist)) == 9


def test_history_says_who_or_which_rule():
    cycle = make_cycle(now=timezone.localtime())
    words = text_of(browser_of(cycle.lead).get(page(cycle.waitlist)))
    assert "placed in the new cycle" in words
    assert "by itself: enough people, team, room and time" in words
    assert "Olga O." in words
    assert reverse("groups:cycle", args=[cycle.pk]) in words


@pytest.mark.parametrize(
    ("code", "author"),
    [
        (HistoryCode.CYCLE_RUNNING, "by itself: the first day has come"),
        (HistoryCode.CYCLE_JOINED, "by itself: there was a place"),
        (HistoryCode.CYCLE_FORMED, "by itself: enough people, team, room and time"),
    ],
)
def test_what_happened_by_itself_says_why_that_happened(browser, waitlist, code, author):
    record(code, at=timezone.localtime(), rule="R12", waitlist=waitlist)
    words = text_of(browser.get(page(waitlist)))
    assert words.count("by itself: ") == 1
    assert f"· {author}</span>" in words


def test_without_a_maximum_a_cycle_has_participants_and_no_places():
    offer = make_offer(soft_maximum=None, hard_maximum=None)
    open_ended, bounded = make_cycle(offer=offer, now=timezone.localtime()), make_cycle(now=timezone.localtime())
    words = text_of(browser_of(open_ended.lead).get(page(open_ended.waitlist)))
    assert "3 participants</span>" in words
    assert "places taken" not in words
    assert "3 of 10 places taken" in text_of(browser_of(bounded.lead).get(page(bounded.waitlist)))


def test_the_row_of_a_list_has_dots_up_to_its_minimum(browser, entry):
    swept(entry.waitlist)
    row = text_of(browser.get(LISTS)).partition("<tbody>")[2]
    assert row.count('<circle class="dot') == 3
    assert '<td class="number nowrap" data-label="Longest">14 days</td>' in row


# --- steps about one person


@pytest.mark.parametrize("name", ["entry_talk", "entry_hold", "entry_release", "entry_priority", "entry_leave"])
def test_asking_for_somebody_elsewhere_is_noted_on_the_file(entry, name):
    """R41."""
    wil = make_group_worker("Wil", municipalities=[make_municipality("Castricum", "GM0383")])
    assert browser_of(wil).get(step(name, entry)).status_code == 404
    assert [(row.client, row.user, row.action) for row in AccessLog.objects.all()] == [(entry.client, wil, "denied")]


def test_a_talk_is_noted(browser, entry):
    answer = browser.post(step("entry_talk", entry), {"held_on": timezone.localdate()})
    assert (answer.status_code, answer.url) == (302, page(entry.waitlist))
    assert fresh(entry).talk_held_on == timezone.localdate()


@pytest.mark.parametrize("day", ["", "gisteren", "9999-12-31", "1900-01-01"])
def test_a_talk_on_an_impossible_day_is_refused_at_the_field(browser, entry, day):
    answer = browser.post(step("entry_talk", entry), {"held_on": day})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["held_on"]
    assert fresh(entry).talk_held_on is None


def test_a_talk_of_tomorrow_has_not_been_held(browser, entry):
    answer = browser.post(step("entry_talk", entry), {"held_on": timezone.localdate() + dt.timedelta(days=1)})
    assert "This day is too late." in text_of(answer)


def test_hold_and_release(browser, entry):
    browser.post(step("entry_hold", entry), {"reason": "eerst wonen", "until": ""})
    assert (fresh(entry).is_on_hold, fresh(entry).hold_reason) == (True, "eerst wonen")
    browser.post(step("entry_release", entry), {"yes": "1"})
    assert fresh(entry).is_on_hold is False


def test_hold_without_a_reason_loses_nothing_typed(browser, entry):
    answer = browser.post(step("entry_hold", entry), {"reason": " ", "until": "2020-01-01"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"reason", "until"}
    assert 'value="2020-01-01"' in text_of(answer)


def test_priority_needs_a_reason(browser, entry):
    assert browser.post(step("entry_priority", entry), {"reason": ""}).status_code == 422
    assert fresh(entry).has_priority is False
    browser.post(step("entry_priority", entry), {"reason": "verhuist over zes weken"})
    assert fresh(entry).priority_reason == "verhuist over zes weken"


def test_leaving_keeps_reason_and_follow_up_and_twice_is_once(browser, entry):
    day = timezone.localdate() + dt.timedelta(days=20)
    data = {"reason": LeaveReason.SOLVED, "note": "gaat goed", "follow_up_on": day}
    for _time in range(2):
        assert browser.post(step("entry_leave", entry), data).url == page(entry.waitlist)
    left = fresh(entry)
    assert (left.state, left.leave_reason, left.follow_up_on) == (EntryState.LEFT, LeaveReason.SOLVED, day)
    assert left.history.filter(code=HistoryCode.ENTRY_LEFT).count() == 1


def test_leaving_spells_out_what_happens_and_needs_a_reason(browser, entry):
    words = text_of(browser.get(step("entry_leave", entry)))
    assert "The waiting time is not kept" in words
    assert "<title>Off the waitlist" in words
    assert browser.post(step("entry_leave", entry), {"note": "zomaar"}).status_code == 422
    assert fresh(entry).state == EntryState.WAITING


def test_a_social_worker_may_handle_people_too(entry):
    colleague = make_social_worker(municipalities=[make_municipality()])
    browser_of(colleague).post(step("entry_hold", entry), {"reason": "eerst eten"})
    assert fresh(entry).is_on_hold is True


def test_what_helps_links_only_to_where_one_may_go(browser, entry):
    entry.waitlist.reasons = [{"code": "people_awaiting_judgement", "args": {"count": 1}}]
    entry.waitlist.save()
    queue = f'href="{reverse("intake:queue")}">To judge '
    assert queue not in text_of(browser.get(page(entry.waitlist)))
    social_worker = make_social_worker(municipalities=[make_municipality()])
    assert queue in text_of(browser_of(social_worker).get(page(entry.waitlist)))
