"""The coordinator's figures: each counted by hand here."""

import datetime as dt

import pytest

from groups.enums import CycleState, LeaveReason
from groups.models import Cycle, Participation, Waitlist
from groups.services.cycles import cancel_cycle
from groups.services.invitations import answer_invitation
from groups.services.waitlists import leave_waitlist
from neighbourhoods.enums import CatchmentLevel
from reporting.queries.overview import chosen_lists, page
from tests.factories.accounts import make_coordinator, make_team_member
from tests.factories.groups import NOW, TODAY, make_cycle, make_entry, make_offer, make_waitlist, sweep
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood, make_region

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def figures(user=None, **chosen):
    return page(chosen_lists(user or make_coordinator(), **chosen), today=TODAY)


def only_row(context):
    [area] = context["areas"]
    [row] = area.rows
    return row


def test_days_are_those_of_who_waits_now():
    waitlist = make_waitlist(make_offer(minimum=6))
    for days in (2, 10, 30, 31):
        make_entry(waitlist, days=days)
    left = make_entry(waitlist, days=500)
    leave_waitlist(entry=left, reason=LeaveReason.MOVED, by=left.judged_by, now=NOW)
    sweep()
    row = only_row(figures())
    assert (row.waiting, row.placeable, row.median_days, row.longest_days) == (4, 4, 20, 31)


def test_empty_list_has_no_days():
    make_waitlist()
    row = only_row(figures())
    assert (row.waiting, row.median_days, row.longest_days, row.started, row.lost) == (0, None, None, 0, 0)


def test_lost_while_waiting_counts_each_reason_in_the_period():
    waitlist = make_waitlist()
    for reason, ago in [("too_long", 1), ("too_long", 89), ("no_contact", 30), ("too_long", 91)]:
        entry = make_entry(waitlist)
        leave_waitlist(entry=entry, reason=LeaveReason(reason), by=entry.judged_by, now=NOW - ago * DAY)
    row = only_row(figures())
    assert row.lost == 3
    assert row.lost_reasons == [(LeaveReason.TOO_LONG.label, 2), (LeaveReason.NO_CONTACT.label, 1)]


def test_a_no_to_a_place_is_not_lost_while_waiting():
    cycle = make_cycle(4)
    by = cycle.lead
    stays, leaves, *_rest = Participation.objects.filter(cycle=cycle).order_by("pk")
    answer_invitation(participation=leaves, coming=False, stays=False, now=NOW, by=by)
    answer_invitation(participation=stays, coming=False, now=NOW, by=by)
    assert only_row(figures()).lost == 0
    # Back on the list after that no, and gone later: that is lost while waiting.
    leave_waitlist(entry=stays.entry, reason=LeaveReason.TOO_LONG, by=by, now=NOW + DAY)
    assert only_row(page(chosen_lists(make_coordinator("Nog")), today=TODAY + DAY)).lost == 1


def test_started_counts_formed_groups_and_names_those_called_off():
    kept = make_cycle(3)
    old = make_cycle(3)
    off = make_cycle(3)
    cancel_cycle(cycle=off, reason="nobody_left", now=NOW, by=off.lead)
    Cycle.objects.filter(pk=old.pk).update(formed_at=NOW - 100 * DAY)
    rows = {row.waitlist.pk: row for area in figures()["areas"] for row in area.rows}
    counted = {pk: (row.started, row.started_ever, row.not_started) for pk, row in rows.items()}
    assert counted == {kept.waitlist_id: (1, 1, 0), off.waitlist_id: (0, 0, 1), old.waitlist_id: (0, 1, 0)}


def test_days_to_first_session_counts_who_began():
    cycle = make_cycle(3)
    assert figures()["first_session_days"] is None
    Cycle.objects.filter(pk=cycle.pk).update(state=CycleState.RUNNING, starts_on=TODAY)
    later = page(chosen_lists(make_coordinator("Nog")), today=TODAY)
    assert (later["first_session_days"], later["first_session_people"]) == (29, 3)


def test_areas_are_municipalities_by_name_and_the_region_last():
    region = make_region()
    offer = make_offer(level=CatchmentLevel.REGION)
    make_entry(make_waitlist(offer, catchment=region), client=make_entry(make_waitlist(make_offer())).client)
    uitgeest = make_neighbourhood("De Koog", make_municipality("Uitgeest", "GM0450"))
    make_waitlist(neighbourhood=uitgeest)
    areas = figures()["areas"]
    assert [(area.name, area.waiting) for area in areas] == [("Beverwijk", 1), ("Uitgeest", 0), ("Regio", 1)]


def test_filters_narrow_to_one_municipality_and_one_offer():
    offer = make_offer(slug="kracht")
    here = make_waitlist(offer)
    make_waitlist()
    there = make_waitlist(offer, neighbourhood=make_neighbourhood("De Koog", make_municipality("Uitgeest", "GM0450")))
    user = make_coordinator()
    assert set(chosen_lists(user, offer="kracht")) == {here, there}
    assert set(chosen_lists(user, offer="kracht", municipality="GM0450")) == {there}


def test_who_places_nobody_sees_no_figures():
    make_entry(make_waitlist())
    assert figures(make_team_member())["areas"] == []


def test_sums_are_those_of_the_rows():
    for days in (5, 40):
        make_entry(make_waitlist(), days=days)
    sweep()
    context = figures()
    [area] = context["areas"]
    assert (area.waiting, area.median_days, area.longest_days) == (2, 22, 40)
    assert (context["waiting"], context["placeable"], context["longest_days"]) == (2, 2, 40)
    assert Waitlist.objects.count() == 2
