"""R19 through the services: reasons and what would unblock a list change when the facts do, at the next sweep."""

import datetime as dt

import pytest

from clients.models import Exclusion
from groups.enums import TalkMoment
from groups.services.capacity import change_weekly_availability
from groups.services.waitlists import hold_entry, record_talk, release_entry, set_sizes
from tests.factories.accounts import make_coordinator
from tests.factories.groups import (
    NOW,
    TODAY,
    fresh,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    staff_member,
    sweep,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def waitlist():
    return make_waitlist()


def told(waitlist):
    """(reasons, changes) as codes, after a sweep."""
    sweep()
    row = fresh(waitlist)
    return [reason["code"] for reason in row.reasons], [change["code"] for change in row.unblocks]


def test_a_higher_minimum_then_a_lower_one(waitlist):
    make_team_and_room(waitlist)
    for _number in range(2):
        make_entry(waitlist)
    assert told(waitlist) == (["need_more"], ["with_newcomers", "with_minimum"])
    sizes = {"reason": "proef", "by": make_coordinator(), "now": NOW}
    set_sizes(waitlist=fresh(waitlist), minimum=4, **sizes)
    sweep()
    assert fresh(waitlist).unblocks[1]["args"]["count"] == 2
    assert fresh(waitlist).reasons == [{"code": "need_more", "args": {"needed": 2, "minimum": 4}}]
    set_sizes(waitlist=fresh(waitlist), minimum=2, **sizes)
    assert told(waitlist) == (["nobody_waits"], []), "it started"


def test_a_leaders_hours_come_and_go(waitlist):
    lead, _second, _room = make_team_and_room(waitlist)
    evening = [(4, dt.time(18), dt.time(19))]
    change_weekly_availability(user=lead, windows=evening, by=lead, now=NOW)
    for _number in range(3):
        make_entry(waitlist)
    assert told(waitlist) == (["no_leader"], ["with_leader"])
    assert fresh(waitlist).unblocks[0]["args"]["hours"] is True
    change_weekly_availability(user=lead, windows=[(1, dt.time(9), dt.time(12))], by=lead, now=NOW)
    assert told(waitlist) == (["nobody_waits"], [])


def test_a_hold_is_released(waitlist):
    make_team_and_room(waitlist)
    entries = [make_entry(waitlist) for _number in range(2)]
    entries.append(make_entry(waitlist, on_hold=True, hold_reason="eerst wonen"))
    assert told(waitlist) == (
        ["need_more", "people_on_hold"],
        ["with_releases", "with_newcomers", "with_minimum"],
    )
    assert fresh(entries[2]).reasons == [{"code": "on_hold", "args": {}}]
    hold_entry(entry=entries[1], reason="eerst de huur", by=staff_member(), now=NOW)
    assert told(waitlist) == (["need_more", "people_on_hold"], ["with_releases", "with_newcomers"])
    assert fresh(waitlist).unblocks[0]["args"]["count"] == 2
    for entry in entries[1:]:
        release_entry(entry=fresh(entry), by=staff_member(), now=NOW)
    assert told(waitlist) == (["nobody_waits"], [])


def test_a_talk_is_held():
    waitlist = make_waitlist(make_offer(talk_moment=TalkMoment.BEFORE_PLACEMENT))
    make_team_and_room(waitlist)
    entries = [make_entry(waitlist) for _number in range(3)]
    assert told(waitlist) == (["need_more", "people_talk_first"], ["with_talks", "with_newcomers"])
    for entry in entries:
        record_talk(entry=entry, held_on=TODAY, by=staff_member(), now=NOW)
    assert told(waitlist) == (["nobody_waits"], [])


def test_what_is_kept_names_nobody(waitlist):
    """R18: with an exclusion on the list, reasons and changes hold codes, counts and moments only."""
    make_team_and_room(waitlist)
    entries = [make_entry(waitlist) for _number in range(3)]
    first, other = sorted((entry.client for entry in entries[:2]), key=lambda client: client.pk)
    Exclusion.objects.create(client=first, other=other, recorded_by=staff_member(), recorded_at=NOW)
    assert told(waitlist) == (["not_all_together"], ["with_newcomers", "with_minimum"])
    known = {"count", "then", "minimum", "weekday", "part", "date", "time"}
    assert all(set(change["args"]) <= known for change in fresh(waitlist).unblocks)
