"""Reporting's pages in a real browser, at desk and phone width: axe finds nothing, nothing scrolls sideways."""

import pytest
from django.utils import timezone

from groups.enums import LeaveReason, TalkMoment
from groups.models import Cycle, Waitlist
from groups.services.waitlists import leave_waitlist, set_sizes
from tests.browser import DESKTOP, PHONE, assert_accessible
from tests.factories.accounts import make_coordinator, make_social_worker, make_team_member
from tests.factories.groups import join_team, make_cycle, make_entry, make_offer, make_waitlist, ready_waitlist, sweep
from tests.reporting.test_today import refer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cycle():
    """A formed group whose people must be called, and lists in every state around it."""
    now = timezone.now()
    formed = make_cycle(3, now=now)
    formed.participations.update(call_from=timezone.localdate(now))
    Cycle.objects.filter(pk=formed.pk).update(soft_maximum=9)
    make_entry(ready_waitlist(1, now=now), now=now)
    gone = make_entry(make_waitlist(make_offer(minimum=None)), now=now)
    make_entry(gone.waitlist, now=now)
    make_entry(make_waitlist(make_offer(talk_moment=TalkMoment.BEFORE_PLACEMENT)), now=now)
    leave_waitlist(entry=gone, reason=LeaveReason.TOO_LONG, by=formed.lead, now=now)
    sweep(now)
    return formed


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_today_is_accessible_for_who_works_with_people(open_page, cycle, viewport):
    place = cycle.waitlist.catchment
    member = make_team_member()
    join_team(member, place)
    refer(member, now=timezone.now(), neighbourhood=place.neighbourhoods.get())
    for user in (cycle.lead, member, make_social_worker(municipalities=[place.municipality])):
        page = open_page(viewport=viewport, user=user)
        page.goto("/")
        assert page.locator(".panel").count() + page.locator(".task").count() > 1
        assert_accessible(page)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_coordinators_pages_are_accessible(open_page, cycle, viewport):
    user, waitlist = make_coordinator(), Waitlist.objects.filter(offer__minimum=3, cycles=None).earliest("pk")
    set_sizes(waitlist=waitlist, minimum=2, reason="Kleine wijk", by=user, now=timezone.now())
    page = open_page(viewport=viewport, user=user)
    for url in ("/", "/overzicht/", "/overzicht/minimum/", f"/overzicht/minimum/{waitlist.pk}/"):
        page.goto(url)
        for closed in page.locator("main details:not([open]) > summary").all():
            closed.click()
        assert_accessible(page)


def test_a_refused_minimum_keeps_what_was_typed(open_page, cycle):
    waitlist = Waitlist.objects.filter(offer__minimum=3, cycles=None).earliest("pk")
    page = open_page(user=make_coordinator())
    page.goto(f"/overzicht/minimum/{waitlist.pk}/")
    page.get_by_label("Minimum").fill("0")
    page.get_by_label("Waarom?").fill("Kleine wijk")
    page.get_by_role("button", name="Opslaan").click()
    assert page.get_by_label("Waarom?").input_value() == "Kleine wijk"
    assert page.locator("[data-error-summary]").inner_text().endswith("Minimum: Een minimum is ten minste 1.")
    assert_accessible(page)
