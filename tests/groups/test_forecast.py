"""The forecast of real lists agrees with what then happens, costs the same however many, and tells nobody's secret."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.enums import RoleName
from groups.engine import Reason
from groups.engine.forecast import Forecast
from groups.enums import EntryState
from groups.forecast import MOST_LISTS, forecast_entries, forecast_newcomer, forecast_text, part_of_month
from groups.models import Cycle, Waitlist, WaitlistEntry
from groups.services.facts import load_facts, load_facts_of_several
from groups.services.modes import set_list_mode
from groups.services.waitlists import hold_entry
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Room
from tests.factories.accounts import make_user
from tests.factories.groups import (
    NOW,
    fresh,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    ready_waitlist,
    staff_member,
    sweep,
)
from tests.factories.neighbourhoods import make_region

pytestmark = pytest.mark.django_db


def newcomer(waitlist, now=NOW, **person):
    return forecast_newcomer([waitlist], now=now, age=40, sex="female", **person)[0]


def starts_on(entry):
    seat = fresh(entry).participations.get()
    return seat.cycle.starts_on


def give_rate(waitlist, joined, *, now=NOW):
    """A list that is old enough to know its rate: this many came in the last twelve weeks and got a place."""
    for number in range(joined + 1):
        entry = make_entry(waitlist, now=now)
        moment = now - (dt.timedelta(weeks=13) if number == 0 else dt.timedelta(weeks=2))
        WaitlistEntry.objects.filter(pk=entry.pk).update(joined_at=moment, state=EntryState.PLACED)


def test_who_completes_a_group_begins_on_the_day_that_was_told():
    waitlist = ready_waitlist(2)
    told = newcomer(waitlist)
    entry = make_entry(waitlist, days=0)
    sweep()
    assert told == Forecast("starts", on=starts_on(entry))


def test_who_joins_a_formed_group_begins_on_the_day_that_was_told():
    waitlist = ready_waitlist(3)
    sweep()
    told = newcomer(waitlist)
    entry = make_entry(waitlist, days=0)
    sweep()
    assert Cycle.objects.count() == 1
    assert told == Forecast("joins", on=starts_on(entry))


def test_with_people_missing_the_day_is_as_told_when_they_come_then():
    waitlist = ready_waitlist(1)
    give_rate(waitlist, 6)
    told = newcomer(waitlist)
    assert told.code == "expected"
    entry = make_entry(waitlist, days=0)
    sweep()
    assert fresh(entry).state == EntryState.WAITING
    # At half a sign-up a week the first of ten comes within two days, the last of ten after more than four weeks.
    make_entry(waitlist, days=0, now=NOW + dt.timedelta(days=1))
    sweep(NOW + dt.timedelta(days=1))
    assert told.on == starts_on(entry)


def test_a_blocked_list_says_what_its_page_says():
    waitlist = ready_waitlist(2)
    Room.objects.update(is_active=False)
    told = newcomer(waitlist)
    make_entry(waitlist, days=0)
    sweep()
    assert told.code == "unknown"
    assert [told.why.as_data()] == fresh(waitlist).reasons


def test_a_list_on_manual_is_ready_and_waits_for_a_click():
    waitlist = ready_waitlist(2)
    set_list_mode(waitlist=waitlist, manual=True, reason="proef", by=staff_member(), now=NOW)
    assert newcomer(fresh(waitlist)).code == "by_click"


def test_what_is_still_to_do_for_somebody_who_waits_is_taken_as_done_but_not_basic_needs():
    waitlist = ready_waitlist(2)
    entry = make_entry(waitlist, placeable=False, days=0)
    assert forecast_entries([entry], now=NOW)[entry.pk].code == "starts"
    hold_entry(entry=entry, reason="geen woning", by=staff_member(), now=NOW)
    assert forecast_entries([entry], now=NOW)[entry.pk].why.code == "on_hold"


def test_asking_writes_nothing():
    waitlist = ready_waitlist(2)
    before = (fresh(waitlist).due_at, WaitlistEntry.objects.count())
    newcomer(waitlist)
    assert (fresh(waitlist).due_at, WaitlistEntry.objects.count()) == before
    assert not Cycle.objects.exists()


def test_several_lists_are_loaded_as_each_by_itself():
    make_region()
    first = ready_waitlist(2)
    region = Catchment.objects.get(level=CatchmentLevel.REGION)
    theme = make_waitlist(make_offer(level=CatchmentLevel.REGION), catchment=region)
    make_team_and_room(theme)
    make_entry(theme)
    sweep()
    ready = ready_waitlist(3)
    sweep()
    lists = list(Waitlist.objects.select_related("offer", "catchment").order_by("pk"))
    assert {first.pk, theme.pk, ready.pk} == {row.pk for row in lists}
    assert load_facts_of_several(waitlists=lists, now=NOW) == [load_facts(waitlist=row, now=NOW) for row in lists]


def test_ten_lists_cost_as_many_queries_as_one_and_nobody_asks_for_more_than_the_most():
    waitlists = [ready_waitlist(1)]
    counts = []
    for _ in range(2):
        newcomer(waitlists[0])  # what a connection prepares once
        with CaptureQueriesContext(connection) as counted:
            found = forecast_newcomer(waitlists, now=NOW, age=40)
        counts.append(len(counted))
        waitlists = waitlists + [make_waitlist() for _ in range(MOST_LISTS)]
    assert counts[0] == counts[1] <= 5
    assert [row is None for row in found] == [False] * MOST_LISTS + [True]


def test_a_list_nobody_ever_joined_has_a_forecast_too():
    place = make_waitlist().catchment
    unsaved = Waitlist(offer=make_offer(), catchment=place)
    assert newcomer(unsaved).why.code == "forecast_young_list"


def test_what_only_who_places_may_know_is_in_nobody_elses_forecast():
    found = Forecast("unknown", why=Reason("not_all_together"))
    team_member, group_worker = make_user("Tim", RoleName.TEAM_MEMBER), make_user("Gea", RoleName.GROUP_WORKER)
    assert "niet iedereen" in forecast_text(found, group_worker)
    assert "niet iedereen" not in forecast_text(found, team_member)
    assert ":" not in forecast_text(found, team_member, tells_why=False)


@pytest.mark.parametrize(
    ("day", "words"), [(1, "early December"), (10, "early December"), (11, "mid December"), (21, "late December")]
)
def test_a_day_nobody_knows_is_told_as_a_part_of_the_month(day, words):
    with translation.override("en"):
        assert part_of_month(dt.date(2026, 12, day)) == words
