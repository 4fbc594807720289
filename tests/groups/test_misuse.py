"""What people do by mistake or both at once is refused or resolved with words, and nothing is half-written."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from groups.enums import CycleState, HistoryCode, LeaveReason
from groups.exceptions import NotAllowed
from groups.models import Cycle
from groups.services.cycles import move_cycle, settle_cycles
from groups.services.waitlists import leave_waitlist, set_sizes
from tests.factories.accounts import make_coordinator
from tests.factories.groups import NOW, fresh, make_cycle, make_offer, make_waitlist, make_worker, ready_waitlist
from tests.groups.pages import browser_of, text_of

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)


# --- a cycle moved into the past


@pytest.mark.parametrize("weeks", [-1, -9])
def test_a_cycle_is_not_moved_into_the_past(weeks):
    cycle = make_cycle()
    days = list(cycle.sessions.values_list("date", flat=True).order_by("number"))
    with pytest.raises(NotAllowed, match="in_the_past"):
        move_cycle(cycle=cycle, weeks=weeks, now=NOW, by=cycle.lead)
    assert list(cycle.sessions.values_list("date", flat=True).order_by("number")) == days
    assert not cycle.history.filter(code=HistoryCode.CYCLE_MOVED).exists()


def test_a_cycle_moved_forward_stays_ahead_of_today():
    cycle = make_cycle()
    move_cycle(cycle=cycle, weeks=1, now=NOW, by=cycle.lead)
    move_cycle(cycle=cycle, weeks=-1, now=NOW, by=cycle.lead)
    assert fresh(cycle).starts_on == cycle.starts_on
    with pytest.raises(NotAllowed, match="in_the_past"):
        move_cycle(cycle=cycle, weeks=1, now=NOW + 2 * WEEK, by=cycle.lead)


def test_a_short_cycle_that_nobody_looked_at_for_weeks_moves_ahead_of_today():
    cycle = make_cycle()
    Cycle.objects.filter(pk=cycle.pk).update(minimum=5)
    late = NOW + 4 * WEEK
    settle_cycles(now=late)
    moved = fresh(cycle)
    assert (moved.state, moved.starts_on) == (CycleState.FORMED, cycle.starts_on + 4 * WEEK)
    assert moved.starts_on > late.date()


# --- a minimum above the maximum


@pytest.mark.parametrize(
    ("sizes", "code"),
    [
        ({"minimum": 11}, "sizes_out_of_order"),
        ({"minimum": 5, "soft_maximum": 4}, "sizes_out_of_order"),
        ({"minimum": 13, "soft_maximum": 13}, "maximum_above_hard"),
        ({"minimum": 3, "soft_maximum": 9, "hard_maximum": 8}, "maximum_above_hard"),
        ({"minimum": 0}, "minimum_too_low"),
    ],
)
def test_a_minimum_above_the_maximum_is_refused_and_nothing_is_kept(sizes, code):
    waitlist = make_waitlist()
    with pytest.raises(NotAllowed, match=code):
        set_sizes(waitlist=waitlist, reason="Omdat", by=make_coordinator(), now=NOW, **sizes)
    kept = fresh(waitlist)
    assert (kept.own_minimum, kept.own_soft_maximum, kept.own_hard_maximum) == (None, None, None)
    assert not waitlist.history.exists()


def test_a_minimum_above_the_hard_maximum_is_refused_where_there_is_no_other():
    waitlist = make_waitlist(make_offer(soft_maximum=None, hard_maximum=12))
    with pytest.raises(NotAllowed, match="sizes_out_of_order"):
        set_sizes(waitlist=waitlist, minimum=13, reason="Omdat", by=make_coordinator(), now=NOW)


# --- a start by hand that is clicked twice


def by_hand(waitlist, browser):
    """The form as a group worker sends it: the first who wait, on the proposal that suits most."""
    url = reverse("groups:cycle_form", args=[waitlist.pk])
    form = browser.get(url).context["form"]
    return url, {"entries": form["entries"].initial, "slot": form["slot"].initial, "reason": "Vast beginnen"}


def test_a_form_by_hand_that_is_sent_twice_is_one_cycle_and_the_second_is_told_kindly():
    waitlist = ready_waitlist(2, now=timezone.localtime())
    wil, wim = (make_worker(name, lead=True, municipality=waitlist.catchment.municipality) for name in ("Wil", "Wim"))
    url, data = by_hand(waitlist, browser_of(wil))
    first = browser_of(wil).post(url, data)
    cycle = Cycle.objects.get()
    assert first.url == reverse("groups:cycle", args=[cycle.pk])
    for user in (wil, wim):
        again = browser_of(user).post(url, data, follow=True)
        assert again.redirect_chain == [(first.url, 302)]
        assert f"This group has been started already, by {wil.short_name} on " in text_of(again)
    assert Cycle.objects.count() == 1
    assert cycle.participations.count() == 2


def test_who_chose_somebody_that_has_a_place_meanwhile_chooses_again_and_nothing_typed_is_lost():
    waitlist = ready_waitlist(2, now=timezone.localtime())
    wil = make_worker("Wil", lead=True, municipality=waitlist.catchment.municipality)
    url, data = by_hand(waitlist, browser_of(wil))
    gone = waitlist.entries.order_by("pk").first()
    leave_waitlist(entry=gone, reason=LeaveReason.SOLVED, by=wil, now=timezone.localtime())
    answer = browser_of(wil).post(url, data)
    assert answer.status_code == 422
    assert "Somebody you chose cannot be placed any more. Choose again." in text_of(answer)
    assert "Vast beginnen" in text_of(answer)
    assert not Cycle.objects.exists()


@pytest.mark.parametrize("entries", [["x"], ["9" * 30], ["-1"], []])
def test_made_up_people_are_refused_with_words(entries):
    waitlist = ready_waitlist(2, now=timezone.localtime())
    wil = make_worker("Wil", lead=True, municipality=waitlist.catchment.municipality)
    url, data = by_hand(waitlist, browser_of(wil))
    assert browser_of(wil).post(url, data | {"entries": entries}).status_code == 422
    assert not Cycle.objects.exists()
