"""R23: lists and areas on manual and back: who may, what is kept, what the board says."""

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.enums import HistoryCode
from groups.exceptions import NotAllowed
from groups.models import HistoryEntry, Waitlist
from groups.services.modes import set_area_mode, set_list_mode
from tests.factories.accounts import make_coordinator, make_group_worker, make_social_worker
from tests.factories.groups import NOW, fresh, make_entry, make_offer, make_waitlist
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db
LISTS = "/groepen/wachtlijsten/"
WHY = "De leider wil eerst iedereen spreken"


@pytest.fixture
def coba():
    return make_coordinator("Coba", last_name="Kok")


@pytest.fixture
def waitlist():
    return make_waitlist()


def list_page(waitlist):
    return reverse("groups:waitlist_mode", args=[waitlist.pk])


def area_page(catchment):
    return reverse("groups:area_mode", args=[catchment.pk])


def effective(waitlist):
    return Waitlist.objects.select_related("catchment").get(pk=waitlist.pk).waits_for_click


def changes(**subject):
    rows = HistoryEntry.objects.filter(code=HistoryCode.MODE_CHANGED, **subject).order_by("pk")
    return [
        (row.by.first_name, row.args["scope"], row.args["before"], row.args["after"], row.args["why"]) for row in rows
    ]


# --- the services


def test_automatic_is_usual_and_a_list_keeps_who_put_it_on_manual_and_why(waitlist, coba):
    assert not effective(waitlist)
    set_list_mode(waitlist=waitlist, manual=True, reason=f" {WHY} ", by=coba, now=NOW)
    assert effective(waitlist)
    set_list_mode(waitlist=waitlist, manual=False, reason="Iedereen is gesproken", by=coba, now=NOW)
    assert not effective(waitlist)
    assert changes(waitlist=waitlist) == [
        ("Coba", "list", False, True, WHY),
        ("Coba", "list", True, False, "Iedereen is gesproken"),
    ]


def test_a_whole_area_keeps_it_on_every_list_and_lists_to_come_follow(waitlist, coba):
    other, elsewhere = make_waitlist(catchment=waitlist.catchment), make_waitlist()
    set_area_mode(catchment=waitlist.catchment, manual=True, reason=WHY, by=coba, now=NOW)
    later = make_waitlist(make_offer(), catchment=waitlist.catchment)
    assert [effective(row) for row in (waitlist, other, later, elsewhere)] == [True, True, True, False]
    kept = [("Coba", "area", False, True, WHY)]
    assert [changes(waitlist=row) for row in (waitlist, other)] == [kept, kept]
    assert changes(catchment=waitlist.catchment) == kept
    assert changes(waitlist=elsewhere) == []


def test_an_area_where_nobody_ever_waited_keeps_who_and_why(coba):
    area = make_neighbourhood().catchment
    set_area_mode(catchment=area, manual=True, reason=WHY, by=coba, now=NOW)
    assert changes(catchment=area) == [("Coba", "area", False, True, WHY)]
    assert effective(make_waitlist(catchment=area))


@pytest.mark.parametrize("manual", [True, False])
def test_a_change_makes_the_lists_due_at_once(waitlist, coba, manual):
    other = make_waitlist(catchment=waitlist.catchment)
    Waitlist.objects.update(is_manual=not manual, due_at=None)
    set_list_mode(waitlist=waitlist, manual=manual, reason=WHY, by=coba, now=NOW)
    assert (fresh(waitlist).due_at, fresh(other).due_at) == (NOW, None)
    waitlist.catchment.is_manual = not manual
    waitlist.catchment.save()
    set_area_mode(catchment=waitlist.catchment, manual=manual, reason=WHY, by=coba, now=NOW)
    assert fresh(other).due_at == NOW


def test_a_list_that_is_on_manual_itself_stays_so_when_its_area_goes_back(waitlist, coba):
    set_list_mode(waitlist=waitlist, manual=True, reason=WHY, by=coba, now=NOW)
    for manual in (True, False):
        set_area_mode(catchment=waitlist.catchment, manual=manual, reason=WHY, by=coba, now=NOW)
    assert effective(waitlist)
    words = text_of(browser_of(coba).get(reverse("groups:waitlist", args=[waitlist.pk])))
    assert "the whole area automatic again (this list stays on manual): De leider wil" in words


@pytest.mark.parametrize(
    ("manual", "reason", "code"), [(True, " ", "reason_missing"), (False, "x", "mode_is_so_already")]
)
def test_without_a_reason_or_a_change_nothing_is_written(waitlist, coba, manual, reason, code):
    with pytest.raises(NotAllowed, match=code):
        set_list_mode(waitlist=waitlist, manual=manual, reason=reason, by=coba, now=NOW)
    with pytest.raises(NotAllowed, match=code):
        set_area_mode(catchment=waitlist.catchment, manual=manual, reason=reason, by=coba, now=NOW)
    assert not effective(waitlist)
    assert not HistoryEntry.objects.exists()


# --- the pages


@pytest.mark.parametrize("make_user", [make_group_worker, make_social_worker])
def test_only_the_coordinator_puts_on_manual(waitlist, make_user):
    browser = browser_of(make_user(municipalities=[make_municipality()]))
    for page in (list_page(waitlist), area_page(waitlist.catchment)):
        assert browser.get(page).status_code == 403
        assert browser.post(page, {"manual": "yes", "reason": WHY}).status_code == 403
    assert page not in text_of(browser.get(reverse("groups:waitlist", args=[waitlist.pk])))
    assert not effective(waitlist)


def test_the_coordinator_puts_a_list_on_manual_and_the_board_says_so(waitlist, coba):
    make_entry(waitlist, now=timezone.localtime())
    browser = browser_of(coba)
    home = reverse("groups:waitlist", args=[waitlist.pk])
    assert f'href="{list_page(waitlist)}"' in text_of(browser.get(home))
    assert "on manual</span>" not in text_of(browser.get(LISTS))
    words = text_of(browser.get(list_page(waitlist)))
    assert "Nothing starts by itself any more." in words
    assert 'name="manual" value="yes"' in words
    answer = browser.post(list_page(waitlist), {"manual": "yes", "reason": WHY})
    assert (answer.status_code, answer.url) == (302, home)
    assert "on manual</span>" in text_of(browser.get(LISTS))
    words = text_of(browser.get(home))
    assert "on manual</span>" in words
    assert f"on manual: a group is prepared and starts with one click: {WHY}" in words
    words = text_of(browser.get(list_page(waitlist)))
    assert 'name="manual" value="no"' in words
    assert f'{WHY} <span class="muted">· Coba K.</span>' in words


def test_the_coordinator_puts_an_area_on_manual(waitlist, coba):
    browser, page = browser_of(coba), area_page(waitlist.catchment)
    assert waitlist.offer.name in text_of(browser.get(page))
    assert browser.post(page, {"manual": "yes", "reason": WHY}).url == page
    words = text_of(browser.get(page))
    assert f"the whole area on manual: a group is prepared and starts with one click: {WHY}" in words
    assert f"All of {waitlist.catchment} is on manual, so this list is too." in text_of(
        browser.get(list_page(waitlist))
    )
    assert "Nobody has waited here yet." in text_of(browser.get(area_page(make_neighbourhood("Leeg").catchment)))


def test_pressed_twice_is_once_and_the_second_is_told_kindly(waitlist, coba):
    browser = browser_of(coba)
    for _time in range(2):
        answer = browser.post(list_page(waitlist), {"manual": "yes", "reason": WHY}, follow=True)
        assert answer.status_code == 200
    assert "It is on manual already." in text_of(answer)
    assert len(changes(waitlist=waitlist)) == 1


@pytest.mark.parametrize("data", [{}, {"manual": "yes", "reason": "  "}, {"manual": "misschien", "reason": "x"}])
def test_what_is_missing_stands_at_its_field_and_changes_nothing(waitlist, coba, data):
    for page in (list_page(waitlist), area_page(waitlist.catchment)):
        answer = browser_of(coba).post(page, data)
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) <= {"manual", "reason"}
    assert not effective(waitlist)


def test_the_page_of_an_area_costs_the_same_with_one_list_or_three(waitlist, coba):
    browser = browser_of(coba)
    count = statements(browser, area_page(waitlist.catchment))
    for _number in range(2):
        make_waitlist(catchment=waitlist.catchment)
    set_area_mode(catchment=waitlist.catchment, manual=True, reason=WHY, by=coba, now=NOW)
    assert statements(browser, area_page(waitlist.catchment)) == count


@pytest.mark.parametrize(("on_list", "on_area"), [(True, False), (False, True)])
def test_a_prepared_list_is_a_state_of_its_own_on_the_board(waitlist, coba, on_list, on_area):
    make_entry(waitlist, now=timezone.localtime())
    args = {"people": 4, "date": "2027-01-12", "weekday": 1, "part": "evening", "time": "19:30"}
    Waitlist.objects.update(is_manual=on_list, reasons=[{"code": "ready_by_click", "args": args}], placeable_count=4)
    waitlist.catchment.is_manual = on_area
    waitlist.catchment.save()
    browser, name = browser_of(coba), f">{waitlist.offer.name}</a>"
    found = {
        state
        for state in ("few", "blocked", "ready", "no_start", "prepared", "empty")
        if name in text_of(browser.get(LISTS, {"state": state}))
    }
    assert found == {"prepared"}
    words = text_of(browser.get(LISTS))
    assert "ready, waits for a click</span>" in words
    assert "Ready to start: 4 participants, Tue 12 Jan 19:30; a group worker only has to press start." in words
